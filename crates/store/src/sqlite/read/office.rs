//! The office: people, and the record of who did what.

use heliu_ports::store::AuditFilter;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::person::Person;
use rusqlite::{Connection, params};

use crate::columns::integer;
use crate::rows::office::{AUDIT_CHAIN, LIST_AUDIT, PEOPLE, filter_cells, read_audit, read_person};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all;

/// The people, by name.
pub(crate) fn list_people(connection: &Connection) -> Result<Vec<Person>, Fault> {
    all(connection, PEOPLE, [], read_person)
}

/// Rows of the record, newest first.
pub(crate) fn list_audit(
    connection: &Connection,
    filter: &AuditFilter,
) -> Result<Vec<AuditEntry>, Fault> {
    let cells = filter_cells(filter);
    let parameters = params![
        cells.actor,
        cells.subject,
        cells.action,
        cells.since,
        cells.until,
        cells.before_seq,
        cells.limit,
    ];
    all(connection, LIST_AUDIT, parameters, read_audit)
}

/// Rows of the record behind a place, oldest first.
pub(crate) fn audit_chain(
    connection: &Connection,
    after_seq: u64,
    limit: u32,
) -> Result<Vec<AuditEntry>, Fault> {
    let parameters = params![integer(after_seq), limit];
    all(connection, AUDIT_CHAIN, parameters, read_audit)
}
