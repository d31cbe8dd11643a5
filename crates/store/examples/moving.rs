//! How fast books move: rows a second out of, and into, each database.
//!
//! `DATABASE_URL=... cargo run --release -p heliu-store --example moving [orders]`; the database
//! must be empty.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::path::Path;

use heliu_store::Place;
use heliu_store::moving::{BooksFile, Moved, Progress};
use rusqlite::Connection;
use tokio::time::Instant;

/// As the books of so many paid orders: the rows of a payment, and texts as long as they are.
const FILL: &str = "
    CREATE TEMP TABLE n AS WITH RECURSIVE every (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM every WHERE n < ?)
        SELECT n, 1677721600000000 + n * 97 AS no, printf('88001000000%04d', n % 50) AS m,
            hex(randomblob(120)) AS t FROM every;
    INSERT INTO trade_order SELECT m, no, m, 'ORDER-' || no, 'barcode', 158, 'CNY', NULL, NULL, 158,
        1777836800000, NULL, NULL, '{\"subject\":\"' || t || '\"}' FROM n;
    INSERT INTO order_state SELECT m, no, 2, 'paid', '[[\"paid\",null]]', 'wechat', 'account', no, 1, NULL, 1, 2, 3
        FROM n;
    INSERT INTO attempt SELECT m, no, no, 1777836800000, '{\"route\":\"' || t || '\"}', NULL FROM n;
    INSERT INTO evidence SELECT m, no, no, '42000' || no, '{\"evidence\":\"' || t || '\"}' FROM n;
    INSERT INTO journal_row SELECT m, no, 0, 0, 'payment', 1777836800000, no, NULL, 'channel', 158, 'merchant' FROM n;
    INSERT INTO journal_row SELECT m, no, 1, 0, 'fee', 1777836800000, no, NULL, 'merchant', 1, 'fees' FROM n;
    INSERT INTO event SELECT m, no, i.column1, 1777836800000, 'created', '' FROM n,
        (VALUES (0), (1), (2)) AS i;
    INSERT INTO exchange SELECT no, 512, 1777836800000, 'a_dialect', m, '/order', 'sign=' || t, '{\"body\":\"' || t || '\"}',
        '127.0.0.1:1', no FROM n;
    INSERT INTO exchange_answer SELECT no, 512, 200, 'SUCCESS', 12, '{\"data\":\"' || t || '\"}', NULL, NULL, no FROM n;";

struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _rows: u64) {}
    fn advance(&mut self, _table: &str, _rows: u64) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let orders: u32 = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => 100_000,
    };
    let folder = std::env::temp_dir().join(format!("heliu-moving-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let books = folder.join("heliu.db");
    let source = Place::Sqlite(books.clone());
    source.migrate().await?;
    let fill = FILL.replacen('?', &orders.to_string(), 1);
    Connection::open(&books)?.execute_batch(&fill)?;

    let file = folder.join("books.heliu");
    export("SQLite", &source, &file).await?;
    let copy = Place::Sqlite(folder.join("copy.db"));
    import("SQLite", &copy, &file).await?;
    if let Ok(url) = std::env::var("DATABASE_URL") {
        let database = Place::Postgres(url.into());
        import("PostgreSQL", &database, &file).await?;
        export("PostgreSQL", &database, &folder.join("again.heliu")).await?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

async fn export(what: &str, from: &Place, to: &Path) -> Result<(), Box<dyn Error>> {
    let begun_at = Instant::now();
    let moved = from
        .export(BTreeMap::new(), File::create(to)?, Silent)
        .await?;
    let bytes = std::fs::metadata(to)?.len();
    say(&format!("{what}, out: {bytes} bytes"), &moved, begun_at);
    Ok(())
}

async fn import(what: &str, to: &Place, from: &Path) -> Result<(), Box<dyn Error>> {
    let begun_at = Instant::now();
    let file = BooksFile::open(File::open(from)?)?;
    let moved = to.import(file, Silent).await?;
    say(&format!("{what}, in"), &moved, begun_at);
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]
fn say(what: &str, moved: &Moved, begun_at: Instant) {
    let (rows, took_ms) = (
        u128::from(moved.header.rows()),
        begun_at.elapsed().as_millis().max(1),
    );
    println!(
        "{what}, {rows} rows in {took_ms} ms: {} rows/s",
        rows * 1000 / took_ms
    );
}
