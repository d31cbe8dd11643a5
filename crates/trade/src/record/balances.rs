//! What stands on an owner's accounts, for decisions that weigh it.

use std::collections::BTreeMap;

use crate::followup::subject::Owner;
use crate::ledger::Account;

use super::Record;

/// What stands on the accounts of one owner, in fen: debits less credits. It was read under a lock
/// that keeps every other decision that weighs the same owner's balances out until this one's
/// transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    /// Whose.
    pub owner: Owner,
    /// By account; what is not named is zero.
    pub fen: BTreeMap<Account, i64>,
}

/// What the books hold of what a step is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What the step wants, in its order; what is not there is absent.
    pub records: Vec<Option<Record>>,
    /// The balances of the owner whom the step weighs
    /// ([`RecordStep::weighs`](crate::records::RecordStep::weighs)).
    pub balances: Option<Balances>,
}

impl From<Vec<Option<Record>>> for Loaded {
    fn from(records: Vec<Option<Record>>) -> Self {
        Self {
            records,
            balances: None,
        }
    }
}
