//! Which store holds the books, opened, and checked to be of this mode and this root key.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use heliu_ports::keys::Vault;
use heliu_ports::store::Store;
use heliu_store::{PostgresOptions, PostgresStore, SqliteOptions, SqliteStore};
use heliu_vault::SealingVault;

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::mode::Mode;

/// The books in the data folder, if no database is configured.
pub(crate) const BOOKS_FILE: &str = "heliu.db";
/// What a copy of the books needs beside them.
pub(crate) const COMPANION_FILES: [&str; 2] = [MODE, ROOT_CHECK];
/// Remembers which root key the books were sealed with: a file in the folder, and a mark of a database.
pub(crate) const ROOT_CHECK: &str = "root.check";
/// Remembers in which mode the books were made.
pub(crate) const MODE: &str = "mode";
/// Remembers that books stood in the folder, so that lost ones are not taken for a beginning.
const HELD_FILE: &str = "held";
/// The file that names this node to the others, the same after every restart. The folder's lock sees to it
/// that no two processes have the same.
const INSTANCE_FILE: &str = "instance";
/// Letters and digits of such a name.
const INSTANCE_LENGTH: usize = 20;

/// Opened books.
pub(crate) struct BooksStore {
    pub(crate) store: Arc<dyn Store>,
    /// The number of this node.
    pub(crate) node: u8,
}

impl BooksStore {
    /// Opens them. Books belong to one mode for ever: a sandbox's hold published keys, live ones hold money.
    pub(crate) async fn open(
        config: &Config,
        folder: &Folder,
        mode: Mode,
        vault: &SealingVault,
    ) -> Result<Self, Failure> {
        let standing = folder_mark(folder, ROOT_CHECK, vault.check_value())?;
        vault.confirm(standing.trim())?;
        let Some(address) = config.database() else {
            return Self::open_in_folder(folder, config.node);
        };
        let name = vault.nonce(INSTANCE_LENGTH);
        let instance = folder_mark(folder, INSTANCE_FILE, &name)?;
        let store = PostgresStore::open(PostgresOptions {
            address,
            instance: instance.trim().to_owned(),
        })
        .await?;
        if let Some(word) = mode.word() {
            check_mode(
                &store.mark(MODE, word).await?,
                word,
                "database",
                "DATABASE_URL",
            )?;
        }
        let standing = store.mark(ROOT_CHECK, vault.check_value()).await?;
        vault.confirm(&standing)?;
        let node = store.node();
        Ok(Self { store, node })
    }

    fn open_in_folder(folder: &Folder, node: u8) -> Result<Self, Failure> {
        let path = folder.file(BOOKS_FILE);
        if folder.file(HELD_FILE).exists() && !path.exists() {
            return Err(Failure::with_cure(
                format!("{} is gone, in which the books were", path.display()),
                "set DATABASE_URL if they have moved to a PostgreSQL; put a backup's files there; or, to begin \
                 anew, name an empty folder with HELIU_DATA",
            ));
        }
        let store = SqliteStore::open(SqliteOptions { path, node })?;
        folder_mark(folder, HELD_FILE, BOOKS_FILE)?;
        Ok(Self { store, node })
    }
}

/// Whether the folder, and the books in it, may be used in this mode.
pub(crate) fn check_folder(config: &Config, folder: &Folder, mode: Mode) -> Result<(), Failure> {
    if let Some(word) = mode.word() {
        let standing = folder_mark(folder, MODE, word)?;
        return check_mode(standing.trim(), word, "data folder", "HELIU_DATA");
    }
    if config.database_url.is_some() || folder.file(BOOKS_FILE).exists() {
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

fn check_mode(standing: &str, word: &str, what: &str, variable: &str) -> Result<(), Failure> {
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
    let marks = standing_marks(folder);
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
pub(crate) fn standing_marks(folder: &Path) -> BTreeMap<String, String> {
    let read = |name: &&str| {
        let text = std::fs::read_to_string(folder.join(name)).ok()?;
        Some(((*name).to_owned(), text.trim().to_owned()))
    };
    COMPANION_FILES.iter().filter_map(read).collect()
}

/// A file of one value, written unless it stands; the value that stands.
fn folder_mark(folder: &Folder, name: &str, value: &str) -> Result<String, Failure> {
    if let Ok(standing) = std::fs::read_to_string(folder.file(name)) {
        return Ok(standing);
    }
    folder.write(name, value)?;
    Ok(value.to_owned())
}
