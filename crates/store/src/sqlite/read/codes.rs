//! Contents of QR codes that channels gave.

use rusqlite::Connection;

use crate::sqlite::fault::Fault;
use crate::sqlite::query::first;

/// Whether a channel gave this content to an attempt.
pub(crate) fn is_issued_code(connection: &Connection, content: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM issued_code WHERE content = ?1";
    Ok(first(connection, sql, [content], |_| Ok(()))?.is_some())
}
