//! Rows out of, and into, a PostgreSQL.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as Dynamic;
use std::io::Write;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use heliu_ports::store::StoreError;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, GenericClient, IsolationLevel, Row, Transaction};

use super::PostgresAddress;
use super::cells::text;
use super::connect::{Address, Purpose};
use super::fault::{Fault, Treatment};
use super::migrate::{STEPS, first_step_of, migrate, schema_of};
use super::node::{self, LEASE_S};
use crate::moving::cell::Cell;
use crate::moving::file::Writer;
use crate::moving::tables::{SELECT_NUMBERS, Table, select_journal};
use crate::moving::{
    BooksFile, Count, Header, ImportError, Journal, Moved, Progress, TABLES, TableHeader,
    exportable, not_empty, same_columns, same_counts, same_journal, same_tables,
};
use crate::schema::{self, Migrated, Schema};

/// Whatever the server's defaults are: books take as long as they take, and wait for the file in
/// between.
const NO_LIMITS: &str =
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/// A PostgreSQL that is not opened as a store.
pub(crate) struct Database {
    address: Address,
}

impl Database {
    pub(crate) fn at(address: &PostgresAddress) -> Result<Self, StoreError> {
        let address = Address::parse(address)?;
        Ok(Self { address })
    }

    /// For messages.
    pub(crate) fn name(&self) -> String {
        self.address.name()
    }

    async fn connect(&self) -> Result<Client, StoreError> {
        let connected = self.address.connect(Purpose::Keeping, |_| ()).await;
        connected.map_err(|fault| {
            StoreError::from(fault).within(format_args!("{} cannot be reached", self.name()))
        })
    }

    /// What the books say of their schema.
    pub(crate) async fn schema(&self) -> Result<Schema, StoreError> {
        let client = self.connect().await?;
        let schema = schema_of(&client).await?;
        self.admit_first_step(&client).await?;
        Ok(schema)
    }

    /// Refuses books of which another build has made the tables.
    async fn admit_first_step(&self, books: &impl GenericClient) -> Result<(), StoreError> {
        first_step_of(books).await?.admit(STEPS, &self.name())
    }

    /// Brings the schema up to date.
    pub(crate) async fn migrate(&self) -> Result<Migrated, StoreError> {
        migrate(&mut self.connect().await?, &self.name(), STEPS).await
    }

    /// What all nodes must have alike.
    pub(crate) async fn marks(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let client = self.connect().await?;
        match schema_of(&client).await? {
            Schema::NONE => Ok(BTreeMap::new()),
            _ => Ok(marks(&client).await?),
        }
    }

    /// How many nodes have a number.
    pub(crate) async fn nodes_serving(&self) -> Result<i64, StoreError> {
        let mut client = self.connect().await?;
        if schema_of(&client).await? == Schema::NONE {
            return Ok(0);
        }
        let transaction = client.transaction().await.map_err(Fault::from)?;
        Ok(node::lock_out(&transaction).await?)
    }

    /// Writes the books as they stand at this instant: one snapshot, which nobody waits for.
    pub(crate) async fn export<W: Write>(
        &self,
        own_marks: BTreeMap<String, String>,
        out: W,
        progress: &mut dyn Progress,
    ) -> Result<Moved, StoreError> {
        let mut client = self.connect().await?;
        let begun = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await;
        let books = begun.map_err(Fault::from)?;
        books.batch_execute(NO_LIMITS).await.map_err(Fault::from)?;
        let schema = schema_of(&books).await?;
        exportable(schema, schema::known(STEPS), &self.name())?;
        self.admit_first_step(&books).await?;
        let header = header(&books, schema, own_marks).await?;
        let journal = journal(&books).await?;
        progress.begin(header.rows());
        let mut writer = Writer::begin(out, &header)?;
        for (table, head) in TABLES.iter().zip(&header.tables) {
            writer.table(table.name)?;
            write_rows(&books, table, &head.columns, &mut writer, progress).await?;
        }
        writer.finish(journal)?;
        Ok(Moved {
            header,
            journal,
            replaced_texts: 0,
        })
    }

