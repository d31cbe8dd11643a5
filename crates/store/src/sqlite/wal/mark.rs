//! The mark in the file that its books are open. One that is still there when nobody has them open
//! says that they were not closed, and so that they need their log.
//!
//! It is SQLite's `user_version`, a number in the head of the file itself: also a copy of the file
//! alone, made while it was served, says that its log is missing.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use sha2::{Digest, Sha256};

use crate::sqlite::fault::Fault;

/// Bytes of the head of the file.
const HEAD_BYTES: usize = 100;
/// The first of them.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where the head has the number.
const AT: usize = 60;
/// The mark of books that are closed.
const CLOSED: i32 = 0;
/// The mark of a machine that does not tell when it was started.
const SOME_BOOT: i32 = 1;

/// What a file says of those who had it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// They were not closed.
    pub(super) is_open: bool,
    /// And the machine has not been started since, so that whatever was written is there.
    pub(super) is_of_this_boot: bool,
}

impl Mark {
    /// `None` if there are no books, or nothing that SQLite would take for some.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Fault> {
        let mut head = [0; HEAD_BYTES];
        match File::open(path).and_then(|mut file| file.read_exact(&mut head)) {
            Ok(()) => {}
            Err(cause)
                if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) =>
            {
                return Ok(None);
            }
            Err(cause) => return Err(cause.into()),
        }
        if !head.starts_with(MAGIC) {
            return Ok(None);
        }
        let number = head.get(AT..AT + 4).and_then(|bytes| bytes.try_into().ok());
        let number = number.map_or(CLOSED, i32::from_be_bytes);
        Ok(Some(Self {
            is_open: number != CLOSED,
            is_of_this_boot: number == this_boot() && number != SOME_BOOT,
        }))
    }
}

/// A number for this run of the machine: neither of the two that mean something else.
fn this_boot() -> i32 {
    let Ok(id) = std::fs::read("/proc/sys/kernel/random/boot_id") else {
        return SOME_BOOT;
    };
    let digest = Sha256::digest(id);
    let mut numbers = digest
        .chunks_exact(4)
        .filter_map(|bytes| bytes.try_into().ok());
    let number = numbers
        .by_ref()
        .map(i32::from_be_bytes)
        .find(|number| ![CLOSED, SOME_BOOT].contains(number));
    number.unwrap_or(SOME_BOOT)
}

/// Marks books as open, in the log and then in the file: before anything is acknowledged.
pub(crate) fn open(connection: &Connection) -> Result<(), Fault> {
    set(connection, this_boot())?;
    if checkpoint(connection)? {
        return Ok(());
    }
    tracing::warn!(
        "somebody reads the books, so that the file cannot say yet that they are open; a log that goes missing \
         meanwhile would not be noticed"
    );
    Ok(())
}

/// Marks books as closed once all of the log is in the file; the log may then go with the last
/// connection.
pub(crate) fn close(connection: &Connection) -> Result<(), Fault> {
    checkpoint(connection)?;
    set(connection, CLOSED)?;
    keep_log(connection, false)
}

/// Marks a copy, which has no log and needs none.
pub(crate) fn set_closed(copy: &Connection) -> Result<(), Fault> {
    set(copy, CLOSED)
}

fn set(connection: &Connection, number: i32) -> Result<(), Fault> {
    let standing: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if standing != number {
        connection.pragma_update(None, "user_version", number)?;
    }
    Ok(())
}

/// Copies the log into the file; whether all of it.
fn checkpoint(connection: &Connection) -> Result<bool, Fault> {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    let (frames, copied) = copied?;
    Ok(frames == copied)
}

/// Whether the log stays when this connection closes as the last one. It must wherever the books
/// were not closed: else whoever looks into the file of a process that was killed takes the log
/// away with him, and the mark says that it is missing.
pub(crate) fn keep_log(connection: &Connection, keeps: bool) -> Result<(), Fault> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps)?;
    Ok(())
}
