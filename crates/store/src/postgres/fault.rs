//! What can go wrong below the port, what is done about it, and how a caller hears of it.

use std::error::Error as _;

use deadpool_postgres::PoolError;
use heliu_ports::store::FeeTreeChanged;
use heliu_ports::store::{StoreError, StoreErrorKind};
use heliu_trade::fee::schedule::NotNext;
use heliu_trade::parties::Misplaced;
use tokio_postgres::error::SqlState;

use crate::columns::Damaged;
use crate::condition::Condition;

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// PostgreSQL said no, or could not be heard.
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection of the pool came free, or none could be made.
    #[error("no connection to the database: {0}")]
    Pool(#[from] PoolError),
    /// The database did not answer in time.
    #[error("the database did not answer within {0} s")]
    Late(u64),
    /// A row holds what no version of this program writes.
    #[error("a row is damaged: {0}")]
    Damaged(String),
    /// A value does not go into a row.
    #[error("cannot be written: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// Another transaction was in the way in a manner that the database does not see.
    #[error("raced with another transaction: {0}")]
    Raced(&'static str),
    /// Another process has taken this node's number.
    #[error("the lease of this node's number is lost; restart this node")]
    NodeLost,
    /// A commit was sent, its answer was lost, and it could not be looked up.
    #[error("whether the commit was written is not known: {0}")]
    FateUnknown(String),
    /// A party does not fit where it is put.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
    /// A version of fees does not follow the newest.
    #[error(transparent)]
    NotNext(#[from] NotNext),
    /// What was looked at has changed.
    #[error(transparent)]
    FeeTree(#[from] FeeTreeChanged),
    /// The core or a committer stopped at an assertion.
    #[error("a fault of this program; see its standard error")]
    Panicked,
}

/// What is done about a fault of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Others were in the way: the whole transaction again.
    Again,
    /// The database is away: again over a new connection, for a while.
    Reconnect,
    /// One command is to blame, so that the others of its batch deserve another try.
    Split,
    /// Nothing that we could do helps.
    Refuse,
}

impl Fault {
    /// Whether a number that must be one's own is another's.
    pub(crate) fn is_taken_number(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION))
    }

    /// What is done about it.
    pub(crate) fn treatment(&self) -> Treatment {
        match self {
            Self::Postgres(error) => of_postgres(error),
            Self::Pool(_) | Self::Late(_) => Treatment::Reconnect,
            Self::Raced(_) => Treatment::Again,
            Self::Damaged(_) | Self::Unwritable(_) | Self::Panicked => Treatment::Split,
            Self::NodeLost
            | Self::FateUnknown(_)
            | Self::Misplaced(_)
            | Self::NotNext(_)
            | Self::FeeTree(_) => Treatment::Refuse,
        }
    }

    /// What kind it is for a caller.
    fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Postgres(error) if error.code().is_some_and(is_damage) => StoreErrorKind::Damaged,
            Self::Postgres(error) => match of_postgres(error) {
                Treatment::Again | Treatment::Reconnect => StoreErrorKind::Unavailable,
                // What a class of codes says of the server passes; of a statement it does not.
                Treatment::Refuse if is_of_server(error) => StoreErrorKind::Unavailable,
                Treatment::Refuse | Treatment::Split => StoreErrorKind::Refused,
            },
            Self::Pool(_) | Self::Late(_) | Self::Raced(_) | Self::FateUnknown(_) => {
                StoreErrorKind::Unavailable
            }
            Self::Damaged(_) => StoreErrorKind::Damaged,
            Self::Misplaced(_) | Self::NotNext(_) | Self::FeeTree(_) => StoreErrorKind::Conflict,
            Self::Unwritable(_) | Self::NodeLost | Self::Panicked => StoreErrorKind::Refused,
        }
    }

    /// As a caller hears it; what does not pass while this process lives is kept in mind.
    pub(crate) fn noted(self, condition: &Condition) -> StoreError {
        let is_number_lost = matches!(self, Self::NodeLost);
        let is_damage = self.is_damage();
        let error = StoreError::from(self);
        if is_number_lost {
            condition.number_lost(&error);
        }
        if is_damage {
            condition.spoiled(&error);
        }
        error
    }

    /// Whether a page is damaged.
    fn is_damage(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        error.code().is_some_and(is_damage)
    }

    /// Whether the connection that it was met on is of no further use: it is broken, leads to a
    /// server that takes no writes, or holds statements that were prepared for another schema.
    pub(crate) fn spends_connection(&self) -> bool {
        !matches!(self, Self::Late(_)) && self.treatment() == Treatment::Reconnect
    }
}

