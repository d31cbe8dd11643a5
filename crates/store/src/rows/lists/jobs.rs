//! Jobs in a list, the earliest due first.

use heliu_ports::lists::{Cursor, Holder, JobFilter, JobRow, Page};
use heliu_trade::id::MerchantId;
use heliu_trade::time::Timestamp;

use super::{Conditions, Kind, List, limit};
use crate::columns::{Columns, Result, integer};
use crate::rows::timeline::{JOB_COLUMNS, read_job};

/// The order of the list. An index has when they are due; those that are due in the same instant
/// are few.
const ORDER: &str = "due_at, owner, subject_no, kind, about";

/// The page. In books that one node has alone, `node` is that one.
pub(crate) fn list(filter: &JobFilter, page: &Page, kind: Kind, node: u8) -> List<JobRow> {
    let mut all = Conditions::default();
    let held_by = match kind {
        Kind::Sqlite => format!("CASE WHEN leased_at IS NOT NULL THEN {node} END"),
        Kind::Postgres => "CAST(leased_by AS BIGINT)".to_owned(),
    };
    after(page.after.as_ref(), &mut all);
    if let Some(from) = filter.due.from.map(Timestamp::as_ms) {
        all.add(format!("due_at >= {from}"));
    }
    if let Some(until) = filter.due.until.map(Timestamp::as_ms) {
        all.add(format!("due_at < {until}"));
    }
    all.among("kind", filter.kinds.iter().map(|kind| kind.as_str()));
    all.is("owner", filter.merchant_id.as_ref().map(MerchantId::as_str));
    if let Some(subject) = &filter.subject {
        all.is("owner", Some(&subject.owner.name()));
        all.add(format!("subject_no = {}", integer(subject.no.as_u64())));
    }
    match filter.held_by {
        None => {}
        Some(Holder::Nobody) => all.add("leased_at IS NULL"),
        Some(Holder::AnyNode) => all.add("leased_at IS NOT NULL"),
        Some(Holder::Node(node)) => all.add(format!("{held_by} = {node}")),
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT {JOB_COLUMNS}, {held_by} FROM job WHERE {wanted} ORDER BY {ORDER} LIMIT {limit}"
    );
    List {
        asked: all.ask(sql),
        read,
        place,
        page: page.clone(),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<JobRow> {
    let job = read_job(columns)?;
    let held_by = columns.integer_opt()?.map(u8::try_from).transpose();
    Ok(JobRow {
        job,
        held_by: held_by.map_err(|error| columns.damaged(&error.to_string()))?,
    })
}

fn place(row: &JobRow) -> String {
    row.place()
}

/// What stands behind a place.
fn after(place: Option<&Cursor>, all: &mut Conditions) {
    let Some(place) = place else { return };
    let Some(place) = JobRow::parse_place(place) else {
        all.add("1 = 0");
        return;
    };
    let due_at = place.due_at.as_ms();
    let owner = all.bind(&place.key.subject.owner.name());
    let (number, about) = (
        integer(place.key.subject.no.as_u64()),
        integer(place.key.about),
    );
    let kind = place.key.kind.as_str();
    // The first half is what an index helps with.
    all.add(format!(
        "due_at >= {due_at} AND ({ORDER}) > ({due_at}, {owner}, {number}, '{kind}', {about})"
    ));
}
