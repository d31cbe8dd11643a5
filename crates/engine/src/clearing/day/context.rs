//! What a step of a business date is given, and why it does not come through.

use std::sync::atomic::{AtomicU64, Ordering};

use heliu_ports::store::{CommitError, StoreError};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::PlatformNo;

use crate::Inner;

/// What a step is given.
pub(crate) struct Context<'a> {
    /// The engine.
    pub(crate) inner: &'a Inner,
    /// The number of this run.
    pub(crate) run_no: PlatformNo,
    done: AtomicU64,
    of: AtomicU64,
}

impl<'a> Context<'a> {
    pub(super) const fn new(inner: &'a Inner, run_no: PlatformNo) -> Self {
        Self {
            inner,
            run_no,
            done: AtomicU64::new(0),
            of: AtomicU64::new(0),
        }
    }

    /// Tells how far the step has come: so many pieces of so many. The lease is kept meanwhile.
    pub(crate) fn advance(&self, done: u64, of: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.of.store(of, Ordering::Relaxed);
    }

    pub(super) fn progress(&self) -> (u64, u64) {
        (
            self.done.load(Ordering::Relaxed),
            self.of.load(Ordering::Relaxed),
        )
    }
}

/// Why a step did not come through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StepError {
    /// The books were away: it is tried again by itself.
    Away(String),
    /// Somebody has to look at it; why.
    Failed(String),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            Self::Away(error.to_string())
        } else {
            Self::Failed(error.to_string())
        }
    }
}

impl From<CommitError> for StepError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Rejected(error) => error.into(),
            CommitError::Store(error) => error.into(),
        }
    }
}

impl From<TradeError> for StepError {
    fn from(error: TradeError) -> Self {
        match error.code {
            ErrorCode::BooksUnavailable | ErrorCode::ServiceUnavailable => {
                Self::Away(error.message)
            }
            _ => Self::Failed(error.message),
        }
    }
}
