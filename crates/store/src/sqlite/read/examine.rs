//! Every page of the file and every entry of an index, looked at.

use rusqlite::Connection;

use crate::sqlite::fault::Fault;

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
