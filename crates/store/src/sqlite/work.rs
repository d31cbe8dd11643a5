//! A command for the writer, and the way back for its answer.

use heliu_ports::store::{
    Commit, CommitError, Committed, DirectoryChange, JobClass, LoginCode, LoginCodeKey,
    Registration, StoreError,
};
use heliu_trade::directory::{App, Merchant};
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
    Register(Box<(Merchant, App, Registration)>),
    PutLoginCode(LoginCode),
    TryLoginCode {
        key: LoginCodeKey,
        code_digest: String,
        now: Timestamp,
    },
}

/// What came of it.
pub(crate) enum Outcome {
    Committed(Box<Committed>),
    Rejected(Box<TradeError>),
    Jobs(Vec<Job>),
    Registered(Box<Registration>),
    Answered(bool),
    Done,
}

/// Who waits for it.
pub(crate) enum Reply {
    Commit(Sender<Result<Committed, CommitError>>),
    Jobs(Sender<Result<Vec<Job>, StoreError>>),
    Registered(Sender<Result<Registration, StoreError>>),
    Answered(Sender<Result<bool, StoreError>>),
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
            Self::Registered(sender) => {
                let _gone = sender.send(match result {
                    Ok(Outcome::Registered(registration)) => Ok(*registration),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                });
            }
            Self::Answered(sender) => {
                let _gone = sender.send(match result {
                    Ok(Outcome::Answered(answer)) => Ok(answer),
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
