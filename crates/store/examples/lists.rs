//! How long lists take over many orders, in each database.
//!
//! `DATABASE_URL=... cargo run --release -p heliu-store --example lists [orders]`; the database
//! must be empty, or filled by this before.

#![expect(clippy::print_stdout, reason = "what it measures is what it prints")]

use std::error::Error;
use std::sync::Arc;

use heliu_ports::lists::{
    AgentKey, ExchangeFilter, JobFilter, MerchantFilter, NoticeFilter, OrderFilter, OutcomeFilter,
    Page, RefundFilter, Span,
};
use heliu_ports::store::Store;
use heliu_store::{Place, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore};
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::order::OrderState;
use heliu_trade::refund::RefundState;
use heliu_trade::time::{DAY_MS, Timestamp};
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Funding, WalletKind};
use rusqlite::Connection;
use tokio::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The rows.
const FILL: &str = include_str!("lists.sql");
/// PostgreSQL's register of merchants' numbers, which SQLite has in an index.
const REGISTER: &str =
    "INSERT INTO order_register (merchant_id, app_id, merchant_order_no, order_no)
    SELECT merchant_id, app_id, merchant_order_no, order_no FROM trade_order ORDER BY order_no;
    DROP TABLE series";
/// Months of the rows.
const MONTHS: &str =
    "SELECT make_partitions(month::DATE) FROM generate_series('2025-12-01'::TIMESTAMPTZ,
    '2026-02-01', '1 month') AS months (month)";
/// Rows of a page.
const SIZE: u32 = 50;
/// The first instant of the rows, in ms.
const START_MS: i64 = 1_766_836_800_000;

/// The rows, with texts as long as they are.
fn fill() -> Outcome<String> {
    let evidence = Evidence {
        payable_fen: 100,
        cash_fen: 100,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "4200001000000000000000".to_owned(),
        payer_order_no: "4200001000000000000000".to_owned(),
        payer_id: None,
        funding: Funding::Balance,
        paid_at: Timestamp::from_ms(START_MS),
        notes: None,
    };
    let texts = [
        (
            "{ORDER}",
            format!(
                "{{\"subject\":\"coffee\",\"fingerprint\":\"{}\"}}",
                "f".repeat(300)
            ),
        ),
        (
            "{ROUTE}",
            format!("{{\"channel_id\":\"{}\"}}", "c".repeat(330)),
        ),
        ("{EVIDENCE}", serde_json::to_string(&evidence)?),
        ("{EVENT}", "the channel says that it is paid".to_owned()),
        ("{NOTICE}", "n".repeat(420)),
        (
            "{REFUND}",
            "{\"reason\":\"cold\",\"attributes\":{}}".to_owned(),
        ),
        ("{BODY}", "b".repeat(400)),
        ("{FALSE}", "false".to_owned()),
    ];
    let put = |sql: String, (place, text): &(&str, String)| sql.replace(place, text);
    Ok(texts.iter().fold(FILL.to_owned(), put))
}

async fn time<T>(
    name: &str,
    list: impl Future<Output = Result<T, heliu_ports::store::StoreError>>,
    count: impl Fn(&T) -> usize,
) -> Outcome<()> {
    let started = Instant::now();
    let listed = list.await?;
    let ms = started.elapsed().as_millis();
    println!("{ms:>7} ms {:>5} rows  {name}", count(&listed));
    Ok(())
}

