//! Going on in spite of a damaged log: what is left of it is kept beside the books, SQLite gets the
//! part that adds up, and the books are marked.
//!
//! What is to be marked is written into a file first, so that a process that dies on the way leaves
//! no books that look as if nothing had happened.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use heliu_ports::store::BooksDamage;
use heliu_trade::time::Timestamp;
use rusqlite::Connection;

use super::{Damage, log_of};
use crate::sqlite::draft::{beside, sync_folder_of};
use crate::sqlite::fault::Fault;
use crate::sqlite::private;
use crate::sqlite::read::examine::examine;

/// Where the damaged log is kept.
fn aside(path: &Path, damage: &Damage) -> PathBuf {
    beside(&log_of(path), &format!(".damaged-{}", damage.code()))
}

/// What is to be marked.
fn note_of(path: &Path) -> PathBuf {
    beside(path, "-damage")
}

/// Puts the log aside, but for what SQLite may have of it.
pub(crate) fn set_aside(path: &Path, damage: &Damage, at: Timestamp) -> Result<(), Fault> {
    let done = || {
        write_whole(&note_of(path), &format!("{}\n{damage}", at.as_ms()))?;
        let (log, aside) = (log_of(path), aside(path, damage));
        match damage.kept_bytes {
            Some(bytes) => {
                copy(&log, &aside)?;
                let log = OpenOptions::new().write(true).open(&log)?;
                log.set_len(bytes)?;
                log.sync_all()
            }
            None => match fs::rename(&log, &aside) {
                Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
                renamed => renamed,
            },
        }?;
        sync_folder_of(path)
    };
    done().map_err(Fault::Unreadable)
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = beside(path, ".draft");
    let mut file = private::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    sync_folder_of(path)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut copy = private::create(to)?;
    std::io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

/// Whether somebody has gone on in spite of a damage and the books do not say so yet. Then every
/// page is looked at before anything is written: the file may hold pages that are newer than what
/// is left of the log.
pub(crate) fn check(path: &Path, connection: &Connection) -> Result<(), Fault> {
    if !note_of(path).exists() {
        return Ok(());
    }
    let found = examine(connection)?;
    match found.first() {
        None => Ok(()),
        Some(first) => {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            let what = format!("what is left of its log does not fit it: {first}");
            Err(rusqlite::Error::SqliteFailure(code, Some(what)).into())
        }
    }
}

/// Marks the books, if there is something to be marked.
pub(crate) fn mark(path: &Path, connection: &Connection) -> Result<(), Fault> {
    let note = note_of(path);
    let text = match fs::read_to_string(&note) {
        Ok(text) => text,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause.into()),
    };
    let (at, told) = text.split_once('\n').unwrap_or(("0", &text));
    let at = Timestamp::from_ms(at.parse().unwrap_or(0));
    let damage = BooksDamage {
        accepted_at: at,
        told: told.to_owned(),
    };
    let sql = "INSERT INTO damage (accepted_at, told) VALUES (?1, ?2) ON CONFLICT (accepted_at) DO NOTHING";
    connection.execute(sql, (damage.accepted_at.as_ms(), &damage.told))?;
    fs::remove_file(note).map_err(Fault::Unreadable)
}
