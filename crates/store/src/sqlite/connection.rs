//! Opens connections and sets them up.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;

/// How long a statement waits for another process that holds the file, in ms: `books check` and the
/// other commands read beside us, nobody writes beside us.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_millis(2000);
/// Page size of a new file, in bytes: a quarter of a page must hold an order, which then needs no
/// overflow pages in a table without row ids.
const PAGE_SIZE: u32 = 8192;
/// Log length at which a commit copies the log into the file, in pages (64 MiB): far apart under load;
/// when idle the writer does it earlier.
const CHECKPOINT_PAGES: u32 = 8192;
/// The writer's page cache, in KiB.
const WRITER_CACHE_KIB: i64 = 24 * 1024;
/// Each reader's page cache, in KiB.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Log file kept on disk after a checkpoint, in bytes; a longer one is cut back to this.
const LOG_KEPT_BYTES: i64 = 128 * 1024 * 1024;
/// Prepared statements kept by a reader.
const READER_STATEMENTS: usize = 64;

/// The writer's connection; creates the file.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT_BYTES, |_| Ok(()))?;
    Ok(connection)
}

/// A new file that nobody else knows: one that is not finished is thrown away, so nothing is kept for a power
/// cut on the way.
pub(crate) fn open_draft(path: &Path) -> Result<Connection, Fault> {
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
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(READER_STATEMENTS);
    Ok(connection)
}
