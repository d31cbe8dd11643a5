//! The list of statement files.

use heliu_trade::id::PlatformNo;
use heliu_trade::record::Record;
use heliu_trade::statement::StatementFile;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// A statement file in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRow {
    /// When it was published (UTC).
    pub published_at: Timestamp,
    /// Our number.
    pub statement_no: String,
    /// The day that it tells of, `yyyy-MM-dd`.
    pub date: String,
    /// On which wire.
    pub dialect_id: String,
    /// For which agent there.
    pub agent_id: String,
    /// Which file of the day.
    pub kind: String,
    /// Its name on the wire.
    pub name: String,
    /// Which version, from 1.
    pub version: u32,
    /// Where it stands.
    pub state: String,
    /// Its rows, titles aside.
    pub rows: u64,
    /// Inflows less what was given back, after fees, in fen.
    pub net_fen: i64,
    /// Its size, in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Statement files, newest first.
///
/// # Errors
/// The actor may not, the place to go on from is none, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    part: Part,
) -> Result<Paged<StatementRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let found = office.engine().statements(below, part.size).await?;
    let is_full = u32::try_from(found.len()).is_ok_and(|found| found == part.size);
    let rows: Vec<StatementRow> = found.into_iter().map(StatementRow::from).collect();
    let last = rows.last().filter(|_| is_full);
    let next = last.map(|row| row.statement_no.clone());
    Ok(Paged { rows, next })
}

impl From<(Record, StatementFile)> for StatementRow {
    fn from((record, file): (Record, StatementFile)) -> Self {
        Self {
            published_at: record.created_at,
            statement_no: file.statement_no.to_string(),
            date: file.date.to_string(),
            dialect_id: file.dialect_id.to_string(),
            agent_id: file.agent_id.to_string(),
            kind: file.kind.as_str().to_owned(),
            name: file.name,
            version: file.version,
            state: file.state.as_str().to_owned(),
            rows: file.sums.rows,
            net_fen: file.sums.net_fen(),
            bytes: file.bytes,
            sha256: file.sha256,
        }
    }
}

impl Row for StatementRow {
    const COLUMNS: &'static [Column] = &[
        "published_at",
        "statement_no",
        "date",
        "dialect",
        "agent",
        "kind",
        "name",
        "version",
        "state",
        "rows",
        "net",
        "bytes",
        "sha256",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.published_at),
            Cell::number(&self.statement_no),
            Cell::text(self.date.as_str()),
            Cell::text(self.dialect_id.as_str()),
            Cell::number(&self.agent_id),
            Cell::text(self.kind.as_str()),
            Cell::text(self.name.as_str()),
            Cell::Count(i64::from(self.version)),
            Cell::text(self.state.as_str()),
            Cell::Count(i64::try_from(self.rows).unwrap_or(i64::MAX)),
            Cell::Fen(self.net_fen),
            Cell::Count(i64::try_from(self.bytes).unwrap_or(i64::MAX)),
            Cell::text(self.sha256.as_str()),
        ]
    }
}
