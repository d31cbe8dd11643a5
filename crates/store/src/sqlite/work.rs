//! A command for the writer, and the way back for its answer.

use heliu_ports::store::{
    ClosedDate, Commit, CommitError, Committed, ConsentState, DayBalance, DirectoryChange, Gather,
    Gathered, JobClass, Newcomer, RecordCommit, RecordsCommitted, StateUse, StoreError,
};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::job::{Job, JobKey};
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
    PullBack {
        now: Timestamp,
        lease_ms: i64,
    },
    ReturnJob {
        key: JobKey,
        at: Timestamp,
    },
    ChangeDirectory(Box<(DirectoryChange, Option<NewAudit>)>),
    Admit(Box<(Newcomer, Option<NewAudit>)>),
    CommitRecords(Box<RecordCommit>),
    UseConsentState {
        state: ConsentState,
        now: Timestamp,
    },
    /// Makes entries items of a settlement.
    GatherItems(Box<Gather>),
    /// Closes a business date.
    CloseDate {
        date: BusinessDate,
        now: Timestamp,
    },
    /// Writes balances of a business date, and with the last of them that they are all.
    RollUp {
        date: BusinessDate,
        balances: Vec<DayBalance>,
        lines: Option<u64>,
    },
    /// Writes something that says nothing new.
    Probe,
}

/// What came of it.
pub(crate) enum Outcome {
    Committed(Box<Committed>),
    Rejected(Box<TradeError>),
    Jobs(Vec<Job>),
    RecordsCommitted(Box<RecordsCommitted>),
    Answered(bool),
    Used(StateUse),
    Gathered(Gathered),
    Closed(Box<ClosedDate>),
    Done,
}

/// Who waits for it.
pub(crate) enum Reply {
    Commit(Sender<Answer<Committed, CommitError>>),
    Jobs(Sender<Answer<Vec<Job>, StoreError>>),
    Records(Sender<Answer<RecordsCommitted, CommitError>>),
    Answered(Sender<Answer<bool, StoreError>>),
    Used(Sender<Answer<StateUse, StoreError>>),
    Gathered(Sender<Answer<Gathered, StoreError>>),
    Closed(Sender<Answer<ClosedDate, StoreError>>),
    Done(Sender<Answer<(), StoreError>>),
}

/// What a caller hears, and the answers of others that it is to pass on, by dropping them.
pub(crate) struct Answer<T, E> {
    pub(crate) result: Result<T, E>,
    pub(crate) others: Mail,
}

/// The answers of a batch.
///
/// The writer hands all of them to the first caller. To wake a task from outside the runtime may
/// take a system call each time, and a worker that goes back to sleep in between; from within it
/// takes neither. Dropping delivers, so that no answer can get lost with whoever carries it; and
/// whoever begins a command awaits it, so that it is not carried for long.
#[derive(Default)]
pub(crate) struct Mail(pub(crate) Vec<(Reply, Result<Outcome, StoreError>)>);

impl Mail {
    /// Hands all answers to the first caller that is still there.
    pub(crate) fn hand_over(mut self) {
        while let Some((reply, result)) = self.0.pop() {
            match reply.send(result, std::mem::take(&mut self)) {
                Ok(()) => return,
                Err(others) => self = others,
            }
        }
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        for (reply, result) in self.0.drain(..) {
            let _gone = reply.send(result, Self::default());
        }
    }
}

/// A command and who waits for it.
pub(crate) struct Work {
    pub(crate) request: Request,
    pub(crate) reply: Reply,
}

impl Reply {
    /// Answers, and gives `others` along; a caller that went away is not missed, and gives them
    /// back.
    fn send(self, result: Result<Outcome, StoreError>, others: Mail) -> Result<(), Mail> {
        let mixed_up = || StoreError::refused("an answer of another kind");
        match self {
            Self::Commit(sender) => {
                let result = match result {
                    Ok(Outcome::Committed(committed)) => Ok(*committed),
                    Ok(Outcome::Rejected(error)) => Err(CommitError::Rejected(*error)),
                    Ok(_) => Err(mixed_up().into()),
                    Err(error) => Err(error.into()),
                };
                pass(sender, result, others)
            }
            Self::Jobs(sender) => {
                let result = match result {
                    Ok(Outcome::Jobs(jobs)) => Ok(jobs),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                };
                pass(sender, result, others)
            }
            Self::Records(sender) => {
                let result = match result {
                    Ok(Outcome::RecordsCommitted(committed)) => Ok(*committed),
                    Ok(Outcome::Rejected(error)) => Err(CommitError::Rejected(*error)),
                    Ok(_) => Err(mixed_up().into()),
                    Err(error) => Err(error.into()),
                };
                pass(sender, result, others)
            }
            Self::Answered(sender) => {
                let result = match result {
                    Ok(Outcome::Answered(answer)) => Ok(answer),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                };
                pass(sender, result, others)
            }
            Self::Used(sender) => {
                let result = match result {
                    Ok(Outcome::Used(used)) => Ok(used),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                };
                pass(sender, result, others)
            }
            Self::Gathered(sender) => {
                let result = match result {
                    Ok(Outcome::Gathered(gathered)) => Ok(gathered),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                };
                pass(sender, result, others)
            }
            Self::Closed(sender) => {
                let result = match result {
                    Ok(Outcome::Closed(closed)) => Ok(*closed),
                    Ok(_) => Err(mixed_up()),
                    Err(error) => Err(error),
                };
                pass(sender, result, others)
            }
            Self::Done(sender) => pass(sender, result.map(|_| ()), others),
        }
    }
}

fn pass<T, E>(
    sender: Sender<Answer<T, E>>,
    result: Result<T, E>,
    others: Mail,
) -> Result<(), Mail> {
    sender
        .send(Answer { result, others })
        .map_err(|unheard| unheard.others)
}
