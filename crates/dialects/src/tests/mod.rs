//! What the tests of several dialects share.

pub(crate) mod orders;
pub(crate) mod shared;
