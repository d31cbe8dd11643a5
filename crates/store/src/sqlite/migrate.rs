//! Brings the schema up to date: forward only, each step whole or not at all.

use std::path::Path;

use heliu_ports::store::StoreError;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::fault::Fault;

/// The steps, oldest first; a step that has been released is never changed.
const STEPS: [&str; 1] = [include_str!("../../migrations/sqlite/0001_books.sql")];

/// A file up to this size, in bytes, is examined page by page when it is opened; a larger one would
/// delay the start too long.
const EXAMINED_BYTES: i64 = 64 * 1024 * 1024;

/// No page of SQLite's is smaller.
const SMALLEST_PAGE_BYTES: u64 = 512;

/// Applies the steps that are missing. Two processes may do it at once: each step looks again under the
/// write lock.
pub(crate) fn migrate(connection: &mut Connection, name: &str) -> Result<(), StoreError> {
    examine(connection).map_err(|fault| explain(&fault, name))?;
    loop {
        match migrate_one_step(connection) {
            Ok(Progress::Done) => return Ok(()),
            Ok(Progress::Stepped) => {}
            Ok(Progress::TooNew(version)) => {
                let known = STEPS.len();
                return Err(StoreError(format!(
                    "{name} has schema {version}, this program knows {known}: it was written by a \
                     newer version; start that one"
                )));
            }
            Err(fault) => return Err(explain(&fault, name)),
        }
    }
}

/// A fault while opening, in plain words.
pub(crate) fn explain(fault: &Fault, name: &str) -> StoreError {
    let code = match fault {
        Fault::Sqlite(error) => error.sqlite_error_code(),
        _ => None,
    };
    StoreError(match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!(
            "{name} is damaged or is not a database ({fault}): keep a copy, and restore a backup"
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => format!(
            "{name} cannot be opened ({fault}): does the folder exist, and may we write in it?"
        ),
        Some(ErrorCode::DiskFull) => format!("{name} cannot be opened ({fault}): make room"),
        _ => format!("{name} cannot be opened: {fault}"),
    })
}

enum Progress {
    Done,
    Stepped,
    TooNew(usize),
}

/// A file with something in it that is too short for any database, or of which only the log is left: SQLite would
/// take it for a new one, drop the log, and the books would begin anew.
pub(crate) fn refuse_remnant(path: &Path) -> Result<(), Fault> {
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let what = match (bytes(path), bytes(Path::new(&log))) {
        (0, 0) | (SMALLEST_PAGE_BYTES.., _) => return Ok(()),
        (0, _) => "nothing but its log is left of it".to_owned(),
        (left, _) => format!("only {left} bytes are left of it"),
    };
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    Err(rusqlite::Error::SqliteFailure(code, Some(what)).into())
}

fn examine(connection: &Connection) -> Result<(), Fault> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let page_size: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    if pages.saturating_mul(page_size) > EXAMINED_BYTES {
        return Ok(());
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(verdict)).into())
}

fn migrate_one_step(connection: &mut Connection) -> Result<Progress, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT",
    )?;
    let sql = "SELECT coalesce(max(version), 0) FROM schema_version";
    let version: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > STEPS.len() {
        return Ok(Progress::TooNew(version));
    }
    let Some(step) = STEPS.get(version) else {
        transaction.commit()?;
        return Ok(Progress::Done);
    };
    transaction.execute_batch(step)?;
    let sql = "INSERT INTO schema_version (version) SELECT coalesce(max(version), 0) + 1 FROM schema_version";
    transaction.execute(sql, [])?;
    transaction.commit()?;
    Ok(Progress::Stepped)
}
