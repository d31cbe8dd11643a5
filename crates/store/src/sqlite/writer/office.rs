//! The office: people, and the record of who did what. The writer is alone, so that the end of the
//! chain that it reads is the end.

use heliu_trade::followup::audit::{AuditEntry, NewAudit};
use heliu_trade::person::Person;
use rusqlite::params;

use super::books::Books;
use crate::columns::integer;
use crate::rows::office::{INSERT_AUDIT, LAST_AUDIT, STANDING_AUDIT, read_link};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::first;

impl Books<'_> {
    /// Appends to the record, in the transaction that is open.
    pub(super) fn audit(&self, act: Option<&NewAudit>) -> Result<(), Fault> {
        let Some(act) = act else { return Ok(()) };
        let mut standing = self.connection.prepare_cached(STANDING_AUDIT)?;
        if standing.exists([&act.audit_id])? {
            return Ok(());
        }
        let last = first(self.connection, LAST_AUDIT, [], read_link)?;
        let row = AuditEntry::append(act.clone(), &last.unwrap_or_default());
        let act = &row.act;
        self.connection
            .prepare_cached(INSERT_AUDIT)?
            .execute(params![
                integer(row.seq),
                act.audit_id,
                act.at.as_ms(),
                act.actor,
                act.system_user,
                act.action,
                act.subject,
                act.before,
                act.after,
                row.prev_hash,
                row.hash,
            ])?;
        Ok(())
    }

    pub(super) fn put_person(&self, person: &Person) -> Result<(), Fault> {
        self.connection.execute(
            "INSERT INTO person (name, role, is_enabled, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET role = excluded.role",
            params![
                person.name,
                person.role.as_str(),
                person.is_enabled,
                person.created_at.as_ms(),
            ],
        )?;
        Ok(())
    }
}
