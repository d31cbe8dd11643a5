//! The office: people, and the record of who did what.

use deadpool_postgres::GenericClient;
use heliu_ports::store::AuditFilter;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::person::Person;
use tokio_postgres::types::ToSql;

use crate::columns::integer;
use crate::postgres::connections::all;
use crate::postgres::fault::Fault;
use crate::rows::office::{AUDIT_CHAIN, LIST_AUDIT, PEOPLE, filter_cells, read_audit, read_person};

/// The people, by name.
pub(crate) async fn list_people(client: &impl GenericClient) -> Result<Vec<Person>, Fault> {
    all(client, PEOPLE, &[], read_person).await
}

/// Rows of the record, newest first.
pub(crate) async fn list_audit(
    client: &impl GenericClient,
    filter: &AuditFilter,
) -> Result<Vec<AuditEntry>, Fault> {
    let cells = filter_cells(filter);
    let parameters: [&(dyn ToSql + Sync); 7] = [
        &cells.actor,
        &cells.subject,
        &cells.action,
        &cells.since,
        &cells.until,
        &cells.before_seq,
        &cells.limit,
    ];
    all(client, LIST_AUDIT, &parameters, read_audit).await
}

/// Rows of the record behind a place, oldest first.
pub(crate) async fn audit_chain(
    client: &impl GenericClient,
    after_seq: u64,
    limit: u32,
) -> Result<Vec<AuditEntry>, Fault> {
    let parameters: [&(dyn ToSql + Sync); 2] = [&integer(after_seq), &i64::from(limit)];
    all(client, AUDIT_CHAIN, &parameters, read_audit).await
}
