//! The folder of statement files: a file is written beside its place and moved there whole.
//!
//! ```text
//! statements/WIRE-AGENT/FILE             what is fetched
//! statements/WIRE-AGENT/versions/FILE.1  what a later version has replaced
//! statements/building/NUMBER             what is being written
//! ```
//!
//! Whoever writes a file holds its lock. What lies in `building` and nobody holds is what a kill
//! left, and goes at the next start.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use heliu_trade::id::PlatformNo;
use heliu_trade::statement::StatementFile;
use sha2::{Digest as _, Sha256};

/// Bytes that are written at once.
const BUFFER_BYTES: usize = 256 * 1024;
/// The folder of what is being written.
const BUILDING: &str = "building";

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    root: PathBuf,
}

impl Shelf {
    /// It is made when the first file is. What an earlier run left half written is removed.
    pub(crate) fn open(root: PathBuf) -> Self {
        let shelf = Self { root };
        match shelf.remove_leftovers() {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "statements that were left half written are removed")
            }
            Err(cause) => tracing::warn!(%cause, "half written statements cannot be removed"),
        }
        shelf
    }

    /// Removes files that nobody is writing; how many there were.
    fn remove_leftovers(&self) -> io::Result<usize> {
        let building = match fs::read_dir(self.root.join(BUILDING)) {
            Ok(building) => building,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(cause) => return Err(cause),
        };
        let mut count = 0;
        for entry in building {
            let path = entry?.path();
            // Another node may share the folder.
            match File::open(&path)?.try_lock() {
                Ok(()) => {
                    fs::remove_file(&path)?;
                    count += 1;
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(cause)) => return Err(cause),
            }
        }
        Ok(count)
    }

    /// Where a file lies that is fetched.
    pub(super) fn place(&self, file: &StatementFile) -> PathBuf {
        self.folder(file).join(&file.name)
    }

    fn folder(&self, file: &StatementFile) -> PathBuf {
        let folder = format!("{}-{}", file.dialect_id, file.agent_id);
        self.root.join(folder)
    }

    /// Whether a file lies at its place as it was published, to the byte.
    pub(super) fn holds(&self, file: &StatementFile) -> io::Result<bool> {
        Ok(digest_of(&self.place(file))?.as_ref() == Some(&file.sha256))
    }

    /// Begins a file under a number that no other one has.
    pub(super) fn begin(&self, number: PlatformNo) -> io::Result<Building> {
        let folder = self.root.join(BUILDING);
        fs::create_dir_all(&folder)?;
        let path = folder.join(number.to_string());
        let file = File::create(&path)?;
        file.lock()?;
        Ok(Building {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            leaves: Leaves(path),
            digest: Sha256::new(),
            bytes: 0,
        })
    }

    /// Moves a new version to its place. The one that lies there is kept beside.
    pub(super) fn replace(&self, built: Built, file: &StatementFile) -> io::Result<()> {
        let (folder, place) = (self.folder(file), self.place(file));
        if file.version > 1 && place.exists() {
            let versions = folder.join("versions");
            fs::create_dir_all(&versions)?;
            let kept = format!("{}.{}", file.name, file.version - 1);
            // A second name for the same bytes: at no moment is there nothing at the place.
            match fs::hard_link(&place, versions.join(kept)) {
                Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
                Ok(()) | Err(_) => {}
            }
        }
        self.put(built, file)
    }

    /// Moves a whole file to its place.
    pub(super) fn put(&self, built: Built, file: &StatementFile) -> io::Result<()> {
        let (folder, place) = (self.folder(file), self.place(file));
        fs::create_dir_all(&folder)?;
        // Whoever serves the folder to agents reads it under another name; the data folder itself
        // stays shut.
        set_mode(&folder, 0o755)?;
        set_mode(&built.leaves.0, 0o644)?;
        fs::rename(&built.leaves.0, &place)?;
        sync_folder(&folder)
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// The move itself must be on disk before anybody is told of it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A digest in lower-case hexadecimal.
fn hex(digest: Sha256) -> String {
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a file; `None` if there is none.
fn digest_of(path: &Path) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(cause),
    };
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(Some(hex(digest)));
        }
        digest.update(buffer.get(..count).unwrap_or_default());
    }
}

/// Removes what nobody has moved away.
struct Leaves(PathBuf);

impl Drop for Leaves {
    fn drop(&mut self) {
        // It was moved, or it is of no use.
        let _ = fs::remove_file(&self.0);
    }
}

/// A file that is being written.
pub(super) struct Building {
    file: BufWriter<File>,
    leaves: Leaves,
    digest: Sha256,
    bytes: u64,
}

/// A file that is whole and on disk.
pub(super) struct Built {
    leaves: Leaves,
    /// Holds its lock until it is moved.
    _file: File,
    /// SHA-256 of it, in lower-case hexadecimal.
    pub(super) sha256: String,
    /// Its size.
    pub(super) bytes: u64,
}

impl Building {
    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.file.write_all(bytes)
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> io::Result<Built> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        let sha256 = hex(self.digest);
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok(Built {
            leaves: self.leaves,
            _file: file,
            sha256,
            bytes: self.bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_removes_what_a_kill_left_and_nothing_that_is_being_written() {
        let folder = std::env::temp_dir().join(format!("heliu-shelf-{}", std::process::id()));
        let left = folder.join(BUILDING).join("left");
        let shelf = Shelf::open(folder.clone());
        let mut building = shelf.begin(PlatformNo::from_u64(7)).expect("begun");
        building.write(b"a line").expect("written");
        fs::write(&left, b"half a li").expect("written");
        let names = || {
            let files = fs::read_dir(folder.join(BUILDING)).expect("there");
            let names = files.map(|file| file.expect("a file").file_name());
            let mut names: Vec<_> = names.collect();
            names.sort();
            names
        };
        assert_eq!(names().len(), 2);
        let own = PlatformNo::from_u64(7).to_string();
        Shelf::open(folder.clone());
        assert_eq!(names(), [own.as_str()], "it is being written");
        let built = building.finish().expect("whole");
        Shelf::open(folder.clone());
        assert_eq!(names(), [own.as_str()], "it is about to be moved");
        drop(built);
        assert_eq!(names(), [""; 0]);
        fs::remove_dir_all(folder).expect("removed");
    }
}
