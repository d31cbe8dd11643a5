//! Rows as values: which columns, and what they mean. One file a table.

pub(crate) mod attempt;
pub(crate) mod exchange;
pub(crate) mod journal;
pub(crate) mod order;
pub(crate) mod refund;
pub(crate) mod timeline;
