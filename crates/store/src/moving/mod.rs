//! Books move: from SQLite to PostgreSQL, back, or to another of the same kind.
//!
//! [`Place::export`](crate::Place::export) writes a complete copy as it stands at one instant, also
//! while it is served, and [`Place::import`](crate::Place::import) reads it into empty books, whole
//! or not at all. Secrets travel as the books keep them, sealed under the root key, which does not
//! travel.
//!
//! | part | what it does |
//! | --- | --- |
//! | `tables` | which tables travel and which stay behind |
//! | `file`, `cell` | the file |
//! | `sqlite::moving`, `postgres::moving` | rows out of, and into, a database |

pub(crate) mod cell;
pub(crate) mod file;
pub(crate) mod tables;

use heliu_ports::store::StoreError;

pub use file::{BooksFile, Header, Journal, TableHeader};
pub use tables::{STAYING, STAYING_COLUMNS, TABLES, Table};

use crate::schema::Schema;

/// How often progress is told, in rows.
const STRIDE: u64 = 1000;

/// What can be done about a file that does not say of itself what is in it.
const EXPORT_ANEW: &str = "heliu books check where the export comes from, then export it anew";

/// Who watches while books move.
pub trait Progress: Send {
    /// So many rows are going to move.
    fn begin(&mut self, rows: u64);
    /// So many more rows of this table have moved.
    fn advance(&mut self, table: &str, rows: u64);
}

/// Counts a table's rows as they move, and tells of them now and then.
pub(crate) struct Count<'p> {
    progress: &'p mut dyn Progress,
    table: &'static str,
    untold: u64,
}

impl<'p> Count<'p> {
    pub(crate) fn of(table: &Table, progress: &'p mut dyn Progress) -> Self {
        Self {
            progress,
            table: table.name,
            untold: 0,
        }
    }

    /// One more has moved.
    pub(crate) fn row(&mut self) {
        self.untold += 1;
        if self.untold == STRIDE {
            self.tell();
        }
    }

    /// All have.
    pub(crate) fn end(mut self) {
        self.tell();
    }

    fn tell(&mut self) {
        let rows = std::mem::take(&mut self.untold);
        self.progress.advance(self.table, rows);
    }
}

/// What moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The head of the file.
    pub header: Header,
    /// The journal's figures.
    pub journal: Journal,
    /// Texts of strangers in which a character that the database cannot hold was replaced.
    pub replaced_texts: u64,
}

/// Why books were not imported, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing was imported.
    #[error(transparent)]
    Refused(#[from] StoreError),
    /// All was sent, and whether it lasts was not heard: the books hold all of the export, or
    /// nothing. Whatever was made for them must stay until somebody has looked.
    #[error(
        "whether it was imported is not known ({0}): heliu books check; if there are no books, import again"
    )]
    Unknown(StoreError),
}

/// A program that does not know all columns, or knows more, would lose some: only books of its own
/// schema.
pub(crate) fn exportable(schema: Schema, known: i64, name: &str) -> Result<(), StoreError> {
    schema.admit(known, name)?;
    let version = schema.version;
    match version {
        0 => Err(no_books(name)),
        _ if version < known => Err(StoreError::refused(format!(
            "{name} has schema {version}, this program works on schema {known}; first: heliu migrate"
        ))),
        _ if version > known => Err(StoreError::refused(format!(
            "{name} has schema {version}, this program knows {known}: export it with the newer version"
        ))),
        _ => Ok(()),
    }
}

pub(crate) fn no_books(name: &str) -> StoreError {
    StoreError::missing(format!(
        "there are no books in {name}: name the place that holds them with HELIU_DATA or DATABASE_URL"
    ))
}

/// Columns of the file that the table does not have, or the other way round.
pub(crate) fn same_columns(table: &TableHeader, have: &[String]) -> Result<(), StoreError> {
    let sorted = |columns: &[String]| {
        let mut columns = columns.to_vec();
        columns.sort();
        columns
    };
    if sorted(&table.columns) == sorted(have) {
        return Ok(());
    }
    Err(StoreError::refused(format!(
        "the export's table {} has other columns than this build makes: import it with the build \
         that wrote it",
        table.table
    )))
}

/// The tables of the file are those that we know, in our order.
pub(crate) fn same_tables(header: &Header) -> Result<(), StoreError> {
    let theirs = header.tables.iter().map(|table| table.table.as_str());
    if theirs.eq(TABLES.iter().map(|table| table.name)) {
        return Ok(());
    }
    Err(StoreError::refused(
        "the export has other tables than this build makes: import it with the build that wrote it",
    ))
}

/// What was read and what the books now hold must be the same.
pub(crate) fn same_counts(header: &Header, held: &[u64]) -> Result<(), StoreError> {
    for (table, held) in header.tables.iter().zip(held) {
        if table.rows != *held {
            return Err(StoreError::conflict(format!(
                "of {} rows of {} the books hold {held} afterwards; nothing was imported: {EXPORT_ANEW}",
                table.rows, table.table
            )));
        }
    }
    Ok(())
}

/// The journal too.
pub(crate) fn same_journal(file: Journal, books: Journal) -> Result<(), StoreError> {
    if file == books {
        return Ok(());
    }
    Err(StoreError::conflict(format!(
        "the journal of the export ({file:?}) and of the books ({books:?}) differ; nothing was imported: {EXPORT_ANEW}"
    )))
}

/// Books that hold something are left alone.
pub(crate) fn not_empty(name: &str, table: &str) -> StoreError {
    StoreError::conflict(format!(
        "{name} holds books already (there are rows in {table}): name an empty database with DATABASE_URL, or an \
         empty data folder with HELIU_DATA"
    ))
}
