//! Random histories of one order: what can happen, how it is played, and what must hold.

pub(crate) mod model;
pub(crate) mod op;
pub(crate) mod play;
pub(crate) mod settle;
