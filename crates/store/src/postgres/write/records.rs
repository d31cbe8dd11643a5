//! Takes steps of records' lives.

use deadpool_postgres::{Object, Transaction};
use heliu_ports::store::{RecordCommit, RecordsCommitted};
use heliu_trade::error::TradeError;
use heliu_trade::record::{Loaded, Name, Record, RecordChanges, SavedRecord};
use heliu_trade::records::decide;
use heliu_trade::step::Save;
use tokio_postgres::types::ToSql;

use super::{directory, office};
use crate::columns::integer;
use crate::postgres::committer::Following;
use crate::postgres::connections::change;
use crate::postgres::fault::Fault;
use crate::postgres::news;
use crate::postgres::read::record::{Hold, find};
use crate::postgres::read::weighing;
use crate::rows::record;

/// Who comes second waits for the first at a name, and then finds what the first one wrote. Of
/// names that come and go nobody takes one so often.
const TRIES_MAX: usize = 3;

/// Takes a step, or tells why it is refused. `node` is this node's number.
pub(crate) async fn commit_records(
    client: &mut Object,
    commit: &RecordCommit,
    node: i16,
) -> Result<Result<RecordsCommitted, TradeError>, Fault> {
    for _ in 1..TRIES_MAX {
        match try_once(client, commit, node).await {
            Err(fault) if fault.is_taken_number() => {}
            result => return result,
        }
    }
    try_once(client, commit, node).await
}

async fn try_once(
    client: &mut Object,
    commit: &RecordCommit,
    node: i16,
) -> Result<Result<RecordsCommitted, TradeError>, Fault> {
    let transaction = client.transaction().await?;
    let mut records = Vec::with_capacity(commit.step.wants.len());
    for want in &commit.step.wants {
        records.push(find(&transaction, want, Hold::Locked).await?);
    }
    let balances = match commit.step.weighs() {
        Some(owner) => {
            weighing::take_turn(&*transaction, owner).await?;
            Some(weighing::balances(&*transaction, owner).await?)
        }
        None => None,
    };
    let loaded = Loaded { records, balances };
    let changes = match decide(&commit.step, loaded) {
        Ok(changes) => changes,
        Err(error) => {
            transaction.rollback().await?;
            return Ok(Err(error));
        }
    };
    save(&transaction, &changes, node).await?;
    if changes.takes_effect {
        let acts: Vec<_> = commit.audit.as_deref().into_iter().collect();
        office::audit(&*transaction, &acts).await?;
    }
    if changes.takes_effect && !commit.directory.is_empty() {
        for given in &commit.directory {
            directory::write(&transaction, given).await?;
        }
        // An app of a number that nobody knew may be among them.
        news::tell(&transaction, news::DIRECTORY, news::APP_ADDED).await?;
        news::tell(&transaction, news::DIRECTORY, "").await?;
    }
    transaction.commit().await?;
    let next_job_at = changes.next_job_at();
    Ok(Ok(RecordsCommitted {
        after: changes.after,
        next_job_at,
    }))
}

async fn save(client: &Transaction<'_>, changes: &RecordChanges, node: i16) -> Result<(), Fault> {
    let mut following = Following::default();
    for saved in &changes.saved {
        save_record(client, saved).await?;
        following.add(&saved.consequences);
    }
    following.rows().write(client).await?;
    if let Some(second) = changes.highest_second().map(integer) {
        let sql = "UPDATE node SET high_water_second = greatest(high_water_second, $2)
            WHERE node = $1";
        change(client, sql, &[&node, &second]).await?;
    }
    Ok(())
}

/// Writes a record that stands. Also a connection that commits does so.
pub(crate) async fn update(
    client: &impl tokio_postgres::GenericClient,
    found: &Record,
) -> Result<(), Fault> {
    let parameters: [&(dyn ToSql + Sync); 7] = [
        &found.state,
        &found.changed_at.as_ms(),
        &i64::from(found.counts.entries),
        &i64::from(found.counts.events),
        &found.body,
        &found.subject.owner.name(),
        &integer(found.subject.no.as_u64()),
    ];
    client.execute(record::UPDATE, &parameters).await?;
    Ok(())
}

async fn save_record(client: &Transaction<'_>, saved: &SavedRecord) -> Result<(), Fault> {
    let found = &saved.record;
    if saved.save == Save::Update {
        return update(&**client, found).await;
    }
    let owner = found.subject.owner.name();
    let number = integer(found.subject.no.as_u64());
    let (entries, events) = (
        i64::from(found.counts.entries),
        i64::from(found.counts.events),
    );
    let (kind, changed_at) = (found.kind.as_str(), found.changed_at.as_ms());
    let parameters: [&(dyn ToSql + Sync); 9] = [
        &owner,
        &number,
        &kind,
        &found.state,
        &found.created_at.as_ms(),
        &changed_at,
        &entries,
        &events,
        &found.body,
    ];
    change(client, record::INSERT, &parameters).await?;
    let names = saved.names.iter().map(|name| (record::INSERT_NAME, name));
    let marks = saved.marks.iter().map(|mark| (record::INSERT_MARK, mark));
    for (sql, Name { what, text }) in names.chain(marks) {
        let parameters: [&(dyn ToSql + Sync); 5] = [&kind, what, text, &owner, &number];
        change(client, sql, &parameters).await?;
    }
    Ok(())
}
