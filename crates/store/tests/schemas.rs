//! The two databases hold the same: same tables, same columns, same ones that may be empty. What
//! only one of them needs is named here.

mod folder;
mod server;

use std::collections::BTreeMap;

use folder::Folder;
use heliu_store::moving::{STAYING, STAYING_COLUMNS, TABLES};
use rusqlite::Connection;
use server::{Server, connect, open};

/// Tables that PostgreSQL needs since several nodes share it: the register stands apart from what
/// may be spread or cut, and nodes must agree and be told apart.
const ONLY_POSTGRES: [&str; 3] = ["committer", "mark", "order_register"];
/// Columns that it needs for the same reason.
const ONLY_POSTGRES_COLUMNS: [(&str, &str); 4] = [
    ("job", "leased_by"),
    ("node", "instance"),
    ("node", "leased_until"),
    ("node", "run_no"),
];

/// For each table its columns, and whether each may be empty.
type Schema = BTreeMap<String, BTreeMap<String, bool>>;

fn of_sqlite(file: &Connection) -> Schema {
    let sql = "SELECT t.name, c.name, c.\"notnull\" = 0 AND c.pk = 0
        FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let mut statement = file.prepare(sql).expect("prepared");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("read");
    let mut schema = Schema::new();
    for row in rows {
        let (table, column, may_be_empty): (String, String, bool) = row.expect("a column");
        schema
            .entry(table)
            .or_default()
            .insert(column, may_be_empty);
    }
    schema
}

async fn of_postgres(url: &str) -> Schema {
    // Partitions have what their table has.
    let sql = "SELECT c.relname::TEXT, a.attname::TEXT, NOT a.attnotnull
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace";
    let rows = connect(url).await.query(sql, &[]).await.expect("read");
    let mut schema = Schema::new();
    for row in rows {
        let table: &mut BTreeMap<String, bool> = schema.entry(row.get(0)).or_default();
        table.insert(row.get(1), row.get(2));
    }
    schema
}

#[tokio::test]
async fn both_databases_hold_the_same() {
    let folder = Folder::new("schemas");
    drop(folder.open("heliu.db").expect("fresh books open"));
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    let sqlite = of_sqlite(&file);

    let server = Server::start();
    let url = server.database().await;
    drop(open(&url, "a").await.expect("fresh books open"));
    let mut postgres = of_postgres(&url).await;

    for table in ONLY_POSTGRES {
        assert!(
            postgres.remove(table).is_some(),
            "{table} is not there any more"
        );
    }
    for (table, column) in ONLY_POSTGRES_COLUMNS {
        let columns = postgres.get_mut(table).expect("a table");
        assert!(
            columns.remove(column).is_some(),
            "{table}.{column} is not there any more"
        );
    }
    let names = |schema: &Schema| schema.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&postgres), names(&sqlite));
    for (table, columns) in &sqlite {
        assert_eq!(postgres.get(table), Some(columns), "{table}");
    }
}

#[tokio::test]
async fn keys_of_what_grows_begin_with_the_merchant() {
    let server = Server::start();
    let url = server.database().await;
    drop(open(&url, "a").await.expect("fresh books open"));
    let sql = "SELECT c.relname::TEXT FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indisprimary AND NOT c.relispartition AND a.attname IN ('merchant_id', 'owner')";
    let rows = connect(&url).await.query(sql, &[]).await.expect("read");
    let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for table in [
        "order_register",
        "trade_order",
        "order_state",
        "refund_totals",
        "attempt",
        "evidence",
        "refund",
        "journal_row",
        "event",
        "job",
        "notification",
        "delivery",
    ] {
        assert!(found.iter().any(|of| of == table), "{table}");
    }
}

#[tokio::test]
async fn every_table_is_exported_or_stays_for_a_reason() {
    let folder = Folder::new("travellers");
    drop(folder.open("heliu.db").expect("fresh books open"));
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    let server = Server::start();
    let url = server.database().await;
    drop(open(&url, "a").await.expect("fresh books open"));
    let mut all = of_postgres(&url).await;
    for (table, columns) in of_sqlite(&file) {
        all.entry(table).or_default().extend(columns);
    }

    for (table, column) in STAYING_COLUMNS {
        let columns = all.get(table).expect("a table");
        assert!(
            columns.get(column) == Some(&true),
            "{table}.{column} must be able to be empty"
        );
    }
    let travel = TABLES.iter().map(|table| table.name);
    for table in travel.chain(STAYING.map(|(table, _reason)| table)) {
        let known = all.remove(table);
        assert!(known.is_some(), "{table} is not there, or named twice");
    }
    let forgotten: Vec<_> = all.keys().collect();
    assert!(
        forgotten.is_empty(),
        "name them in crates/store/src/moving/tables.rs, in TABLES or in STAYING: {forgotten:?}"
    );
}
