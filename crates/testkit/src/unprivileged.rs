//! Servers that refuse to run as root: which user runs them then, and where that user may walk.

use std::ffi::OsString;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

/// The user that root runs them as; Debian's package of PostgreSQL makes it.
pub(crate) const USER: &str = "postgres";

/// How often a server's state is looked at while somebody waits for it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A program run as [`USER`] if we are root, as ourselves otherwise. It gets `signal` when we die,
/// however we die; to the system that is the end of the thread that starts it.
pub(crate) fn program(path: &Path, signal: &str) -> Command {
    program_by(&[], path, signal)
}

/// The same, started by a command of which `way_in` are the first words.
pub(crate) fn program_by(way_in: &[String], path: &Path, signal: &str) -> Command {
    let mut words: Vec<OsString> = way_in.iter().map(OsString::from).collect();
    // Part of util-linux, as `unshare` is: every Debian has it.
    let mut way = vec!["setpriv", "--pdeathsig", signal];
    if is_root() {
        way.extend(["--reuid", USER, "--regid", USER, "--init-groups"]);
    }
    way.push("--");
    words.extend(way.into_iter().map(OsString::from));
    words.push(path.into());
    let mut command = Command::new(words.remove(0));
    command.args(words);
    command
}

/// A new folder for the servers' user alone under `parent`, which is made if it is missing; where
/// that user may not walk there, under the system's folder for temporary files.
pub(crate) fn folder(parent: &Path, name: &str) -> Result<PathBuf> {
    fs::create_dir_all(parent)?;
    let parent = parent.canonicalize()?;
    let parent = if is_root() && !is_walkable(&parent)? {
        std::env::temp_dir()
    } else {
        parent
    };
    let folder = parent.join(name);
    let _not_there = fs::remove_dir_all(&folder);
    fs::create_dir(&folder)?;
    give(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
    Ok(folder)
}

/// Makes a file or folder the servers' user's.
pub(crate) fn give(path: &Path) -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let (user, group) = user()?;
    chown(path, Some(user), Some(group))
}

/// Asks again and again until `probe` has an answer; nothing if it has none within `limit`.
pub(crate) fn poll<T>(
    limit: Duration,
    mut probe: impl FnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let mut waited = Duration::ZERO;
    // Nobody sends: this is a pause.
    let (_sender, never) = channel::<()>();
    while waited < limit {
        if let Some(found) = probe()? {
            return Ok(Some(found));
        }
        let _passed = never.recv_timeout(LOOK_AGAIN);
        waited += LOOK_AGAIN;
    }
    Ok(None)
}

/// Whether every user may walk to a folder; a checkout of root's often stands where only root may.
fn is_walkable(folder: &Path) -> Result<bool> {
    for ancestor in folder.ancestors() {
        if fs::metadata(ancestor)?.permissions().mode() & 0o001 == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// User and group of [`USER`].
fn user() -> Result<(u32, u32)> {
    let passwords = fs::read_to_string("/etc/passwd")?;
    let line = passwords.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        (name == USER).then_some((user, group))
    });
    line.ok_or_else(|| {
        let why = format!(
            "there is no user {USER} to run PostgreSQL as: install Debian's package postgresql"
        );
        Error::new(ErrorKind::NotFound, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_a_private_one_is_not_for_everybody() {
        let private = std::env::temp_dir().join(format!("heliu-private-{}", std::process::id()));
        let inner = private.join("inner");
        fs::create_dir_all(&inner).expect("made");
        let walkable = [0o755, 0o700].map(|mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(&private, permissions).expect("set");
            is_walkable(&inner).expect("seen")
        });
        fs::remove_dir_all(&private).expect("removed");
        let around = is_walkable(&std::env::temp_dir()).expect("seen");
        assert_eq!(walkable, [around, false]);
    }
}
