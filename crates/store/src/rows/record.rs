//! `record`, `record_name`, `record_mark`: aggregates that are not hot, whole, and what they are
//! found by.

use heliu_ports::store::RecordFilter;
use heliu_trade::followup::consequences::Counts;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Record, RecordKind};

use crate::columns::{Columns, Result};

/// The columns that [`read`] reads.
const COLUMNS: &str = "r.owner, r.subject_no, r.kind, r.state, r.created_at, r.changed_at, \
    r.entry_count, r.event_count, r.body";

/// By kind, owner and number.
pub(crate) fn numbered() -> String {
    format!(
        "SELECT {COLUMNS} FROM record AS r WHERE r.kind = $1 AND r.owner = $2 AND r.subject_no = $3"
    )
}

/// By kind and number, whosever it is.
pub(crate) fn anybodys() -> String {
    format!("SELECT {COLUMNS} FROM record AS r WHERE r.kind = $1 AND r.subject_no = $2")
}

/// By kind, what, and text of a name.
pub(crate) fn named() -> String {
    format!(
        "SELECT {COLUMNS} FROM record_name AS n
         JOIN record AS r ON r.owner = n.owner AND r.subject_no = n.subject_no
         WHERE n.kind = $1 AND n.what = $2 AND n.text = $3"
    )
}

/// By kind, what, and text of a mark: the newest hundred, newest first.
pub(crate) fn marked() -> String {
    format!(
        "SELECT {COLUMNS} FROM record_mark AS m
         JOIN record AS r ON r.owner = m.owner AND r.subject_no = m.subject_no
         WHERE m.kind = $1 AND m.what = $2 AND m.text = $3 ORDER BY m.subject_no DESC LIMIT 100"
    )
}

/// By kind, what, and text of a mark, and by the owner, oldest first; locked.
pub(crate) fn marked_of_owner() -> String {
    format!(
        "SELECT {COLUMNS} FROM record_mark AS m
         JOIN record AS r ON r.owner = m.owner AND r.subject_no = m.subject_no
         WHERE m.kind = $1 AND m.what = $2 AND m.text = $3 AND r.owner = $4
         ORDER BY r.subject_no FOR UPDATE OF r"
    )
}

/// Of an owner ($1), a kind ($2) and a state ($3), oldest first; so many ($4).
pub(crate) fn waiting() -> String {
    format!(
        "SELECT {COLUMNS} FROM record AS r WHERE r.owner = $1 AND r.kind = $2 AND r.state = $3
         ORDER BY r.subject_no LIMIT CAST($4 AS BIGINT)"
    )
}

/// Newest first: of a kind, below a number, in a state if the filter has one, so many.
pub(crate) fn list(filter: &RecordFilter) -> String {
    let (in_state, limit) = match filter.state {
        Some(_) => ("AND r.state = $3", "$4"),
        None => ("", "$3"),
    };
    format!(
        "SELECT {COLUMNS} FROM record AS r WHERE r.kind = $1 AND r.subject_no < $2 {in_state}
         ORDER BY r.subject_no DESC LIMIT {limit}"
    )
}

pub(crate) const INSERT: &str = "INSERT INTO record
    (owner, subject_no, kind, state, created_at, changed_at, entry_count, event_count, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const UPDATE: &str = "UPDATE record
    SET state = $1, changed_at = $2, entry_count = $3, event_count = $4, body = $5
    WHERE owner = $6 AND subject_no = $7";
pub(crate) const INSERT_NAME: &str =
    "INSERT INTO record_name (kind, what, text, owner, subject_no) VALUES ($1, $2, $3, $4, $5)";
pub(crate) const INSERT_MARK: &str =
    "INSERT INTO record_mark (kind, what, text, owner, subject_no) VALUES ($1, $2, $3, $4, $5)";

/// A record.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Record> {
    Ok(Record {
        subject: Subject {
            owner: Owner::of_name(&columns.string()?),
            no: PlatformNo::from_u64(columns.number()?),
        },
        kind: columns.word(RecordKind::parse)?,
        state: columns.string()?,
        created_at: columns.at()?,
        changed_at: columns.at()?,
        counts: Counts {
            entries: columns.count()?,
            events: columns.count()?,
        },
        body: columns.string()?,
    })
}
