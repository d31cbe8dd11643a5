//! Why the office does not do something: what, and what to do about it.

use std::fmt;

use heliu_engine::enrolment::Faults;
use heliu_ports::keys::KeyError;
use heliu_ports::store::{CommitError, StoreError};
use heliu_trade::error::TradeError;

/// Why something was not done. Nothing has changed, unless the books were away.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// It is not there, or does not fit.
    #[error("{0}")]
    Refused(Told),
    /// The actor may not do it.
    #[error("{0}")]
    Forbidden(Told),
    /// What was entered is wrong; all that is.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The rules of money refuse it.
    #[error(transparent)]
    Trade(#[from] TradeError),
    /// The books are away; whether a change was written is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wrong.
    pub what: String,
    /// What to do; empty if that is plain.
    pub cure: String,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if self.cure.is_empty() {
            return Ok(());
        }
        write!(f, "\n  cure  {}", self.cure)
    }
}

impl OfficeError {
    /// It is not there, or does not fit.
    pub fn new(what: impl Into<String>) -> Self {
        Self::with_cure(what.into(), "")
    }

    /// The same with what to do about it.
    pub fn with_cure(what: impl fmt::Display, cure: impl Into<String>) -> Self {
        Self::Refused(Told {
            what: what.to_string(),
            cure: cure.into(),
        })
    }
}

impl From<CommitError> for OfficeError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Rejected(error) => Self::Trade(error),
            CommitError::Store(error) => Self::Store(error),
        }
    }
}
