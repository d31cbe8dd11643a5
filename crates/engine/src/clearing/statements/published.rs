//! What the books hold of files.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::record::{Record, RecordKind};
use heliu_trade::statement::{StatementFile, StatementState};

use crate::Inner;
use crate::common::directory::{AgentProfile, books_unavailable};

/// The file of a name that is fetched now.
pub(super) async fn published(
    inner: &Inner,
    agent: &AgentProfile,
    name: &str,
) -> Result<Option<StatementFile>, TradeError> {
    let agent = &agent.agent;
    let mark = StatementFile::mark_of(&agent.dialect_id, &agent.agent_id, name);
    let records = inner.store.marked_records(RecordKind::Statement, mark);
    let records = records.await.map_err(books_unavailable)?;
    let files = records.iter().map(read);
    let files: Vec<_> = files.collect::<Result<_, _>>()?;
    let mut files = files.into_iter();
    Ok(files.find(|file| file.state == StatementState::Published))
}

/// The file of a record.
pub(super) fn read(record: &Record) -> Result<StatementFile, TradeError> {
    record.read().map_err(|cause| {
        tracing::error!(%cause, "a statement's record cannot be read");
        TradeError::advised(ErrorCode::Internal, "a fault on our side")
    })
}

/// An agent has no file of that name.
pub(super) fn no_statement() -> TradeError {
    let message = "there is no such statement of this agent";
    TradeError::new(ErrorCode::StatementNotFound, message)
}
