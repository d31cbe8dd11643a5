//! Publishes a file: whole in its folder first, then in the books.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::statement::{Action, StatementFile, StatementKind, StatementState};
use heliu_trade::time::Timestamp;

use super::published::{no_statement, published};
use super::rows::{blocking, write};
use crate::Inner;
use crate::common::directory::AgentProfile;

/// What came of publishing a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedStatement {
    /// The file as it is fetched now.
    pub file: StatementFile,
    /// Whether it is a new version; else the one that stood has the very same bytes.
    pub is_new: bool,
}

/// Makes the file and publishes it as the next version, unless the one that stands has the same
/// bytes; that one is put in its place again where it does not lie there.
pub(super) async fn publish(
    inner: &Inner,
    agent: &AgentProfile,
    kind: StatementKind,
    (day, as_of): (BusinessDate, Timestamp),
    audit: Option<NewAudit>,
) -> Result<PublishedStatement, TradeError> {
    let (built, sums) = write(inner, agent, kind, (day, as_of)).await?;
    let name = match agent.dialect.statements() {
        Some(wording) => wording.file_name(&agent.agent, kind, day),
        None => return Err(no_statement()),
    };
    let standing = published(inner, agent, &name).await?;
    let shelf = inner.shelf.clone();
    if let Some(file) = standing
        .as_ref()
        .filter(|file| file.sha256 == built.sha256)
        .cloned()
    {
        let lies_there = file.clone();
        blocking(move || {
            // Whoever published it may have died before the version before it was replaced.
            if shelf.holds(&lies_there)? {
                Ok(())
            } else {
                shelf.replace(built, &lies_there)
            }
        })
        .await?;
        return Ok(PublishedStatement {
            file,
            is_new: false,
        });
    }
    let file = StatementFile {
        statement_no: inner.mint_record_no(),
        party_id: agent.agent.party_id.clone(),
        dialect_id: agent.agent.dialect_id.clone(),
        agent_id: agent.agent.agent_id.clone(),
        kind,
        date: day,
        name,
        version: standing.map_or(1, |file| file.version + 1),
        as_of,
        sha256: built.sha256.clone(),
        bytes: built.bytes,
        sums,
        state: StatementState::Published,
    };
    let step = RecordStep {
        wants: file.wants(),
        now: inner.now(),
        action: RecordAction::Statement(Action::Publish(Box::new(file.clone()))),
    };
    let audit = audit.map(Box::new);
    inner.commit_records(step, Vec::new(), audit).await?;
    // Should this die here, whoever fetches the file has it made again.
    let moved = file.clone();
    blocking(move || shelf.replace(built, &moved)).await?;
    tracing::info!(
        file = file.name,
        version = file.version,
        rows = file.sums.rows,
        sha256 = file.sha256,
        "a statement was published"
    );
    Ok(PublishedStatement { file, is_new: true })
}