    /// Reads a file into empty books, in one transaction, during which no node can start.
    pub(crate) async fn import(
        &self,
        file: &mut BooksFile,
        progress: &mut dyn Progress,
    ) -> Result<Moved, ImportError> {
        let mut client = self.connect().await?;
        let (moved, books) = self.fill(&mut client, file, progress).await?;
        if let Err(error) = books.commit().await {
            let fault = Fault::from(error);
            // The server's own no is one; any other trouble leaves open what became of it.
            let is_open = fault.treatment() == Treatment::Reconnect;
            let error = StoreError::from(fault);
            return Err(match is_open {
                true => ImportError::Unknown(error),
                false => ImportError::Refused(error),
            });
        }
        // So that plans are made for tables that are full; autovacuum would do it sooner or later.
        if let Err(error) = client.batch_execute("ANALYZE").await {
            tracing::warn!(%error, "the imported books are not analysed");
        }
        Ok(moved)
    }

    /// Makes the tables unless they are there. What holds anything is left as it is.
    async fn make_room(&self, client: &mut Client) -> Result<(), StoreError> {
        let (schema, known) = (schema_of(&*client).await?, schema::known(STEPS));
        if schema == Schema::NONE {
            migrate(client, &self.name(), STEPS).await?;
            return Ok(());
        }
        if schema.version != known {
            return Err(StoreError::refused(format!(
                "{} has schema {}, the export {known}: name an empty database with DATABASE_URL",
                self.name(),
                schema.version
            )));
        }
        self.admit_first_step(client).await?;
        self.refuse_unless_empty(client).await
    }

    async fn refuse_unless_empty(&self, books: &impl GenericClient) -> Result<(), StoreError> {
        for table in &TABLES {
            let sql = format!("SELECT EXISTS (SELECT FROM {})", table.name);
            let row = books.query_one(&sql, &[]).await.map_err(Fault::from)?;
            if row.try_get(0).map_err(Fault::from)? {
                return Err(not_empty(&self.name(), table.name));
            }
        }
        Ok(())
    }

    /// All but the commit.
    async fn fill<'c>(
        &self,
        client: &'c mut Client,
        file: &mut BooksFile,
        progress: &mut dyn Progress,
    ) -> Result<(Moved, Transaction<'c>), StoreError> {
        self.make_room(client).await?;
        let books = client.transaction().await.map_err(Fault::from)?;
        books.batch_execute(NO_LIMITS).await.map_err(Fault::from)?;
        let serving = node::lock_out(&books).await?;
        if serving > 0 {
            return Err(StoreError::conflict(format!(
                "{serving} node(s) serve {}: stop them (one that was killed counts for {LEASE_S} s), or name an empty \
                 database with DATABASE_URL",
                self.name()
            )));
        }
        // Nobody can write any more.
        self.refuse_unless_empty(&books).await?;
        let header = file.header().clone();
        same_tables(&header)?;
        progress.begin(header.rows());
        make_partitions(&books, header.numbers).await?;
        let mut replaced_texts = 0;
        for (table, head) in TABLES.iter().zip(&header.tables) {
            let columns = columns(&books, table).await?;
            let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
            same_columns(head, &names)?;
            file.table(table.name)?;
            replaced_texts += read_rows(&books, table, head, &columns, file, progress).await?;
        }
        let told = file.close()?;
        take_over(&books, &header).await?;
        let mut held = Vec::with_capacity(TABLES.len());
        for table in &TABLES {
            held.push(count(&books, table).await?);
        }
        same_counts(&header, &held)?;
        let journal = journal(&books).await?;
        same_journal(told, journal)?;
        let moved = Moved {
            header,
            journal,
            replaced_texts,
        };
        Ok((moved, books))
    }
}

