//! How long the log may become: on a large disk as long as is good for speed, on a small one a part
//! of the room that there is, so that it never fills the disk.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::sqlite::connection::{CHECKPOINT_PAGES, PAGE_SIZE, limit_log};
use crate::sqlite::fault::Fault;
use crate::sqlite::wal::log_of;

/// A log shorter than this holds less than some batches do, in pages.
const PAGES_MIN: u64 = 64;
/// The part of the room that the log may have.
const PART: u64 = 4;
/// How many batches pass between two looks at the disk.
const LOOK_EVERY: u32 = 64;

/// The room for the log.
pub(super) struct Room {
    log: PathBuf,
    /// The length at which the log is copied into the file, in pages.
    pages: u32,
    batches: u32,
}

impl Room {
    pub(super) fn of(connection: &Connection) -> Result<Self, Fault> {
        let path = connection.path().unwrap_or_default();
        let mut room = Self {
            log: log_of(Path::new(path)),
            pages: CHECKPOINT_PAGES,
            batches: 0,
        };
        room.look(connection)?;
        Ok(room)
    }

    /// A batch was written; now and then the disk is looked at.
    pub(super) fn written(&mut self, connection: &Connection) -> Result<(), Fault> {
        self.batches += 1;
        if self.batches < LOOK_EVERY {
            return Ok(());
        }
        self.batches = 0;
        self.look(connection)
    }

    fn look(&mut self, connection: &Connection) -> Result<(), Fault> {
        let folder = self
            .log
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let disk =
            rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).map_err(std::io::Error::from)?;
        let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
        let pages = pages(free_bytes.saturating_add(self.log_bytes()));
        if pages != self.pages {
            limit_log(connection, pages)?;
            self.pages = pages;
        }
        Ok(())
    }

    fn log_bytes(&self) -> u64 {
        std::fs::metadata(&self.log).map_or(0, |log| log.len())
    }
}

/// The length that a log may have where there is so much room for it, in pages. Not every page
/// counts, so that it is not set anew all the time.
fn pages(room_bytes: u64) -> u32 {
    let pages = room_bytes / PART / u64::from(PAGE_SIZE);
    let step = (pages / 8).max(1).next_power_of_two();
    let pages = (pages / step * step).max(PAGES_MIN);
    u32::try_from(pages)
        .unwrap_or(u32::MAX)
        .min(CHECKPOINT_PAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_takes_a_quarter_of_a_small_disk_and_no_more_than_is_good_for_speed() {
        let mib = 1 << 20;
        for (room_mib, expected_mib) in [(16, 4), (64, 16), (256, 64), (1 << 20, 64)] {
            let bytes = u64::from(pages(room_mib * mib)) * u64::from(PAGE_SIZE);
            assert!(bytes <= expected_mib * mib, "{room_mib} MiB: {bytes} bytes");
            assert!(
                bytes * 4 >= expected_mib * mib * 3,
                "{room_mib} MiB: {bytes} bytes"
            );
        }
        assert_eq!(u64::from(pages(0)), PAGES_MIN);
    }
}
