//! A command for the writer, and the way back for its answer.

use heliu_ports::store::{Commit, CommitError, Committed, DirectoryChange, JobClass, StoreError};
use heliu_trade::error::TradeError;
use heliu_trade::job::{Job, JobKey};
use heliu_trade::time::Timestamp;
use tokio::sync::oneshot::Sender;

/// What is asked.
pub(crate) enum Request {
    Commit(Box<Commit>),
    ClaimJobs {
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    },
    ReturnJob {
        key: JobKey,
        at: Timestamp,
    },
    ChangeDirectory(DirectoryChange),
}

/// What came of it.
pub(crate) enum Outcome {
    Committed(Box<Committed>),
    Rejected(Box<TradeError>),
    Jobs(Vec<Job>),
    Done,
}

/// Who waits for it.
pub(crate) enum Reply {
    Commit(Sender<Result<Committed, CommitError>>),
    Jobs(Sender<Result<Vec<Job>, StoreError>>),
    Done(Sender<Result<(), StoreError>>),
}

/// A command and who waits for it.
pub(crate) struct Work {
    pub(crate) request: Request,
    pub(crate) reply: Reply,
}

impl Reply {
    /// Answers; a caller that went away is not missed.
    pub(crate) fn send(self, result: Result<Outcome, StoreError>) {
        let mixed_up = || StoreError("an answer of another kind".to_owned());
        match self {
            Self::Commit(sender) => {
                let _gone = sender.send(match result {
                    Ok(Outcome::Committed(committed)) => Ok(*committed),
                    Ok(Outcome::Rejected(error)) => Err(CommitError::Rejected(*error)),
                    Ok(_) => Err(mixed_up().into()),
                    Err(error) => Err(error.into()),
                });
            }
            Self::Jobs(sender) => {
                let _gone = sender.send(match result {
                    Ok(Outcome::Jobs(jobs)) => Ok(jobs),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                });
            }
            Self::Done(sender) => {
                let _gone = sender.send(result.map(|_| ()));
            }
        }
    }
}
