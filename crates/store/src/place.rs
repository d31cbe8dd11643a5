//! Books that are not opened as a store: looked at, migrated, exported, imported, wherever they
//! are.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use heliu_ports::store::StoreError;

use crate::moving::{BooksFile, ImportError, Moved, Progress};
use crate::postgres::{self, Database, PostgresAddress};
use crate::schema::{self, Migrated, Schema};
use crate::sqlite;

/// Where books are, or are to be.
#[derive(Debug, Clone)]
pub enum Place {
    /// In this file.
    Sqlite(PathBuf),
    /// In the PostgreSQL at this address.
    Postgres(PostgresAddress),
}

impl Place {
    /// Looks whether all that was acknowledged is in the books. Of a SQLite file it is to be asked
    /// before anything else, by whoever has found that nobody serves it: to open it is to lose what
    /// its log misses. A database server looks after its own log.
    ///
    /// # Errors
    /// In plain words: something is missing.
    pub async fn refuse_damage(&self) -> Result<(), StoreError> {
        match self.clone() {
            Self::Sqlite(path) => blocking(move || sqlite::wal::refuse_damage(&path, None)).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// What the books say of their schema; changes nothing.
    ///
    /// # Errors
    /// In plain words: they cannot be reached or read, or another build has made their tables.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        match self.clone() {
            Self::Sqlite(path) => blocking(move || sqlite::moving::schema(&path)).await,
            Self::Postgres(address) => Database::at(&address)?.schema().await,
        }
    }

    /// The version of the schema that this program brings books to.
    #[must_use]
    pub fn known_schema(&self) -> i64 {
        schema::known(match self {
            Self::Sqlite(_) => sqlite::migrate::STEPS,
            Self::Postgres(_) => postgres::STEPS,
        })
    }

    /// Whether this program works on books of such a schema, once it has migrated them.
    ///
    /// # Errors
    /// It does not, in plain words.
    pub fn admit(&self, schema: Schema) -> Result<(), StoreError> {
        let name = match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(address) => Database::at(address)?.name(),
        };
        schema.admit(self.known_schema(), &name)
    }

    /// Brings the schema up to date. Of a SQLite file the caller holds the folder's lock.
    ///
    /// # Errors
    /// In plain words: a newer program was here, or nodes serve that cannot go on afterwards.
    pub async fn migrate(&self) -> Result<Migrated, StoreError> {
        match self.clone() {
            Self::Sqlite(path) => blocking(move || sqlite::moving::migrate(&path)).await,
            Self::Postgres(address) => Database::at(&address)?.migrate().await,
        }
    }

    /// What all who use these books must have alike. A SQLite file keeps none: its folder does.
    ///
    /// # Errors
    /// The database is away.
    pub async fn marks(&self) -> Result<BTreeMap<String, String>, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(BTreeMap::new()),
            Self::Postgres(address) => Database::at(address)?.marks().await,
        }
    }

    /// How many nodes serve these books; of a SQLite file the folder's lock tells.
    ///
    /// # Errors
    /// The database is away.
    pub async fn nodes_serving(&self) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(0),
            Self::Postgres(address) => Database::at(address)?.nodes_serving().await,
        }
    }

    /// Copies books in a file into a new one as they stand at this instant, while others may go on
    /// writing them.
    ///
    /// # Errors
    /// In plain words: the file is there already, cannot be written, or the copy is damaged; or the
    /// books are a database server's, which its own tools back up.
    pub async fn back_up(&self, to: PathBuf) -> Result<(), StoreError> {
        match self.clone() {
            Self::Sqlite(path) => blocking(move || sqlite::back_up::back_up(&path, &to)).await,
            Self::Postgres(_) => Err(StoreError::refused(
                "these books are in a PostgreSQL, which is backed up by its own tools: pg_basebackup with an archive \
                 of the log (pgBackRest and Barman keep both) goes back to any commit, pg_dump copies one instant; \
                 heliu export makes a copy that SQLite reads too",
            )),
        }
    }

    /// Writes the books as they stand at this instant, while others may go on writing them. `marks`
    /// are the folder's; those of a database come before them.
    ///
    /// # Errors
    /// In plain words: their schema is another one, or they cannot be read; or nothing takes the
    /// file.
    pub async fn export(
        &self,
        marks: BTreeMap<String, String>,
        out: impl Write + Send + 'static,
        mut progress: impl Progress + 'static,
    ) -> Result<Moved, StoreError> {
        match self.clone() {
            Self::Sqlite(path) => {
                blocking(move || sqlite::moving::export(&path, marks, out, &mut progress)).await
            }
            Self::Postgres(address) => {
                let database = Database::at(&address)?;
                database.export(marks, out, &mut progress).await
            }
        }
    }

    /// Reads a file into empty books, whole or not at all. Of a SQLite file the caller holds the
    /// folder's lock, and has compared the marks.
    ///
    /// # Errors
    /// In plain words: the books are not empty, nodes serve them, or the file is not whole or of
    /// another schema. Or it is not known whether it was imported.
    pub async fn import(
        &self,
        mut file: BooksFile,
        mut progress: impl Progress + 'static,
    ) -> Result<Moved, ImportError> {
        let (schema, known) = (file.header().schema, self.known_schema());
        if schema != known {
            let refusal = StoreError::refused(format!(
                "this export has schema {schema}, this program works on schema {known}: import it with the version \
                 of heliu that wrote it, then heliu migrate; or export it anew with this one"
            ));
            return Err(refusal.into());
        }
        match self.clone() {
            Self::Sqlite(path) => {
                let moved =
                    blocking(move || sqlite::moving::import(&path, &mut file, &mut progress)).await;
                Ok(moved?)
            }
            Self::Postgres(address) => {
                let database = Database::at(&address)?;
                database.import(&mut file, &mut progress).await
            }
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(StoreError::unavailable)?
}