async fn marks(client: &impl GenericClient) -> Result<BTreeMap<String, String>, Fault> {
    let rows = client.query("SELECT name, value FROM mark", &[]).await?;
    let mut marks = BTreeMap::new();
    for row in rows {
        marks.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(marks)
}

async fn header(
    books: &Transaction<'_>,
    schema: Schema,
    mut own_marks: BTreeMap<String, String>,
) -> Result<Header, Fault> {
    // Rows are wanted in the order of their key and not all in memory: along the index, never
    // sorted.
    books.batch_execute("SET LOCAL enable_sort = off").await?;
    let mut tables = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let columns = columns(books, table).await?;
        tables.push(TableHeader {
            table: table.name.to_owned(),
            columns: columns.into_iter().map(|(name, _)| name).collect(),
            rows: count(books, table).await?,
        });
    }
    let sql = "SELECT coalesce(max(high_water_second), 0) FROM node";
    let high_water_second = books.query_one(sql, &[]).await?.try_get(0)?;
    let row = books.query_one(SELECT_NUMBERS, &[]).await?;
    let (lowest, highest): (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    own_marks.extend(marks(books).await?);
    Ok(Header::new(
        schema.version,
        own_marks,
        high_water_second,
        lowest.zip(highest),
        tables,
    ))
}

/// The columns of a table that travel, and their types.
async fn columns(books: &impl GenericClient, table: &Table) -> Result<Vec<(String, Type)>, Fault> {
    let sql = "SELECT attname::TEXT, atttypid FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
    let rows = books.query(sql, &[&table.name]).await?;
    let mut columns = Vec::new();
    for row in rows {
        let (name, oid): (String, u32) = (row.try_get(0)?, row.try_get(1)?);
        let of = Type::from_oid(oid).ok_or_else(|| strange(table.name, &name))?;
        if table.takes(&name) {
            columns.push((name, of));
        }
    }
    Ok(columns)
}

fn strange(table: &str, column: &str) -> Fault {
    Fault::Damaged(format!("{table}.{column} is neither number nor text"))
}

async fn count(books: &impl GenericClient, table: &Table) -> Result<u64, Fault> {
    let sql = format!("SELECT count(*) FROM {}", table.name);
    let count: i64 = books.query_one(&sql, &[]).await?.try_get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

async fn journal(books: &impl GenericClient) -> Result<Journal, Fault> {
    let row = books.query_one(&select_journal("BIGINT"), &[]).await?;
    Ok(Journal {
        sum_fen: row.try_get(0)?,
        turnover_fen: row.try_get(1)?,
    })
}

/// Rows come as they are taken: what is not yet written stays with the server.
async fn write_rows<W: Write>(
    books: &Transaction<'_>,
    table: &Table,
    columns: &[String],
    writer: &mut Writer<W>,
    progress: &mut dyn Progress,
) -> Result<(), StoreError> {
    let none: [&(dyn ToSql + Sync); 0] = [];
    let rows = books.query_raw(&table.select(columns), none).await;
    let mut rows = pin!(rows.map_err(Fault::from)?);
    let mut cells = Vec::with_capacity(columns.len());
    let mut count = Count::of(table, progress);
    while let Some(row) = rows.try_next().await.map_err(Fault::from)? {
        cells.clear();
        for index in 0..columns.len() {
            cells.push(cell(&row, index, table)?);
        }
        writer.row(&cells)?;
        count.row();
    }
    count.end();
    Ok(())
}

fn cell(row: &Row, index: usize, table: &Table) -> Result<Cell, Fault> {
    let column = row.columns().get(index);
    let of = column.map(tokio_postgres::Column::type_);
    let integer = |number: Option<i64>| number.map_or(Cell::Null, Cell::Integer);
    Ok(match of {
        Some(&Type::TEXT) => row
            .try_get::<_, Option<String>>(index)?
            .map_or(Cell::Null, Cell::Text),
        Some(&Type::INT8) => integer(row.try_get(index)?),
        Some(&Type::INT2) => integer(row.try_get::<_, Option<i16>>(index)?.map(i64::from)),
        Some(&Type::BOOL) => integer(row.try_get::<_, Option<bool>>(index)?.map(i64::from)),
        _ => return Err(strange(table.name, column.map_or("?", |c| c.name()))),
    })
}

/// What a serving node makes for the months to come, for those that have been.
async fn make_partitions(
    books: &Transaction<'_>,
    numbers: Option<(i64, i64)>,
) -> Result<(), Fault> {
    let Some((lowest, highest)) = numbers else {
        return Ok(());
    };
    let sql = "SELECT make_partitions(month::DATE) FROM generate_series(
        date_trunc('month', to_timestamp(($1::BIGINT >> 23) + 1577836800) AT TIME ZONE 'UTC'),
        to_timestamp(($2::BIGINT >> 23) + 1577836800) AT TIME ZONE 'UTC', INTERVAL '1 month') AS month";
    books.query(sql, &[&lowest, &highest]).await?;
    Ok(())
}

async fn read_rows(
    books: &Transaction<'_>,
    table: &Table,
    head: &TableHeader,
    columns: &[(String, Type)],
    file: &mut BooksFile,
    progress: &mut dyn Progress,
) -> Result<u64, StoreError> {
    let of = |name: &String| {
        let column = columns.iter().find(|(column, _)| column == name);
        column.map(|(_, of)| of.clone())
    };
    let types: Vec<Type> = head.columns.iter().filter_map(of).collect();
    let (name, names) = (table.name, head.columns.join(", "));
    let sql = format!("COPY {name} ({names}) FROM STDIN (FORMAT binary)");
    let sink = books.copy_in::<_, Bytes>(&sql).await.map_err(Fault::from)?;
    let mut copy = pin!(BinaryCopyInWriter::new(sink, &types));
    let mut replaced_texts = 0;
    let mut count = Count::of(table, progress);
    for _ in 0..head.rows {
        let mut row = file.row(types.len())?;
        for (cell, column) in row.iter_mut().zip(&head.columns) {
            replaced_texts += u64::from(replace(cell, table, column)?);
        }
        copy.as_mut().write_raw(&row).await.map_err(Fault::from)?;
        count.row();
    }
    copy.finish().await.map_err(Fault::from)?;
    count.end();
    Ok(replaced_texts)
}

/// Puts what PostgreSQL can hold in place of what it cannot, where that says the same to whoever
/// reads it; whether there was something to replace. Anywhere else another text would be another
/// name, key or signed word.
fn replace(cell: &mut Cell, table: &Table, column: &str) -> Result<bool, StoreError> {
    let Cell::Text(value) = cell else {
        return Ok(false);
    };
    let Cow::Owned(held) = text(value) else {
        return Ok(false);
    };
    if !table.is_hearsay(column) {
        return Err(StoreError::refused(format!(
            "{}.{column} holds a text with a NUL in it, which PostgreSQL cannot hold; nothing \
             was imported: correct it where the export comes from, or stay with an embedded database",
            table.name
        )));
    }
    *value = held;
    Ok(true)
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Dynamic + Sync + Send>> {
        match (self, of) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT8) => number.to_sql(of, out),
            (Self::Integer(number), &Type::INT2) => i16::try_from(*number)?.to_sql(of, out),
            (Self::Integer(number @ (0 | 1)), &Type::BOOL) => (*number == 1).to_sql(of, out),
            (Self::Text(value), &Type::TEXT) => value.to_sql(of, out),
            _ => {
                Err(format!("a value of the export does not go into a column of type {of}").into())
            }
        }
    }

    fn accepts(of: &Type) -> bool {
        [Type::INT8, Type::INT2, Type::BOOL, Type::TEXT].contains(of)
    }

    to_sql_checked!();
}

