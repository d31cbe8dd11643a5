//! What can go wrong below the port, and how a caller hears of it.

use heliu_ports::store::FeeTreeChanged;
use heliu_ports::store::{StoreError, StoreErrorKind};
use heliu_trade::fee::schedule::NotNext;
use heliu_trade::parties::Misplaced;
use rusqlite::ErrorCode;

use crate::columns::Damaged;
use crate::condition::Condition;

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// SQLite said no.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file, or its log, cannot be read, or not be put aside.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// A row holds what no version of this program writes.
    #[error("a row is damaged: {0}")]
    Damaged(String),
    /// A value does not go into a row.
    #[error("cannot be written: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// An order's row is not the one that was read.
    #[error("order {0} was changed beside the books' writer")]
    Stale(String),
    /// A party does not fit where it is put.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
    /// A version of fees does not follow the newest.
    #[error(transparent)]
    NotNext(#[from] NotNext),
    /// What was looked at has changed.
    #[error(transparent)]
    FeeTree(#[from] FeeTreeChanged),
    /// The core or the writer stopped at an assertion.
    #[error("a fault of this program; see its standard error")]
    Panicked,
}

impl Fault {
    /// Whether one command is to blame, so that the others of its batch deserve another try.
    pub(crate) fn blames_one_command(&self) -> bool {
        match self {
            Self::Sqlite(error) => !matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DatabaseCorrupt
                        | ErrorCode::NotADatabase
                        | ErrorCode::OutOfMemory
                        | ErrorCode::PermissionDenied
                        | ErrorCode::FileLockingProtocolFailed
                )
            ),
            Self::Unreadable(_) => false,
            Self::Damaged(_)
            | Self::Unwritable(_)
            | Self::Stale(_)
            | Self::Misplaced(_)
            | Self::NotNext(_)
            | Self::FeeTree(_)
            | Self::Panicked => true,
        }
    }

    /// What kind it is for a caller.
    pub(crate) fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Sqlite(_) if self.is_damage() => StoreErrorKind::Damaged,
            Self::Sqlite(_) if self.blames_one_command() => StoreErrorKind::Refused,
            Self::Sqlite(_) | Self::Unreadable(_) => StoreErrorKind::Unavailable,
            Self::Damaged(_) => StoreErrorKind::Damaged,
            Self::Unwritable(_) | Self::Panicked => StoreErrorKind::Refused,
            Self::Stale(_) | Self::Misplaced(_) | Self::NotNext(_) | Self::FeeTree(_) => {
                StoreErrorKind::Conflict
            }
        }
    }

    /// As a caller hears it; damage is kept in mind.
    pub(crate) fn noted(self, condition: &Condition) -> StoreError {
        let is_damage = self.is_damage();
        let error = StoreError::from(self);
        if is_damage {
            condition.spoiled(&error);
        }
        error
    }

    /// Whether the file is damaged, so that no repetition helps.
    fn is_damage(&self) -> bool {
        let Self::Sqlite(error) = self else {
            return false;
        };
        matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )
    }
}

impl From<Damaged> for Fault {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged.0)
    }
}

impl From<Fault> for StoreError {
    /// For operators: in the log, at `/readyz`, at the operators' socket. Merchants hear none of
    /// it.
    fn from(fault: Fault) -> Self {
        let cure = match &fault {
            Fault::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => {
                    "; make room on the disk, the books go on by themselves"
                }
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    "; make file and folder writable"
                }
                Some(ErrorCode::SystemIoFailure) => {
                    "; look at the disk and the system's log, the books go on once it takes writes"
                }
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    "; stop, keep a copy, and restore a backup; then restart this node"
                }
                _ => "",
            },
            _ => "",
        };
        Self::new(fault.kind(), format_args!("{fault}{cure}"))
    }
}
