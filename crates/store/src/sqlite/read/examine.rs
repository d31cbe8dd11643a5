//! The condition of the file: every page and every entry of an index, looked at; and what it has
//! gone through.

use heliu_ports::store::BooksDamage;
use rusqlite::Connection;

use crate::rows::damage::{DAMAGES, read_damage};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all;

/// Faults that are told; a damaged page breaks much that leans on it.
const TOLD_MAX: u32 = 20;

/// What SQLite finds wrong with the file. Takes as long as reading all of it.
pub(crate) fn examine(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({TOLD_MAX})"))?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found = found.collect::<Result<Vec<_>, _>>()?;
    found.retain(|line| line != "ok");
    Ok(found)
}

/// The damages in spite of which somebody went on.
pub(crate) fn damages(connection: &Connection) -> Result<Vec<BooksDamage>, Fault> {
    all(connection, DAMAGES, [], read_damage)
}
