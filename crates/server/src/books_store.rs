//! Which store holds the books, opened, and checked to be of this mode and this root key.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use heliu_ports::clock::{Clock, SystemClock};
use heliu_ports::keys::Vault;
use heliu_ports::store::Store;
use heliu_store::{AcceptedLoss, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore};
use heliu_vault::SealingVault;

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::mode::{Mode, Purpose};

/// The books in the data folder, if no database is configured.
pub(crate) const BOOKS_FILE: &str = "heliu.db";
/// What a copy of the books needs beside them.
pub(crate) const COMPANION_FILES: [&str; 2] = [MODE, ROOT_CHECK];
/// Remembers which root key the books were sealed with: a file in the folder, and a mark of a
/// database.
pub(crate) const ROOT_CHECK: &str = "root.check";
/// Remembers in which mode the books were made.
pub(crate) const MODE: &str = "mode";
/// Remembers that books stood in the folder, so that lost ones are not taken for a beginning.
const HELD_FILE: &str = "held";
/// The file that names this node to the others, the same after every restart. The folder's lock
/// sees to it that no two processes have the same.
const INSTANCE_FILE: &str = "instance";
/// Letters and digits of such a name.
const INSTANCE_LENGTH: usize = 20;

/// Opened books.
pub(crate) struct BooksStore {
    pub(crate) store: Arc<dyn Store>,
    /// The number of this node.
    pub(crate) node: u8,
    /// What they are for.
    pub(crate) purpose: Purpose,
}

impl BooksStore {
    /// Opens them. Books belong to one mode for ever: a sandbox's hold published keys, live ones
    /// hold money.
    pub(crate) async fn open(
        config: &Config,
        folder: &Folder,
        mode: Mode,
        vault: &SealingVault,
    ) -> Result<Self, Failure> {
        let standing = folder_mark(folder, ROOT_CHECK, vault.check_value())?;
        vault.confirm(&standing)?;
        let Some(address) = config.books.database() else {
            return Self::open_in_folder(config, folder);
        };
        let name = vault.nonce(INSTANCE_LENGTH);
        let instance = folder_mark(folder, INSTANCE_FILE, &name)?;
        let store = PostgresStore::open(PostgresOptions { address, instance }).await?;
        let purpose = match mode.purpose() {
            Some(purpose) => {
                let standing = store.mark(MODE, purpose.word()).await?;
                check_mode(&standing, purpose, "database", "DATABASE_URL")?;
                purpose
            }
            None => Purpose::of_mark(store.standing_mark(MODE).await?.as_deref()),
        };
        let standing = store.mark(ROOT_CHECK, vault.check_value()).await?;
        vault.confirm(&standing)?;
        let node = store.node();
        Ok(Self {
            store,
            node,
            purpose,
        })
    }

    fn open_in_folder(config: &Config, folder: &Folder) -> Result<Self, Failure> {
        let (path, node) = (folder.file(BOOKS_FILE), config.books.node);
        refuse_if_gone(folder, &path)?;
        let accepted = config.accepted_loss.clone().map(|code| AcceptedLoss {
            code,
            at: SystemClock.now(),
        });
        let options = SqliteOptions { path, node };
        let store = SqliteStore::open_accepting(options, accepted.as_ref())?;
        folder_mark(folder, HELD_FILE, BOOKS_FILE)?;
        let mark = standing_mark(&folder.file(MODE))?;
        Ok(Self {
            store,
            node,
            purpose: Purpose::of_mark(mark.as_deref()),
        })
    }
}

/// Where books stood, in the folder or in a database that its node served, none begin anew.
fn refuse_if_gone(folder: &Folder, path: &Path) -> Result<(), Failure> {
    let is_there = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    let stood = if is_there {
        None
    } else if folder.file(HELD_FILE).exists() {
        Some(format!(
            "{} is gone, in which the books were",
            path.display()
        ))
    } else if folder.file(INSTANCE_FILE).exists() {
        Some("the node of this data folder had its books in a PostgreSQL".to_owned())
    } else {
        None
    };
    match stood {
        None => Ok(()),
        Some(what) => Err(Failure::with_cure(
            what,
            "set DATABASE_URL if they are in a PostgreSQL; put a backup's files into the folder; or, to begin anew, \
             name an empty one with HELIU_DATA",
        )),
    }
}

/// Whether the folder, and the books in it, may be used in this mode.
pub(crate) fn check_folder(config: &Config, folder: &Folder, mode: Mode) -> Result<(), Failure> {
    if let Some(purpose) = mode.purpose() {
        let standing = folder_mark(folder, MODE, purpose.word())?;
        return check_mode(&standing, purpose, "data folder", "HELIU_DATA");
    }
    if config.books.database_url.is_some() || folder.file(BOOKS_FILE).exists() {
        return Ok(());
    }
    Err(no_books_in_folder())
}

/// A command finds no books to work on.
pub(crate) fn no_books_in_folder() -> Failure {
    Failure::with_cure(
        "there are no books in the data folder",
        "start heliu serve or heliu demo first, or name the folder with HELIU_DATA",
    )
}

fn check_mode(standing: &str, purpose: Purpose, what: &str, variable: &str) -> Result<(), Failure> {
    let word = purpose.word();
    if standing == word {
        return Ok(());
    }
    Err(Failure::with_cure(
        format!("the {what} is a {standing} one and cannot be served as {word}"),
        &format!("name another {what} with {variable}"),
    ))
}

/// The marks of a folder with books in it, which they need wherever they go.
pub(crate) fn folder_marks(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let marks = standing_marks(folder)?;
    match COMPANION_FILES
        .iter()
        .find(|name| !marks.contains_key(**name))
    {
        None => Ok(marks),
        Some(missing) => Err(Failure::with_cure(
            format!(
                "the data folder has no file {missing}, without which its books cannot be used elsewhere"
            ),
            "start and stop a node on it",
        )),
    }
}

/// Those marks of a folder that are there.
pub(crate) fn standing_marks(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut marks = BTreeMap::new();
    for name in COMPANION_FILES {
        if let Some(value) = standing_mark(&folder.join(name))? {
            marks.insert(name.to_owned(), value);
        }
    }
    Ok(marks)
}

/// A file of one value, written unless it stands; the value that stands.
fn folder_mark(folder: &Folder, name: &str, value: &str) -> Result<String, Failure> {
    if let Some(standing) = standing_mark(&folder.file(name))? {
        return Ok(standing);
    }
    folder.write(name, value)?;
    Ok(value.to_owned())
}

/// The value of such a file, if it is there. One that is there and cannot be read is none that may
/// be written anew.
fn standing_mark(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(Failure::with_cure(
            format!("{} cannot be read: {cause}", path.display()),
            "it says whose books these are: make it readable, or restore it from a backup",
        )),
    }
}