fn is_damage(code: &SqlState) -> bool {
    [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code)
}

/// Whether the server lacks room, or its system fails it.
fn is_of_server(error: &tokio_postgres::Error) -> bool {
    let class = error.code().and_then(|code| code.code().get(..2));
    matches!(class, Some("53" | "58" | "XX"))
}

fn of_postgres(error: &tokio_postgres::Error) -> Treatment {
    let Some(code) = error.code() else {
        // Without a code of the server it is the connection, or a value that cannot be sent.
        let is_io = error
            .source()
            .is_some_and(|cause| cause.is::<std::io::Error>());
        return if error.is_closed() || is_io || error.as_db_error().is_some() {
            Treatment::Reconnect
        } else {
            Treatment::Split
        };
    };
    if [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(code)
    {
        return Treatment::Again;
    }
    // A server that became a standby refuses writes until its addresses lead to the new leader; a
    // statement that was prepared before a newer node changed the schema is prepared anew.
    if [
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::FEATURE_NOT_SUPPORTED,
        SqlState::INVALID_SQL_STATEMENT_NAME,
    ]
    .contains(code)
    {
        return Treatment::Reconnect;
    }
    match code.code().get(..2) {
        // Connection exceptions; the operator, or the server's start and end, intervened.
        Some("08" | "57") => Treatment::Reconnect,
        // Resources, system errors, damage.
        Some("53" | "58" | "XX" | "28" | "3D" | "42") => Treatment::Refuse,
        _ => Treatment::Split,
    }
}

/// Whether the server takes no writes: it says so to a statement, or was asked before a connection
/// was used.
fn is_read_only(error: &tokio_postgres::Error) -> bool {
    let asked = error.source().and_then(|cause| cause.downcast_ref());
    let asked = asked.is_some_and(|cause: &std::io::Error| {
        cause.kind() == std::io::ErrorKind::PermissionDenied
            && cause.to_string().contains("does not allow writes")
    });
    asked || error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
}

/// An error with all its causes, and the server's code.
fn chain(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    if let Some(code) = error.code() {
        text.push_str(" (");
        text.push_str(code.code());
        text.push(')');
    }
    text
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
        let kind = fault.kind();
        let (Fault::Postgres(error) | Fault::Pool(PoolError::Backend(error))) = &fault else {
            let cure = match &fault {
                Fault::Late(_) => {
                    "; look whether it hangs, or a standby that it waits for is missing"
                }
                _ => "",
            };
            return Self::new(kind, format_args!("{fault}{cure}"));
        };
        let cure = match error.code() {
            _ if is_read_only(error) => {
                "; it is a standby or was set to read only: lead DATABASE_URL to the one that takes writes"
            }
            Some(code) => cure(code),
            None => "",
        };
        Self::new(kind, format_args!("{}{cure}", chain(error)))
    }
}

/// What an operator can do about it.
fn cure(code: &SqlState) -> &'static str {
    if is_damage(code) {
        return "; stop, keep a copy, and restore a backup or fail over (an index can be made anew: REINDEX); then \
                restart this node";
    }
    match code.code() {
        "53100" => "; make room on the database's disk, the books go on by themselves",
        "53300" => "; raise max_connections of the database",
        "28P01" => {
            "; correct user and password in DATABASE_URL (or its file), or the user's password in the database"
        }
        "28000" => {
            "; correct the user in DATABASE_URL (or its file), or let this machine in by the database's pg_hba.conf"
        }
        "3D000" => {
            "; create the database (CREATE DATABASE ...), or correct its name in DATABASE_URL"
        }
        code if code.starts_with("58") || code.starts_with("XX") => {
            "; look at the database's own log"
        }
        _ => "",
    }
}
