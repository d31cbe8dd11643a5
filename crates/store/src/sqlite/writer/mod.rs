//! The one writer: takes what waits, commits it in one transaction, then answers.
//!
//! Only this thread writes, so what it wrote last is what stands in the books, and orders that it
//! has just written need not be read again. An answer leaves after its commit is on disk, never
//! before.

mod adder;
mod additions;
mod batch;
mod books;
mod codes;
mod consent_states;
mod days;
mod directory;
mod exchanges;
mod follow;
mod jobs;
mod load;
mod log;
mod office;
mod recent;
mod records;
mod room;
mod save;
mod settlement;
mod statements;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::exchange_shares::LogLimits;
use heliu_ports::store::StoreError;
use rusqlite::Connection;

use super::fault::Fault;
use super::inbox::{Inbox, Next};
use super::wal;
use super::work::{Mail, Outcome, Request, Work};
use crate::condition::Condition;
use books::Books;
pub(crate) use books::know_node;
pub(crate) use jobs::rearm;
pub(crate) use log::LIMITS as LOG_LIMITS;
use room::Room;

/// Serves `inbox` until it is closed.
pub(crate) fn run(
    connection: &Connection,
    inbox: &Inbox,
    condition: &Condition,
    node: u8,
    limits: LogLimits,
) -> Result<(), Fault> {
    let mut writer = Writer {
        books: Books::open(connection, node, limits)?,
        room: Room::of(connection)?,
        inbox,
        condition,
    };
    let mut is_checkpointed = false;
    loop {
        match inbox.next(!is_checkpointed || writer.books.has_chores()) {
            Next::Batch(works, records) => {
                is_checkpointed = false;
                writer.serve(works, &records);
            }
            Next::Idle if writer.books.has_chores() => writer.do_chores(),
            Next::Idle => is_checkpointed = writer.checkpoint(),
            Next::Closed => break,
        }
    }
    if let Err(fault) = wal::mark::close(connection) {
        tracing::warn!(error = %fault, "the books cannot be marked as closed, and keep their log");
    }
    Ok(())
}

/// Tells the callers that wait when the thread ends, however it ends.
pub(crate) struct EndOfThread(pub(crate) Arc<Inbox>);

impl Drop for EndOfThread {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

struct Writer<'c, 'i> {
    books: Books<'c>,
    room: Room,
    inbox: &'i Inbox,
    condition: &'i Condition,
}

impl Writer<'_, '_> {
    fn serve(&mut self, works: Vec<Work>, records: &[ExchangeRecord]) {
        let (requests, replies): (Vec<_>, Vec<_>) = works
            .into_iter()
            .map(|work| (work.request, work.reply))
            .unzip();
        let results = self.results(&requests, records);
        Mail(replies.into_iter().zip(results).collect()).hand_over();
    }

    /// All together; if one of them is to blame for a failure, each alone.
    fn results(
        &mut self,
        requests: &[Request],
        records: &[ExchangeRecord],
    ) -> Vec<Result<Outcome, StoreError>> {
        let fault = match self.transact(requests, records) {
            Ok(outcomes) => return outcomes.into_iter().map(Ok).collect(),
            Err(fault) => fault,
        };
        if !fault.blames_one_command() {
            self.drop_records(records);
            self.condition.not_written();
            let error = fault.noted(self.condition);
            tracing::error!(%error, commands = requests.len(), "the books cannot be written");
            return requests.iter().map(|_| Err(error.clone())).collect();
        }
        let mut results = Vec::with_capacity(requests.len());
        for request in requests {
            let outcomes = self.transact(std::slice::from_ref(request), &[]);
            results.push(match outcomes.map(|mut outcomes| outcomes.pop()) {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) => Err(StoreError::refused("a command without an outcome")),
                Err(fault) => {
                    tracing::error!(error = %fault, "a command cannot be written");
                    Err(fault.into())
                }
            });
        }
        if let Err(fault) = self.transact(&[], records) {
            tracing::error!(error = %fault, "exchange records cannot be written");
            self.drop_records(records);
        }
        results
    }

    /// One transaction; an assertion that fails within it rolls it back and ends nothing else.
    fn transact(
        &mut self,
        requests: &[Request],
        records: &[ExchangeRecord],
    ) -> Result<Vec<Outcome>, Fault> {
        if requests.is_empty() && records.is_empty() {
            return Ok(Vec::new());
        }
        let books = &mut self.books;
        let result = catch_unwind(AssertUnwindSafe(|| books.transact(requests, records)))
            .unwrap_or(Err(Fault::Panicked));
        match &result {
            Ok(_) => {
                self.condition.written();
                if let Err(fault) = self.room.written(self.books.connection) {
                    tracing::warn!(error = %fault, "how much room the disk has is not known");
                }
            }
            Err(_) => self.books.roll_back(),
        }
        result
    }

    fn drop_records(&self, records: &[ExchangeRecord]) {
        self.inbox
            .count_dropped(u64::try_from(records.len()).unwrap_or(u64::MAX));
    }

    fn do_chores(&mut self) {
        if let Err(fault) = self.books.do_chores() {
            tracing::warn!(error = %fault, "old exchange records cannot be removed");
            self.books.roll_back();
        }
    }

    /// Copies the log into the file while nobody waits. Whether it need not be done again: also
    /// after a failure, which the next commit will report if it lasts.
    fn checkpoint(&mut self) -> bool {
        let result = self.books.checkpoint();
        if let Err(fault) = &result {
            tracing::warn!(error = %fault, "the log cannot be copied into the file");
        }
        true
    }
}
