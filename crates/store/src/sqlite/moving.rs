//! Rows out of, and into, a SQLite file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use heliu_ports::store::StoreError;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, Transaction, TransactionBehavior, params_from_iter};

use super::connection::{open_draft, open_reader, open_writer};
use super::draft::{Draft, beside};
use super::fault::Fault;
use super::migrate::{self, STEPS, admit_first_step, explain, refuse_remnant, schema_of};
use super::wal::mark;
use crate::moving::cell::Cell;
use crate::moving::file::Writer;
use crate::moving::tables::{SELECT_NUMBERS, Table, select_journal};
use crate::moving::{
    BooksFile, Count, Header, Journal, Moved, Progress, TABLES, TableHeader, exportable, no_books,
    not_empty, same_columns, same_counts, same_journal, same_tables,
};
use crate::schema::{self, Migrated, Schema};

/// What the books say of their schema.
pub(crate) fn schema(path: &Path) -> Result<Schema, StoreError> {
    let name = path.display().to_string();
    let plain = |fault: Fault| explain(&fault, &name);
    refuse_remnant(path).map_err(plain)?;
    if !path.exists() {
        return Ok(Schema::NONE);
    }
    let books = open_reader(path).map_err(plain)?;
    let schema = schema_of(&books).map_err(plain)?;
    admit_first_step(&books, STEPS, &name)?;
    Ok(schema)
}

/// Brings the schema up to date.
pub(crate) fn migrate(path: &Path) -> Result<Migrated, StoreError> {
    let name = path.display().to_string();
    let plain = |fault: Fault| explain(&fault, &name);
    refuse_remnant(path).map_err(plain)?;
    let mut connection = open_writer(path).map_err(plain)?;
    let migrated = migrate::migrate(&mut connection, &name, STEPS)?;
    mark::close(&connection).map_err(plain)?;
    Ok(migrated)
}

/// Writes the books as they stand at this instant: one read transaction, which the writer does not
/// wait for.
pub(crate) fn export<W: Write>(
    path: &Path,
    marks: BTreeMap<String, String>,
    out: W,
    progress: &mut dyn Progress,
) -> Result<Moved, StoreError> {
    let name = path.display().to_string();
    let plain = |fault: Fault| explain(&fault, &name);
    refuse_remnant(path).map_err(plain)?;
    if !path.exists() {
        return Err(no_books(&name));
    }
    let connection = open_reader(path).map_err(plain)?;
    let begun = Transaction::new_unchecked(&connection, TransactionBehavior::Deferred);
    let books = begun.map_err(|error| plain(error.into()))?;
    let schema = schema_of(&books).map_err(plain)?;
    exportable(schema, schema::known(STEPS), &name)?;
    admit_first_step(&books, STEPS, &name)?;
    let header = header(&books, schema, marks).map_err(plain)?;
    let journal = journal(&books).map_err(plain)?;
    progress.begin(header.rows());
    let mut writer = Writer::begin(out, &header)?;
    for (table, head) in TABLES.iter().zip(&header.tables) {
        writer.table(table.name)?;
        write_rows(&books, table, &head.columns, &mut writer, progress)?;
    }
    writer.finish(journal)?;
    Ok(Moved {
        header,
        journal,
        replaced_texts: 0,
    })
}

