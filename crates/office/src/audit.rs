//! The record of who did what: read, and checked.

use heliu_ports::store::AuditFilter;
use heliu_trade::followup::audit::{AuditEntry, AuditLink};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Rows of the record, newest first.
///
/// # Errors
/// The books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    filter: AuditFilter,
) -> Result<Vec<AuditEntry>, OfficeError> {
    actor.check(Permission::See)?;
    Ok(office.store().list_audit(filter).await?)
}

/// Walks along the chain; where it ends. Who has written down an earlier end can see whether rows
/// were cut off.
///
/// # Errors
/// The first row that was altered, or before which rows are missing; or the books are away.
pub async fn check(office: &Office, actor: &Actor) -> Result<AuditLink, OfficeError> {
    actor.check(Permission::See)?;
    let mut end = AuditLink::default();
    loop {
        let page = office.store().audit_chain(end.seq, PAGE).await?;
        if page.is_empty() {
            return Ok(end);
        }
        for row in &page {
            end.advance(row).map_err(|broken| {
                OfficeError::with_cure(
                    format!("the record of who did what does not hold: {broken}"),
                    "somebody has changed the database by hand; compare with an export or a backup",
                )
            })?;
        }
    }
}

impl Row for AuditEntry {
    const COLUMNS: &'static [Column] = &[
        "seq",
        "at",
        "actor",
        "system_user",
        "action",
        "subject",
        "before",
        "after",
        "hash",
    ];

    fn cells(&self) -> Vec<Cell> {
        let act = &self.act;
        let json = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Cell::Count(i64::try_from(self.seq).unwrap_or(i64::MAX)),
            Cell::At(act.at),
            Cell::text(act.actor.as_str()),
            Cell::text(act.system_user.as_str()),
            Cell::text(act.action.as_str()),
            Cell::text(act.subject.as_str()),
            json(&act.before),
            json(&act.after),
            Cell::text(self.hash.as_str()),
        ]
    }
}
