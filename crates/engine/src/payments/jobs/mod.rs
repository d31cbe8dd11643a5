//! What an order still needs, whatever happens to those who asked: a file a job.

pub(crate) mod ask;
pub(crate) mod check_reversal;
pub(crate) mod close_attempt;
pub(crate) mod close_order;
pub(crate) mod expire_order;
pub(crate) mod finish_refund;
pub(crate) mod notify_merchant;
pub(crate) mod query_unknown;
pub(crate) mod reverse_unknown;