fn header(
    books: &Connection,
    schema: Schema,
    marks: BTreeMap<String, String>,
) -> Result<Header, Fault> {
    let tables = TABLES.iter().map(|table| {
        Ok(TableHeader {
            table: table.name.to_owned(),
            columns: columns(books, table)?,
            rows: count(books, table)?,
        })
    });
    let tables = tables.collect::<Result<Vec<_>, Fault>>()?;
    let sql = "SELECT coalesce(max(high_water_second), 0) FROM node";
    let high_water_second = books.query_row(sql, [], |row| row.get(0))?;
    let numbers: (Option<i64>, Option<i64>) =
        books.query_row(SELECT_NUMBERS, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let numbers = numbers.0.zip(numbers.1);
    Ok(Header::new(
        schema.version,
        marks,
        high_water_second,
        numbers,
        tables,
    ))
}

/// The columns of a table that travel.
fn columns(books: &Connection, table: &Table) -> Result<Vec<String>, Fault> {
    let mut statement = books.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let names = statement.query_map([table.name], |row| row.get(0))?;
    let names = names.collect::<Result<Vec<String>, _>>()?;
    Ok(names.into_iter().filter(|name| table.takes(name)).collect())
}

fn count(books: &Connection, table: &Table) -> Result<u64, Fault> {
    let sql = format!("SELECT count(*) FROM {}", table.name);
    let count: i64 = books.query_row(&sql, [], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

fn journal(books: &Connection) -> Result<Journal, Fault> {
    let journal = books.query_row(&select_journal("INTEGER"), [], |row| {
        Ok(Journal {
            sum_fen: row.get(0)?,
            turnover_fen: row.get(1)?,
        })
    });
    Ok(journal?)
}

fn write_rows<W: Write>(
    books: &Connection,
    table: &Table,
    columns: &[String],
    writer: &mut Writer<W>,
    progress: &mut dyn Progress,
) -> Result<(), StoreError> {
    let stored = |error: rusqlite::Error| StoreError::from(Fault::from(error));
    let mut statement = books.prepare(&table.select(columns)).map_err(stored)?;
    let mut rows = statement.query([]).map_err(stored)?;
    let mut cells = Vec::with_capacity(columns.len());
    let mut count = Count::of(table, progress);
    while let Some(row) = rows.next().map_err(stored)? {
        cells.clear();
        for index in 0..columns.len() {
            cells.push(cell(row.get_ref(index).map_err(stored)?, table)?);
        }
        writer.row(&cells)?;
        count.row();
    }
    count.end();
    Ok(())
}

fn cell(value: ValueRef<'_>, table: &Table) -> Result<Cell, StoreError> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(number) => Ok(Cell::Integer(number)),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Cell::Text(text.to_owned())),
            Err(_) => Err(damaged(table)),
        },
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(damaged(table)),
    }
}

fn damaged(table: &Table) -> StoreError {
    let what = format!("{} holds what is neither number nor text", table.name);
    Fault::Damaged(what).into()
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Reads a file into a draft beside the books, which takes their place when it is whole and on
/// disk.
pub(crate) fn import(
    path: &Path,
    file: &mut BooksFile,
    progress: &mut dyn Progress,
) -> Result<Moved, StoreError> {
    // A log without its file is all that is left of books: it is not taken for what is in nobody's
    // hands.
    refuse_remnant(path).map_err(|fault| explain(&fault, &path.display().to_string()))?;
    if path.exists() {
        refuse_unless_empty(path)?;
    }
    let draft = Draft::of(path);
    let journal = fill(draft.path(), file, progress)?;
    // What stood there was empty, and is in nobody's hands: its log goes first, so that it never
    // meets the new file.
    for suffix in ["-wal", "-shm"] {
        let _not_there = std::fs::remove_file(beside(path, suffix));
    }
    draft.put_in_place()?;
    Ok(Moved {
        header: file.header().clone(),
        journal,
        replaced_texts: 0,
    })
}

fn refuse_unless_empty(path: &Path) -> Result<(), StoreError> {
    let name = path.display().to_string();
    let plain = |fault: Fault| explain(&fault, &name);
    let books = open_reader(path).map_err(plain)?;
    if schema_of(&books).map_err(plain)?.version == 0 {
        return Ok(());
    }
    admit_first_step(&books, STEPS, &name)?;
    for table in &TABLES {
        if count(&books, table).map_err(plain)? > 0 {
            return Err(not_empty(&name, table.name));
        }
    }
    Ok(())
}

/// Makes the draft; the journal's figures.
fn fill(
    draft: &Path,
    file: &mut BooksFile,
    progress: &mut dyn Progress,
) -> Result<Journal, StoreError> {
    let name = draft.display().to_string();
    let plain = |fault: Fault| explain(&fault, &name);
    let mut connection = open_draft(draft).map_err(plain)?;
    migrate::migrate(&mut connection, &name, STEPS)?;
    let begun = connection.transaction().map_err(Fault::from);
    let books = begun.map_err(StoreError::from)?;
    let header = file.header().clone();
    same_tables(&header)?;
    progress.begin(header.rows());
    for (table, head) in TABLES.iter().zip(&header.tables) {
        same_columns(head, &columns(&books, table)?)?;
        file.table(table.name)?;
        read_rows(&books, table, head, file, progress)?;
    }
    let told = file.close()?;
    know_nodes(&books, header.high_water_second)?;
    let held = TABLES.iter().map(|table| count(&books, table));
    same_counts(&header, &held.collect::<Result<Vec<_>, _>>()?)?;
    let journal = journal(&books)?;
    same_journal(told, journal)?;
    books
        .commit()
        .map_err(|error| StoreError::from(Fault::from(error)))?;
    let closed = connection.close().map_err(|(_, error)| error);
    closed.map_err(|error| StoreError::from(Fault::from(error)))?;
    Ok(journal)
}

fn read_rows(
    books: &Connection,
    table: &Table,
    head: &TableHeader,
    file: &mut BooksFile,
    progress: &mut dyn Progress,
) -> Result<(), StoreError> {
    let stored = |error: rusqlite::Error| StoreError::from(Fault::from(error));
    let places: Vec<String> = (1..=head.columns.len())
        .map(|at| format!("?{at}"))
        .collect();
    let (name, columns, places) = (table.name, head.columns.join(", "), places.join(", "));
    let sql = format!("INSERT INTO {name} ({columns}) VALUES ({places})");
    let mut insert = books.prepare(&sql).map_err(stored)?;
    let mut count = Count::of(table, progress);
    for _ in 0..head.rows {
        let row = file.row(head.columns.len())?;
        insert.execute(params_from_iter(&row)).map_err(stored)?;
        count.row();
    }
    count.end();
    Ok(())
}

/// Whichever number this node has: what it gives is above what was given.
fn know_nodes(books: &Connection, high_water_second: i64) -> Result<(), Fault> {
    let sql = "WITH RECURSIVE every (node) AS (VALUES (0) UNION ALL SELECT node + 1 FROM every WHERE node < ?2)
        INSERT INTO node (node, high_water_second) SELECT node, ?1 FROM every";
    let last = i64::from(heliu_trade::id::NODE_MAX);
    books.execute(sql, [high_water_second, last])?;
    Ok(())
}
