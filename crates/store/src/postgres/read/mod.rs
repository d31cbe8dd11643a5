//! Reads, each by one statement or within one snapshot. Plain functions of a connection.

pub(crate) mod day;
pub(crate) mod directory;
pub(crate) mod lists;
pub(crate) mod office;
pub(crate) mod orders;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod settlement;
pub(crate) mod story;
pub(crate) mod trail;
pub(crate) mod weighing;
