//! A disk of a few MiB that only some processes see: it fills up quickly, and harms nobody when it
//! does.
//!
//! It is a file system in memory, mounted in a mount namespace of its own, which a shell holds
//! open. Root may do that; whoever is not root may in a user namespace, unless the machine forbids
//! them.

use std::fs;
use std::io::{BufRead, BufReader, Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The file that fills the disk.
const FILLING: &str = "filling";
/// Bytes that are written at once to fill it.
const FILL_BYTES: usize = 4096;

/// A mounted disk; gone when it is dropped and nobody uses it any more.
pub struct SmallDisk {
    holder: Child,
    at: PathBuf,
    has_user_namespace: bool,
}

impl SmallDisk {
    /// Mounts one over the folder `at`.
    ///
    /// # Errors
    /// This machine lets us mount nothing.
    pub fn mount(at: &Path, mib: u32) -> Result<Self> {
        let at = at.canonicalize()?;
        // Root of a container may still not mount; then it is tried as everybody else may.
        Self::mount_in(&at, mib, false).or_else(|_| Self::mount_in(&at, mib, true))
    }

    fn mount_in(at: &Path, mib: u32, has_user_namespace: bool) -> Result<Self> {
        let mut command = Command::new("unshare");
        if has_user_namespace {
            command.args(["--user", "--map-current-user", "--keep-caps"]);
        }
        // The shell mounts, says so, and takes orders until its input ends, as it does when we die.
        let script = format!(
            "mount -t tmpfs -o size={mib}m,mode=0777 tmpfs \"$0\" && echo ready || exit 1
             while read -r order; do eval \"$order\" && echo done || echo failed; done"
        );
        let mut holder = command
            .args(["--mount", "sh", "-c", &script])
            .arg(at)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = said(&mut holder)?;
        let disk = Self {
            holder,
            at: at.to_owned(),
            has_user_namespace,
        };
        if said == "ready" {
            Ok(disk)
        } else {
            let why = "this machine lets us mount nothing";
            Err(Error::new(ErrorKind::PermissionDenied, why))
        }
    }

    /// What comes before a command so that it sees the disk.
    #[must_use]
    pub fn way_in(&self) -> Vec<String> {
        let process = self.holder.id().to_string();
        let mut words = vec!["nsenter".to_owned(), "--target".to_owned(), process];
        if self.has_user_namespace {
            words.push("--user".to_owned());
            words.push("--preserve-credentials".to_owned());
        }
        words.extend(["--mount".to_owned(), "--".to_owned()]);
        words
    }

    /// Whether a command there can become another user.
    #[must_use]
    pub fn knows_other_users(&self) -> bool {
        !self.has_user_namespace
    }

    /// Where those who do not see the disk find what is on it.
    #[must_use]
    pub fn seen_from_outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.at.strip_prefix("/").unwrap_or(&self.at))
    }

    /// Fills it, but for `left_bytes`.
    ///
    /// # Errors
    /// For another reason than that it is full.
    pub fn fill(&self, left_bytes: usize) -> Result<()> {
        let path = self.seen_from_outside().join(FILLING);
        let mut file = fs::File::create(&path)?;
        let mut written = 0_u64;
        loop {
            match file.write_all(&[0xf1; FILL_BYTES]) {
                Ok(()) => written += FILL_BYTES as u64,
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error),
            }
        }
        file.set_len(written.saturating_sub(left_bytes as u64))
    }

    /// Makes room again.
    ///
    /// # Errors
    /// It was not filled.
    pub fn make_room(&self) -> Result<()> {
        fs::remove_file(self.seen_from_outside().join(FILLING))
    }

    /// Makes it read-only, or not. A file that is open for writing keeps that from happening.
    ///
    /// # Errors
    /// The system refused.
    pub fn set_read_only(&mut self, is_read_only: bool) -> Result<()> {
        let mode = if is_read_only { "ro" } else { "rw" };
        let input = self.holder.stdin.as_mut().ok_or(ErrorKind::BrokenPipe)?;
        writeln!(input, "mount -o remount,{mode} \"$0\"")?;
        match said(&mut self.holder)?.as_str() {
            "done" => Ok(()),
            _ => Err(Error::other("the disk cannot be mounted otherwise now")),
        }
    }
}

/// The next line that the holder says. It says one at a time, so that nothing is read beyond it.
fn said(holder: &mut Child) -> Result<String> {
    let output = holder.stdout.as_mut().ok_or(ErrorKind::BrokenPipe)?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _gone = self.holder.wait();
    }
}
