//! What a job's handler has in common with all others: how long it may take, and why it does not
//! finish.

use heliu_ports::store::{CommitError, StoreError};
use heliu_trade::followup::job::Job;
use heliu_trade::id::{MerchantId, OrderNo};

use super::accounts::Busy;
use super::destinations::TurnedAway;

/// How long a worker holds a job, in ms: longer than any handler takes.
pub(crate) const LEASE_MS: i64 = 90_000;
/// Why a handler did not finish; the job is given back.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// The books were away.
    Books(String),
    /// It is not its turn; due again after this many ms.
    Later(i64),
}

impl From<Busy> for Unfinished {
    fn from(Busy(ms): Busy) -> Self {
        Self::Later(ms)
    }
}

impl From<TurnedAway> for Unfinished {
    fn from(TurnedAway(ms): TurnedAway) -> Self {
        Self::Later(ms)
    }
}

impl From<CommitError> for Unfinished {
    fn from(error: CommitError) -> Self {
        Self::Books(error.to_string())
    }
}

impl From<StoreError> for Unfinished {
    fn from(error: StoreError) -> Self {
        Self::Books(error.to_string())
    }
}

/// The order that a job serves, of which merchant.
pub(crate) fn order_of(job: &Job) -> Result<(&MerchantId, OrderNo), Unfinished> {
    let subject = &job.key.subject;
    match subject.owner.merchant() {
        Some(merchant_id) => Ok((merchant_id, OrderNo(subject.no))),
        None => Err(Unfinished::Books(format!("{subject} is no order"))),
    }
}
