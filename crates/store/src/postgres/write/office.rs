//! The office: people, and the record of who did what. Nodes take turns at the end of the chain:
//! who appends holds a lock until its transaction ends.

use heliu_trade::followup::audit::{AuditEntry, NewAudit};
use heliu_trade::person::Person;
use tokio_postgres::GenericClient;

use crate::columns::{Columns, integer};
use crate::postgres::fault::Fault;
use crate::rows::office::{INSERT_AUDIT, LAST_AUDIT, STANDING_AUDIT, read_link};

const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(hashtext('audit'))";

/// Appends to the record, in the transaction that is open.
pub(crate) async fn audit(client: &impl GenericClient, acts: &[&NewAudit]) -> Result<(), Fault> {
    if acts.is_empty() {
        return Ok(());
    }
    client.batch_execute(TAKE_TURN).await?;
    // A statement of its own: it sees what stood when the turn came.
    let last = client.query_opt(LAST_AUDIT, &[]).await?;
    let mut last = match &last {
        Some(row) => read_link(&mut Columns::of(row))?,
        None => Default::default(),
    };
    for act in acts {
        if client
            .query_opt(STANDING_AUDIT, &[&act.audit_id])
            .await?
            .is_some()
        {
            continue;
        }
        let row = AuditEntry::append((*act).clone(), &last);
        last = row.link();
        let act = &row.act;
        let cells: [&(dyn tokio_postgres::types::ToSql + Sync); 11] = [
            &integer(row.seq),
            &act.audit_id,
            &act.at.as_ms(),
            &act.actor,
            &act.system_user,
            &act.action,
            &act.subject,
            &act.before,
            &act.after,
            &row.prev_hash,
            &row.hash,
        ];
        client.execute(INSERT_AUDIT, &cells).await?;
    }
    Ok(())
}

/// Whether it was written; one that stands is by `conflict`, a clause of the insert.
pub(crate) async fn put_person(
    client: &impl GenericClient,
    person: &Person,
    conflict: &str,
) -> Result<bool, Fault> {
    let sql = format!(
        "INSERT INTO person (name, role, is_enabled, created_at) VALUES ($1, $2, $3, $4) {conflict}"
    );
    let (role, at) = (person.role.as_str(), person.created_at.as_ms());
    let cells: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&person.name, &role, &person.is_enabled, &at];
    Ok(client.execute(&sql, &cells).await? == 1)
}

/// One that stands gets another role.
pub(crate) const PERSON_OVERWRITTEN: &str = "ON CONFLICT (name) DO UPDATE SET role = excluded.role";
