//! Rows as values, whichever store they are of: which columns, and what they mean. One file a
//! table, or a few that belong together. Both stores number `$1`, `$2` as they are written here.

pub(crate) mod attempt;
pub(crate) mod damage;
pub(crate) mod day;
pub(crate) mod directory;
pub(crate) mod exchange;
pub(crate) mod journal;
pub(crate) mod lists;
pub(crate) mod office;
pub(crate) mod order;
mod reading;
pub(crate) mod record;
pub(crate) mod refund;
pub(crate) mod settlement;
pub(crate) mod timeline;