/// What does not stand in rows of the file: the register, what tells nodes apart, what they have
/// alike. Whichever number a node gets, what it gives is above what was given. Committers of runs
/// before are gone, so that nothing of them can be committed any more.
async fn take_over(books: &Transaction<'_>, header: &Header) -> Result<(), StoreError> {
    let statements: [(&str, &[&(dyn ToSql + Sync)]); 3] = [
        (
            "INSERT INTO order_register (merchant_id, app_id, merchant_order_no, order_no)
                SELECT merchant_id, app_id, merchant_order_no, order_no FROM trade_order",
            &[],
        ),
        (
            "UPDATE node SET high_water_second = greatest(high_water_second, $1)",
            &[&header.high_water_second],
        ),
        ("DELETE FROM committer", &[]),
    ];
    for (sql, values) in statements {
        books.execute(sql, values).await.map_err(Fault::from)?;
    }
    for (name, value) in &header.marks {
        let sql = "INSERT INTO mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        let written = books.execute(sql, &[name, value]).await;
        written.map_err(Fault::from)?;
    }
    for (name, standing) in marks(books).await? {
        let Some(value) = header.marks.get(&name) else {
            continue;
        };
        if standing != *value {
            return Err(StoreError::conflict(format!(
                "the database is marked {name}={standing}, the export {name}={value}: name another database"
            )));
        }
    }
    Ok(())
}
