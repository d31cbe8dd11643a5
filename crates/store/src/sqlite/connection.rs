//! Opens connections and sets them up.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;
use super::private::make_private;
use super::wal::mark::keep_log;

/// How long a statement waits for another process that holds the file, in ms: `books check` and the
/// other commands read beside us, nobody writes beside us.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_millis(2000);
/// Page size of a new file, in bytes: a quarter of a page must hold an order, which then needs no
/// overflow pages in a table without row ids.
pub(super) const PAGE_SIZE: u32 = 8192;
/// Log length at which a commit copies the log into the file at the latest, in pages (64 MiB): far
/// apart under load; when idle, or where there is little room, the writer does it earlier.
pub(super) const CHECKPOINT_PAGES: u32 = 8192;
/// The writer's page cache, in KiB.
const WRITER_CACHE_KIB: i64 = 24 * 1024;
/// Each reader's page cache, in KiB.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// A log file that has become longer than so many times that length is cut back to it.
const LOG_KEPT_LENGTHS: u32 = 2;
/// Prepared statements kept by a reader.
const READER_STATEMENTS: usize = 64;

/// The writer's connection; creates the file.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    make_private(path)?;
    let connection = Connection::open(path)?;
    keep_log(&connection, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    limit_log(&connection, CHECKPOINT_PAGES)?;
    Ok(connection)
}

/// From now on a commit copies the log into the file once it has so many pages.
pub(super) fn limit_log(connection: &Connection, pages: u32) -> Result<(), Fault> {
    connection.pragma_update_and_check(None, "wal_autocheckpoint", pages, |_| Ok(()))?;
    let kept_bytes = i64::from(pages) * i64::from(PAGE_SIZE) * i64::from(LOG_KEPT_LENGTHS);
    connection.pragma_update_and_check(None, "journal_size_limit", kept_bytes, |_| Ok(()))?;
    Ok(())
}

/// A new file that nobody else knows: one that is not finished is thrown away, so nothing is kept
/// for a power cut on the way.
pub(crate) fn open_draft(path: &Path) -> Result<Connection, Fault> {
    make_private(path)?;
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update_and_check(None, "journal_mode", "memory", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(connection)
}

/// A connection that can only read.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    keep_log(&connection, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(READER_STATEMENTS);
    Ok(connection)
}
