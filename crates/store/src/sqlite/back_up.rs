//! A copy of the books, made while they are written.

use std::path::Path;

use heliu_ports::store::StoreError;
use rusqlite::{Connection, OpenFlags};

use super::connection::BUSY_TIMEOUT;
use super::draft::Draft;
use super::fault::Fault;
use super::private::make_private;
use super::wal::mark::{self, keep_log};

/// Copies the books at `from` into the new file `to`. What was committed when it began is in it and
/// nothing else. The file is there whole, checked and on disk, or not at all. Blocks for as long as
/// that takes.
pub(crate) fn back_up(from: &Path, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::conflict(format!(
            "{} exists already",
            to.display()
        )));
    }
    let draft = Draft::of(to);
    copy(from, draft.path())?;
    draft.put_in_place()
}

/// One read transaction sees one instant, so the writer is neither waited for nor held up.
fn copy(from: &Path, draft: &Path) -> Result<(), Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let books = Connection::open_with_flags(from, flags)?;
    keep_log(&books, true)?;
    books.busy_timeout(BUSY_TIMEOUT)?;
    let name = draft
        .to_str()
        .ok_or_else(|| Fault::Damaged("the backup's path is not UTF-8".to_owned()))?;
    make_private(draft)?;
    books.execute("VACUUM INTO ?1", [name])?;
    let copied = Connection::open_with_flags(draft, flags)?;
    mark::set_closed(&copied)?;
    let verdict: String = copied.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(Fault::Damaged(format!("the copy is damaged: {verdict}")))
    }
}
