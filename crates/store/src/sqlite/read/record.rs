//! Records.

use heliu_ports::store::RecordFilter;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Name, Record, RecordKind, Want};
use rusqlite::{Connection, params};

use crate::columns::integer;
use crate::rows::record;
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, first};

/// The record that is wanted.
pub(crate) fn find(connection: &Connection, want: &Want) -> Result<Option<Record>, Fault> {
    match want {
        Want::Numbered(kind, subject) => {
            let number = integer(subject.no.as_u64());
            let key = params![kind.as_str(), subject.owner.name(), number];
            first(connection, &record::numbered(), key, record::read)
        }
        Want::Named(kind, name) => {
            let key = params![kind.as_str(), name.what, name.text];
            first(connection, &record::named(), key, record::read)
        }
    }
}

/// The record of a number, whosever it is.
pub(crate) fn numbered(
    connection: &Connection,
    kind: RecordKind,
    no: PlatformNo,
) -> Result<Option<Record>, Fault> {
    let key = params![kind.as_str(), integer(no.as_u64())];
    first(connection, &record::anybodys(), key, record::read)
}

/// The newest records that have a mark.
pub(crate) fn marked(
    connection: &Connection,
    kind: RecordKind,
    mark: &Name,
) -> Result<Vec<Record>, Fault> {
    let key = params![kind.as_str(), mark.what, mark.text];
    all(connection, &record::marked(), key, record::read)
}

/// Records, newest first.
pub(crate) fn list(connection: &Connection, filter: &RecordFilter) -> Result<Vec<Record>, Fault> {
    let below = filter.below.map_or(i64::MAX, |no| integer(no.as_u64()));
    let (kind, sql) = (filter.kind.as_str(), record::list(filter));
    match &filter.state {
        None => all(
            connection,
            &sql,
            params![kind, below, filter.limit],
            record::read,
        ),
        Some(state) => {
            let key = params![kind, below, state, filter.limit];
            all(connection, &sql, key, record::read)
        }
    }
}