async fn orders(store: &Arc<dyn Store>) -> Outcome<()> {
    let all = OrderFilter::default;
    let number = |text: &str| OrderFilter {
        number: Some(text.to_owned()),
        ..all()
    };
    let day = Span {
        from: Some(Timestamp::from_ms(START_MS + 9 * DAY_MS)),
        until: Some(Timestamp::from_ms(START_MS + 10 * DAY_MS)),
    };
    let state = |state| OrderFilter {
        states: vec![state],
        ..all()
    };
    let agent = AgentKey {
        dialect_id: "wire".into(),
        agent_id: "101".into(),
    };
    let filters = [
        ("orders", all()),
        (
            "orders of a day",
            OrderFilter {
                created: day,
                ..all()
            },
        ),
        (
            "orders of a merchant",
            OrderFilter {
                merchant_id: Some("M41".into()),
                ..all()
            },
        ),
        (
            "orders of a small merchant",
            OrderFilter {
                merchant_id: Some("M977".into()),
                ..all()
            },
        ),
        (
            "orders of an agent",
            OrderFilter {
                agent: Some(agent.clone()),
                ..all()
            },
        ),
        (
            "orders of an agent of a rare amount",
            OrderFilter {
                agent: Some(agent),
                charge_fen_min: Some(8_888_800),
                ..all()
            },
        ),
        ("orders paid", state(OrderState::Paid)),
        ("orders failed (2 of 100)", state(OrderState::Failed)),
        (
            "orders reversed (1 of 100,000)",
            state(OrderState::Reversed),
        ),
        (
            "orders reversed, of a merchant",
            OrderFilter {
                merchant_id: Some("M41".into()),
                ..state(OrderState::Reversed)
            },
        ),
        ("orders open (none)", state(OrderState::Open)),
        (
            "orders of a wallet",
            OrderFilter {
                wallet: Some(WalletKind::Unionpay),
                ..all()
            },
        ),
        (
            "orders of an account (1 of 200,000)",
            OrderFilter {
                channel_account_id: Some("rare".into()),
                ..all()
            },
        ),
        (
            "orders of an amount (1 of 250,000)",
            OrderFilter {
                charge_fen_min: Some(8_888_800),
                charge_fen_max: Some(8_888_800),
                ..all()
            },
        ),
        (
            "orders paid of that amount",
            OrderFilter {
                charge_fen_min: Some(8_888_800),
                charge_fen_max: Some(8_888_800),
                ..state(OrderState::Paid)
            },
        ),
        (
            "orders reversed of any amount",
            OrderFilter {
                charge_fen_min: Some(1),
                ..state(OrderState::Reversed)
            },
        ),
        ("orders by merchant's number", number("20260100000500000X")),
        ("orders by its beginning (100)", number("202601000005000")),
        ("orders by its beginning (100,000)", number("202601000001")),
        ("orders by its beginning (all)", number("2026")),
        ("orders by our number", number("1596318782955819")),
        ("orders by our number's beginning", number("15963187")),
        ("orders by our number's beginning (all)", number("1")),
        (
            "orders by channel's number",
            number("4200001000000003500000"),
        ),
        ("orders by refund's number", number("R20260100000500000")),
        ("orders by a number of none", number("nothing")),
        (
            "orders by a wide number, reversed",
            OrderFilter {
                number: Some("2026".to_owned()),
                ..state(OrderState::Reversed)
            },
        ),
    ];
    for (name, filter) in filters {
        time(
            name,
            store.list_orders(filter, Page::first(SIZE)),
            |listed| listed.rows.len(),
        )
        .await?;
    }
    Ok(())
}

