//! The log as the process before left it: whether all that was acknowledged is still in it.
//!
//! SQLite reads a log up to its first frame that does not add up and takes what follows for
//! something that was never finished. After a kill or a power cut that is so. But the same is said
//! of a log in which a disk, or somebody, has changed one byte, or which is gone: what was
//! acknowledged behind that place is lost in silence. So the log is looked at before SQLite gets it
//! (row A8 of the reliability paper).
//!
//! | part | what it knows |
//! | --- | --- |
//! | `mark` | whether the books were closed; it stands in the file itself |
//! | `frames` | the log, frame by frame |
//! | `index` | the shared memory beside it, which survives a kill |
//! | `verdict` | what the three say together |
//! | `accept` | going on in spite of it |
//!
//! Two things prove that a frame was synchronised, so that somebody may have been told of it. A
//! sound frame stands on the commit before it: SQLite begins a transaction when the one before is
//! on disk. Or the shared memory counts it: it is counted after the synchronisation. What nothing
//! proves may be a torn tail, which a power cut leaves, and the books open.
//!
//! Deliberately absent: SQLite. Nothing here opens the books, since opening them is what would drop
//! the frames. Nobody may have them open meanwhile: to close a file takes away this process's locks
//! on it.

pub(crate) mod accept;
mod frames;
mod index;
pub(crate) mod mark;
mod verdict;

use std::path::{Path, PathBuf};

use heliu_trade::id::PlatformNo;
use heliu_trade::time::Timestamp;
use rusqlite::{Connection, OpenFlags};

pub(crate) use verdict::{Damage, Lost};

use heliu_ports::store::StoreError;

use super::AcceptedLoss;
use super::draft::beside;
use super::fault::Fault;
use frames::Frames;
use index::Index;
use mark::Mark;

/// The log of the books at `path`.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// The shared memory of those who have the books at `path` open.
fn index_of(path: &Path) -> PathBuf {
    beside(path, "-shm")
}

/// What is missing from the log of books that nobody has open; `None` if nothing is.
pub(crate) fn examine(path: &Path) -> Result<Option<Damage>, Fault> {
    let Some(mark) = Mark::read(path)? else {
        return Ok(None);
    };
    let index = Index::read(&index_of(path))?;
    let frames = Frames::read(&log_of(path))?;
    let damage = verdict::judge(&mark, frames.as_ref(), index.as_ref());
    Ok(damage.map(|mut damage| {
        if damage.lost != Lost::Nothing {
            damage.sound_until = in_the_file(path);
        }
        damage
    }))
}

/// The instant of the newest number that the file has without its log. The file may be in the
/// middle of a checkpoint, so that this is asked for and not relied upon.
fn in_the_file(path: &Path) -> Option<Timestamp> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let name = path
        .to_str()?
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    // Immutable: read as it stands, without a look at its log or a lock.
    let file = Connection::open_with_flags(format!("file:{name}?immutable=1"), flags).ok()?;
    let sql = "SELECT max(high_water_second) FROM node";
    let second: i64 = file.query_row(sql, [], |row| row.get(0)).ok()?;
    let second = u64::try_from(second).ok().filter(|second| *second > 0)?;
    Some(PlatformNo::instant_of(second))
}

/// Refuses books that miss something of what was acknowledged, unless it was accepted that they do.
pub(crate) fn refuse_damage(
    path: &Path,
    accepted: Option<&AcceptedLoss>,
) -> Result<(), StoreError> {
    let name = path.display();
    let found = examine(path)
        .map_err(|fault| StoreError::unavailable(format!("{name} cannot be read: {fault}")))?;
    match (found, accepted) {
        (None, _) => Ok(()),
        (Some(damage), Some(accepted)) if accepted.code == damage.code() => {
            tracing::warn!(books = %name, %damage, "going on in spite of a damage, as told");
            let set_aside = accept::set_aside(path, &damage, accepted.at);
            set_aside
                .map_err(|fault| StoreError::unavailable(format!("{name} and its log: {fault}")))
        }
        (Some(damage), _) => Err(StoreError::damaged(refusal(path, &damage))),
    }
}

fn refusal(path: &Path, damage: &Damage) -> String {
    let (name, log, code) = (path.display(), log_of(path), damage.code());
    let log = log.display();
    let since = damage.sound_until.map_or_else(
        || "since the last backup".to_owned(),
        |at| format!("since {at}"),
    );
    let regain = match damage.lost {
        Lost::Nothing => String::new(),
        Lost::Commits(_) | Lost::Unknown => format!(
            "\n        what is lost the channels still have: compare what each of them lists {since} with heliu orders \
             show NUMBER; what is paid there and unknown here is to be given back, or taken down by hand"
        ),
    };
    format!(
        "{name}: these books were not closed, and {damage}\n  \
         cure  keep a copy of the folder, and put {log} back from a disk, a snapshot or a copy that still has it\n        \
         else go on without it: start with --accept-loss {code}; the books are marked{regain}\n        \
         if a tool of SQLite has opened the file since the stop, it has put the log into it: then all is there"
    )
}
