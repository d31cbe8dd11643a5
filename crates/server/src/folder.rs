//! The data folder: one process at a time, keys readable by their owner only.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use heliu_vault::RootKey;
use secrecy::ExposeSecret;

use crate::config::{Config, elsewhere};
use crate::failure::Failure;
use crate::secret_file::{STANDARD_INPUT, is_credential, read_private, read_standard_input};

/// The folder, held by this process as long as this value lives.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

/// Why a folder is not ours.
pub(crate) enum NotTaken {
    /// Another process holds it.
    Held,
    /// Something else.
    Failed(Failure),
}

impl Folder {
    /// Takes the folder, which is made if it does not exist.
    pub(crate) fn take(path: &Path) -> Result<Self, NotTaken> {
        let failed = |cause: std::io::Error| {
            NotTaken::Failed(Failure::with_cure(
                format!("the data folder {}: {cause}", path.display()),
                "see that it exists, that its disk takes writes and has room, and that this user may write in it",
            ))
        };
        // Readable by nobody else: it holds encrypted keys, and a sandbox's root key.
        let mut folder = std::fs::DirBuilder::new();
        folder
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        let file = path.join("heliu.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(file)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {
                shut(path).map_err(failed)?;
                Ok(Self {
                    path: path.to_owned(),
                    _lock: lock,
                })
            }
            Err(TryLockError::WouldBlock) => Err(NotTaken::Held),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// Takes the folder for a process that serves; says plainly if another one does.
    pub(crate) fn take_to_serve(path: &Path) -> Result<Self, Failure> {
        Self::take(path).map_err(|not_taken| match not_taken {
            NotTaken::Failed(failure) => failure,
            NotTaken::Held => Failure::with_cure(
                format!(
                    "the data folder {} is in use by another heliu process",
                    path.display()
                ),
                "stop that process, or name another folder with HELIU_DATA",
            ),
        })
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file whole or not at all, readable by its owner only.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        write_private(&self.file(name), text)
    }
}

/// Takes from others whatever they may do with the folder's files: an earlier version, a copy, or a
/// restored backup may have left them open. A folder that somebody shares may hold other files,
/// which are not ours.
fn shut(folder: &Path) -> std::io::Result<()> {
    const OURS: [&str; 13] = [
        "heliu.db",
        "heliu.lock",
        "held",
        "instance",
        "mode",
        "root.check",
        "root.key",
        "admin.sock",
        "demo.json",
        "sandbox.json",
        "sandbox.db",
        "sandbox.db-wal",
        "sandbox.db-shm",
    ];
    OURS.iter()
        .try_for_each(|name| heliu_store::keep_private(&folder.join(name)))
}

/// Writes a file whole or not at all, readable by its owner only.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        let draft = path.with_extension("draft");
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&draft)?;
        heliu_store::keep_private(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        sync_folder_of(path)
    };
    write().map_err(|cause: std::io::Error| {
        Failure::with_cure(
            format!("{} cannot be written: {cause}", path.display()),
            "make room and the folder writable",
        )
    })
}

/// Puts on disk that a file has a name.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Where a process without a configured root key takes it from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnRootKey {
    /// From nowhere: a live process refuses to start.
    Never,
    /// From `data/root.key`, which is made at the first start: a sandbox.
    Made,
    /// From `data/root.key` if it is there: a command on books that stand already.
    Found,
}

/// Whether a command finds a root key.
pub(crate) fn has_root_key(config: &Config, folder: &Folder) -> bool {
    std::env::var(elsewhere::ROOT_KEY).is_ok()
        || config.keys.root_key_file.is_some()
        || folder.file("root.key").exists()
}

/// The root key: from `HELIU_ROOT_KEY`, or the file that the configuration names, or the folder's
/// own.
pub(crate) fn root_key(
    config: &Config,
    folder: &Folder,
    own_key: OwnRootKey,
) -> Result<RootKey, Failure> {
    if let Ok(text) = std::env::var(elsewhere::ROOT_KEY) {
        return Ok(RootKey::parse(&text)?);
    }
    if let Some(path) = &config.keys.root_key_file {
        if path.as_os_str() == STANDARD_INPUT {
            return Ok(RootKey::parse(&read_standard_input("the root key")?)?);
        }
        if is_credential(path) {
            return Ok(RootKey::parse(&read_private(path)?)?);
        }
        return Ok(RootKey::read(path)?);
    }
    let own = folder.file("root.key");
    if own.exists() && own_key != OwnRootKey::Never {
        return Ok(RootKey::read(&own)?);
    }
    if own_key != OwnRootKey::Made {
        return Err(Failure::with_cure(
            "there is no root key, so merchants' keys could not be kept encrypted",
            "heliu keys root > /etc/heliu/root.key; chmod 600 it; set root_key_file or HELIU_ROOT_KEY_FILE",
        ));
    }
    let key = RootKey::generate();
    write_private(&own, key.to_hex().expose_secret())?;
    Ok(key)
}
