//! What the office asks about statement files.

use heliu_ports::store::RecordFilter;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::Agent;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{AgentId, DialectId, PlatformNo};
use heliu_trade::record::{Record, RecordKind};
use heliu_trade::statement::{StatementFile, StatementKind};
use heliu_trade::time::Timestamp;

use super::publish::{PublishedStatement, publish};
use super::published::read;
use crate::common::directory::{AgentProfile, books_unavailable};
use crate::{Engine, Inner};

/// Which file of which day, for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementAsked {
    /// On which wire.
    pub dialect_id: DialectId,
    /// For which agent there.
    pub agent_id: AgentId,
    /// Which file.
    pub kind: StatementKind,
    /// About which day.
    pub day: BusinessDate,
}

impl Engine {
    /// Makes a file of a closed day and publishes it, unless the one that stands has the same
    /// bytes.
    ///
    /// # Errors
    /// There is no such agent, its wire has no such files, the day is not closed, the books are
    /// away, or the folder cannot be written.
    pub async fn publish_statement(
        &self,
        asked: &StatementAsked,
        audit: NewAudit,
    ) -> Result<PublishedStatement, TradeError> {
        let inner = &self.inner;
        let agent = agent_of(inner, &asked.dialect_id, &asked.agent_id).await?;
        let told = (asked.day, inner.now());
        publish(inner, &agent, asked.kind, told, Some(audit)).await
    }

    /// Agents whose wires have statement files, by wire and number.
    ///
    /// # Errors
    /// The books are away.
    pub async fn statement_agents(&self) -> Result<Vec<Agent>, TradeError> {
        agents(&self.inner).await
    }

    /// Statement files, newest first, below a number, so many.
    ///
    /// # Errors
    /// The books are away, or a file's record cannot be read.
    pub async fn statements(
        &self,
        below: Option<PlatformNo>,
        limit: u32,
    ) -> Result<Vec<(Record, StatementFile)>, TradeError> {
        let filter = RecordFilter {
            kind: RecordKind::Statement,
            state: None,
            below,
            limit,
        };
        let listed = self.inner.store.list_records(filter).await;
        let listed = listed.map_err(books_unavailable)?.into_iter();
        listed
            .map(|record| read(&record).map(|file| (record, file)))
            .collect()
    }

    /// The statement file of a number.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn statement(&self, no: PlatformNo) -> Result<(Record, StatementFile), TradeError> {
        let kind = RecordKind::Statement;
        let found = self.inner.store.find_numbered_record(kind, no).await;
        let found = found.map_err(books_unavailable)?.ok_or_else(|| {
            let message = format!("there is no statement {no}: heliu statements list");
            TradeError::new(ErrorCode::StatementNotFound, message)
        })?;
        let file = read(&found)?;
        Ok((found, file))
    }
}

/// Agents whose wires have statement files.
pub(crate) async fn agents(inner: &Inner) -> Result<Vec<Agent>, TradeError> {
    let agents = inner.store.list_agents().await.map_err(books_unavailable)?;
    let has_files = |agent: &Agent| {
        let mut dialects = inner.dialects.iter();
        let dialect = dialects.find(|it| it.descriptor().id == agent.dialect_id.as_str());
        dialect.is_some_and(|dialect| dialect.statements().is_some())
    };
    Ok(agents.into_iter().filter(has_files).collect())
}

/// Publishes a file of an agent about a day, with what goes on after it as of an instant.
pub(crate) async fn publish_for(
    inner: &Inner,
    agent: &Agent,
    kind: StatementKind,
    told: (BusinessDate, Timestamp),
) -> Result<PublishedStatement, TradeError> {
    let agent = agent_of(inner, &agent.dialect_id, &agent.agent_id).await?;
    publish(inner, &agent, kind, told, None).await
}

/// An agent of a wire, whether its door is open or not.
pub(super) async fn agent_of(
    inner: &Inner,
    dialect_id: &DialectId,
    agent_id: &AgentId,
) -> Result<std::sync::Arc<AgentProfile>, TradeError> {
    let mut dialects = inner.dialects.iter();
    let dialect = dialects.find(|it| it.descriptor().id == dialect_id.as_str());
    let found = match dialect {
        Some(dialect) => inner.find_agent(dialect, agent_id).await,
        None => Ok(None),
    };
    found.map_err(books_unavailable)?.ok_or_else(|| {
        let message = format!("there is no agent {agent_id} on {dialect_id}: heliu agents list");
        TradeError::new(ErrorCode::UnknownAgent, message)
    })
}
