//! The office: `person` and `audit`.

use heliu_ports::store::AuditFilter;
use heliu_trade::followup::audit::{AuditEntry, AuditLink, NewAudit};
use heliu_trade::person::{Person, Role};
use heliu_trade::time::Timestamp;

use crate::columns::{Columns, Result, integer};

/// The people, by name.
pub(crate) const PEOPLE: &str =
    "SELECT name, role, is_enabled, created_at FROM person ORDER BY name";

/// Lets a person act, or no more.
pub(crate) const SET_PERSON_ENABLED: &str = "UPDATE person SET is_enabled = $1 WHERE name = $2";

/// The end of the chain, that [`read_link`] reads.
pub(crate) const LAST_AUDIT: &str = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";

/// Whether an act stands already.
pub(crate) const STANDING_AUDIT: &str = "SELECT seq FROM audit WHERE audit_id = $1";

/// A row, its columns in the order of the table.
pub(crate) const INSERT_AUDIT: &str = "INSERT INTO audit (seq, audit_id, at, actor, os_user, action, subject, was, \
    became, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Rows that [`read_audit`] reads, newest first, by the parameters of [`filter_cells`]. Both
/// databases understand it.
pub(crate) const LIST_AUDIT: &str = "SELECT seq, audit_id, at, actor, os_user, action, subject, was, became, \
    prev_hash, hash FROM audit \
    WHERE (CAST($1 AS TEXT) IS NULL OR actor = CAST($1 AS TEXT)) \
    AND (CAST($2 AS TEXT) IS NULL OR subject = CAST($2 AS TEXT)) \
    AND (CAST($3 AS TEXT) IS NULL OR action = CAST($3 AS TEXT)) \
    AND at >= CAST($4 AS BIGINT) AND at < CAST($5 AS BIGINT) AND seq < CAST($6 AS BIGINT) \
    ORDER BY seq DESC LIMIT CAST($7 AS BIGINT)";

/// Rows behind a place ($1), oldest first, at most so many ($2).
pub(crate) const AUDIT_CHAIN: &str = "SELECT seq, audit_id, at, actor, os_user, action, subject, was, became, \
    prev_hash, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";

/// A filter's words, and its bounds as numbers.
pub(crate) struct FilterCells<'f> {
    pub(crate) actor: Option<&'f str>,
    pub(crate) subject: Option<&'f str>,
    pub(crate) action: Option<&'f str>,
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) before_seq: i64,
    pub(crate) limit: i64,
}

/// A filter as [`LIST_AUDIT`] takes it; what is not asked for bounds nothing.
pub(crate) fn filter_cells(filter: &AuditFilter) -> FilterCells<'_> {
    FilterCells {
        actor: filter.actor.as_deref(),
        subject: filter.subject.as_deref(),
        action: filter.action.as_deref(),
        since: filter.since.map_or(i64::MIN, Timestamp::as_ms),
        until: filter.until.map_or(i64::MAX, Timestamp::as_ms),
        before_seq: filter.before_seq.map_or(i64::MAX, integer),
        limit: i64::from(filter.limit),
    }
}

/// A person.
pub(crate) fn read_person(columns: &mut Columns<'_>) -> Result<Person> {
    Ok(Person {
        name: columns.string()?,
        role: columns.word(Role::parse)?,
        is_enabled: columns.flag()?,
        created_at: columns.at()?,
    })
}

fn read_seq(columns: &mut Columns<'_>) -> Result<u64> {
    let seq = columns.integer()?;
    u64::try_from(seq).map_err(|error| columns.damaged(&error.to_string()))
}

/// The end of the chain.
pub(crate) fn read_link(columns: &mut Columns<'_>) -> Result<AuditLink> {
    Ok(AuditLink {
        seq: read_seq(columns)?,
        hash: columns.string()?,
    })
}

/// A row of the record.
pub(crate) fn read_audit(columns: &mut Columns<'_>) -> Result<AuditEntry> {
    let seq = read_seq(columns)?;
    let act = NewAudit {
        audit_id: columns.string()?,
        at: columns.at()?,
        actor: columns.string()?,
        system_user: columns.string()?,
        action: columns.string()?,
        subject: columns.string()?,
        before: columns.string_opt()?,
        after: columns.string_opt()?,
    };
    Ok(AuditEntry {
        seq,
        act,
        prev_hash: columns.string()?,
        hash: columns.string()?,
    })
}
