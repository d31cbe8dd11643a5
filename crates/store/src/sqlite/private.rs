//! Files that only their owner may read and write, whatever the folder and the process's mask say.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::draft::beside;

const MODE: u32 = 0o600;
/// Whatever a group or everybody may do.
const OTHERS: u32 = 0o077;

/// A new file, or one that is made empty.
pub(crate) fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(true)
        .write(true)
        .mode(MODE)
        .open(path)?;
    keep_private(path)?;
    Ok(file)
}

/// The file at `path`, which is made if it is missing, and what SQLite has made beside it. What
/// SQLite makes later has the file's own mode.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    let made = options.create_new(true).write(true).mode(MODE).open(path);
    match made {
        Ok(_) => {}
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {}
        // SQLite says in its words that it cannot be opened.
        Err(_) => return Ok(()),
    }
    let files = [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")];
    files.iter().try_for_each(|file| keep_private(file))
}

/// Takes from others whatever they may do with a file, if it is there.
///
/// # Errors
/// Its mode cannot be read or changed. A file of another user, or on a disk that takes no writes,
/// is told in the log instead: it can be used.
pub fn keep_private(path: &Path) -> Result<()> {
    let mode = match std::fs::metadata(path) {
        Ok(file) => file.permissions().mode(),
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause),
    };
    if mode & OTHERS == 0 {
        return Ok(());
    }
    match std::fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS)) {
        // Another user's file, which we may use and not shut; a read-only disk.
        Err(cause)
            if matches!(
                cause.kind(),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            tracing::warn!(file = %path.display(), %cause, "others may read this file; chmod 600 it");
            Ok(())
        }
        done => done,
    }
}
