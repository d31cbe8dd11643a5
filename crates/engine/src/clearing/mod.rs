//! Clearing: what becomes of merchants' money after it was paid, and what agents are told of it.

pub(crate) mod payouts_asked;
mod subtree;