async fn others(store: &Arc<dyn Store>) -> Outcome<()> {
    let page = || Page::first(SIZE);
    let refunds = [
        ("refunds", RefundFilter::default()),
        (
            "refunds failed",
            RefundFilter {
                states: vec![RefundState::Failed],
                ..RefundFilter::default()
            },
        ),
        (
            "refunds by order's number",
            RefundFilter {
                number: Some("20260100000500000X".to_owned()),
                ..RefundFilter::default()
            },
        ),
        (
            "refunds of an account of none",
            RefundFilter {
                channel_account_id: Some("rare".into()),
                ..RefundFilter::default()
            },
        ),
    ];
    for (name, filter) in refunds {
        time(name, store.list_refunds(filter, page()), |listed| {
            listed.rows.len()
        })
        .await?;
    }
    let notices = [
        ("notifications", NoticeFilter::default()),
        (
            "notifications of a small merchant",
            NoticeFilter {
                merchant_id: Some("M977".into()),
                ..NoticeFilter::default()
            },
        ),
        (
            "notifications in trouble",
            NoticeFilter {
                states: vec![NotificationState::Due, NotificationState::GivenUp],
                ..NoticeFilter::default()
            },
        ),
        (
            "notifications in trouble, of a merchant",
            NoticeFilter {
                merchant_id: Some("M41".into()),
                states: vec![NotificationState::GivenUp],
                ..NoticeFilter::default()
            },
        ),
    ];
    for (name, filter) in notices {
        time(name, store.page_notifications(filter, page()), |listed| {
            listed.rows.len()
        })
        .await?;
    }
    let exchanges = [
        ("exchanges", ExchangeFilter::default()),
        (
            "exchanges of a small merchant",
            ExchangeFilter {
                merchant_id: Some("M977".into()),
                ..ExchangeFilter::default()
            },
        ),
        (
            "exchanges refused",
            ExchangeFilter {
                outcome: Some(OutcomeFilter::Refused),
                ..ExchangeFilter::default()
            },
        ),
        (
            "exchanges unanswered (none)",
            ExchangeFilter {
                outcome: Some(OutcomeFilter::Unanswered),
                ..ExchangeFilter::default()
            },
        ),
    ];
    for (name, filter) in exchanges {
        time(name, store.list_exchanges(filter, page()), |listed| {
            listed.rows.len()
        })
        .await?;
    }
    time(
        "jobs",
        store.list_jobs(JobFilter::default(), page()),
        |listed| listed.rows.len(),
    )
    .await?;
    time(
        "merchants",
        store.page_merchants(MerchantFilter::default(), page()),
        |listed| listed.rows.len(),
    )
    .await?;
    let text = MerchantFilter {
        text: Some("Shop 99".to_owned()),
        ..MerchantFilter::default()
    };
    time(
        "merchants by name",
        store.page_merchants(text, page()),
        |listed| listed.rows.len(),
    )
    .await?;
    let at = |days: i64| Timestamp::from_ms(START_MS + days * DAY_MS);
    time("report of a day", store.report_day(at(9), at(10)), Vec::len).await?;
    time(
        "report of thirty days",
        store.report_day(at(0), at(32)),
        Vec::len,
    )
    .await
}

async fn measure(name: &str, store: Arc<dyn Store>) -> Outcome<()> {
    for round in ["first", "again"] {
        println!("{name}, {round}");
        orders(&store).await?;
        others(&store).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let orders: u32 = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => 1_000_000,
    };
    let fill = fill()?;
    if let Ok(url) = std::env::var("DATABASE_URL") {
        let place = Place::Postgres(url.clone().into());
        place.migrate().await?;
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        let known = client
            .query_one("SELECT EXISTS (SELECT FROM trade_order)", &[])
            .await?;
        if !known.get::<_, bool>(0) {
            let series = format!(
                "CREATE TABLE series AS SELECT i FROM generate_series(0::BIGINT, {}) AS s (i)",
                orders - 1
            );
            client.batch_execute(MONTHS).await?;
            client.batch_execute(&series).await?;
            client.batch_execute(&fill).await?;
            client.batch_execute(REGISTER).await?;
        }
        client.batch_execute("VACUUM (ANALYZE)").await?;
        let options = PostgresOptions {
            address: url.into(),
            instance: "lists".to_owned(),
        };
        measure("PostgreSQL", PostgresStore::open(options).await?).await?;
    }
    let folder = std::env::temp_dir().join(format!("heliu-lists-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("heliu.db");
    Place::Sqlite(path.clone()).migrate().await?;
    let series = format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY;
         CREATE TABLE series AS WITH RECURSIVE every (i) AS
         (SELECT 0 UNION ALL SELECT i + 1 FROM every WHERE i < {}) SELECT i FROM every;",
        orders - 1
    );
    let books = Connection::open(&path)?;
    books.execute_batch(&series)?;
    books.execute_batch(&format!(
        "BEGIN; {fill} DROP TABLE series; COMMIT; PRAGMA journal_mode = WAL;"
    ))?;
    drop(books);
    measure(
        "SQLite",
        SqliteStore::open(SqliteOptions { path, node: 0 })?,
    )
    .await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
