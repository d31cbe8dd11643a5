//! What a file holds after the process that wrote it is gone, and which files are refused.

mod folder;
mod payments;

use folder::Folder;
use heliu_ports::exchange_shares::{Held, LogLimits};
use heliu_ports::store::prelude::*;
use heliu_ports::store::{JobClass, OrderKey};
use heliu_store::{Place, SqliteOptions, SqliteStore};
use heliu_trade::followup::job::JobKind;
use heliu_trade::id::PlatformNo;
use payments::{START, create, evidence_step, merchant, order_no};
use rusqlite::Connection;

#[tokio::test]
async fn everything_is_found_again() {
    let folder = Folder::new("reopen");
    let before = {
        let store = folder.open("heliu.db").expect("fresh books open");
        store.commit(create(1, "n-1")).await.expect("accepted");
        store.commit(evidence_step(1)).await.expect("recorded");
        store.commit(create(2, "n-2")).await.expect("accepted");
        let books = store.order_books(None, 10).await.expect("read");
        (books, store.high_water_second().await)
    };
    let store = folder.open("heliu.db").expect("the same books open");
    let books = store.order_books(None, 10).await.expect("read");
    assert_eq!(format!("{books:?}"), format!("{:?}", before.0));
    assert_eq!(store.high_water_second().await, before.1);
    assert_eq!(store.journal_sum_fen().await, Ok(0));
    let again = store.commit(create(3, "n-1")).await;
    again.expect_err("numbers are taken for ever");
}

#[tokio::test]
async fn what_was_answered_is_in_the_file_at_once() {
    let folder = Folder::new("durable");
    let store = folder.open("heliu.db").expect("fresh books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    // As after a kill: the file and its log are copied while the store is still open.
    for file in ["heliu.db", "heliu.db-wal"] {
        let copy = folder.0.join(file.replace("heliu", "copy"));
        std::fs::copy(folder.0.join(file), copy).expect("copied");
    }
    let copy = folder.open("copy.db").expect("the copy opens");
    let found = copy
        .find_order(&merchant(), OrderKey::Platform(order_no(1)))
        .await;
    assert!(found.expect("read").is_some());
}

/// Exchanges of two apps and of strangers, among them an answer whose request is gone.
const EXCHANGES: &str = "WITH RECURSIVE n (no) AS (SELECT 1598915661004801 UNION ALL SELECT no + 1 FROM n LIMIT 300)
    INSERT INTO exchange SELECT no, 300, 1768442400000, 'a_dialect',
        CASE WHEN no < 1598915661004811 THEN 'quiet' WHEN no < 1598915661005081 THEN 'loud' END,
        '/', '', '{}', '127.0.0.1', NULL FROM n;
    INSERT INTO exchange_answer SELECT exchange_no, 300, 200, 'ok', 1, '{}', NULL, NULL, NULL FROM exchange;
    DELETE FROM exchange WHERE exchange_no = 1598915661005082;";

#[tokio::test]
async fn what_the_exchange_log_holds_and_of_whom_is_known_after_a_restart() {
    let folder = Folder::new("log");
    drop(folder.open("heliu.db").expect("fresh books open"));
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    file.execute_batch(EXCHANGES).expect("written");
    let limits = LogLimits(Held {
        rows: 100,
        bytes: 1 << 30,
    });
    let options = SqliteOptions {
        path: folder.0.join("heliu.db"),
        node: 1,
    };
    let store = SqliteStore::open_with_log(options, limits).expect("the same books open");
    // What was cut is on disk when the store has ended.
    while store
        .find_exchange(PlatformNo::from_u64(1598915661004811))
        .await
        .expect("read")
        .is_some()
    {
        tokio::task::yield_now().await;
    }
    drop(store);
    let count = |sql: &str| {
        file.query_row(sql, [], |row| row.get::<_, i64>(0))
            .expect("read")
    };
    let quiet = "SELECT count(*) FROM exchange WHERE app_id = 'quiet'";
    assert_eq!(count(quiet), 10, "who holds little loses nothing");
    let strangers = "SELECT count(*) FROM exchange WHERE app_id IS NULL";
    assert!(count(strangers) <= 5);
    assert!(count("SELECT count(*) FROM exchange") <= 100);
    assert!(count("SELECT count(*) FROM exchange_answer") <= 100);
}

#[tokio::test]
async fn jobs_that_were_held_are_due_again_and_planned_ones_are_not() {
    let folder = Folder::new("leases");
    let (planned, held) = {
        let store = folder.open("heliu.db").expect("fresh books open");
        store.commit(create(1, "n-1")).await.expect("accepted");
        store.commit(create(2, "n-2")).await.expect("accepted");
        let claimed = store
            .claim_jobs(JobClass::Money, START.plus_ms(60_000), 30_000, 1)
            .await
            .expect("claim");
        let held = claimed.into_iter().next().expect("one is due");
        let next = store
            .next_job_at()
            .await
            .expect("read")
            .expect("the other one");
        assert!(next < held.due_at);
        (next, held)
    };
    let store = folder.open("heliu.db").expect("the same books open");
    let books = store.order_books(None, 10).await.expect("read");
    let jobs: Vec<_> = books.iter().flat_map(|book| &book.trail.jobs).collect();
    assert!(jobs.iter().all(|job| job.key.kind == JobKind::QueryUnknown));
    for job in jobs {
        if job.key == held.key {
            assert_eq!(job.due_at, START.plus_ms(60_000), "due since it was taken");
            assert_eq!(job.tries, 1);
        } else {
            assert_eq!(job.due_at, planned, "its plan stands");
        }
    }
    let due = store
        .claim_jobs(JobClass::Money, START.plus_ms(60_000), 30_000, 10)
        .await
        .expect("claim");
    assert_eq!(due.len(), 2);
    store
        .return_job(held.key.clone(), START.plus_ms(900_000))
        .await
        .expect("returned");
    drop(store);
    let store = folder.open("heliu.db").expect("the same books open");
    let due = store
        .claim_jobs(JobClass::Money, START.plus_ms(60_000), 30_000, 10)
        .await
        .expect("claim");
    assert!(
        due.iter().all(|job| job.key != held.key),
        "a returned job is planned, not held"
    );
    assert_eq!(due.len(), 1);
}

fn refusal(folder: &Folder) -> String {
    match folder.open("heliu.db") {
        Ok(_) => unreachable!("such a file is refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = Folder::new("newer");
    drop(folder.open("heliu.db").expect("fresh books open"));
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    file.execute("INSERT INTO schema_version (version) VALUES (99)", [])
        .expect("written");
    drop(file);
    let refusal = refusal(&folder);
    assert!(
        refusal.contains("schema 99") && refusal.contains("newer version"),
        "{refusal}"
    );
}

#[test]
fn the_schema_is_brought_up_once() {
    let folder = Folder::new("twice");
    let schema = || {
        drop(folder.open("heliu.db").expect("books open"));
        let file = Connection::open(folder.0.join("heliu.db")).expect("open");
        let sql = "SELECT group_concat(sql, ';') || (SELECT count(*) FROM schema_version)
            FROM sqlite_schema";
        file.query_row(sql, [], |row| row.get::<_, String>(0))
            .expect("read")
    };
    assert_eq!(schema(), schema());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = Folder::new("foreign");
    let text = "this is a letter, not a database; ".repeat(100);
    std::fs::write(folder.0.join("heliu.db"), text).expect("written");
    let refusal = refusal(&folder);
    assert!(
        refusal.contains("damaged or is not a database"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let folder = Folder::new("damaged");
    let store = folder.open("heliu.db").expect("fresh books open");
    for index in 0..50 {
        store
            .commit(create(index, &format!("n-{index}")))
            .await
            .expect("accepted");
    }
    drop(store);
    let path = folder.0.join("heliu.db");
    let mut bytes = std::fs::read(&path).expect("read");
    let from = 8192 * 2;
    bytes[from..from + 8192 * 2].fill(0xA5);
    std::fs::write(&path, bytes).expect("written");
    let refusal = refusal(&folder);
    assert!(refusal.contains("damaged"), "{refusal}");
}

#[test]
fn a_folder_that_is_missing_is_named() {
    let folder = Folder::new("missing");
    let refusal = match folder.open("nowhere/heliu.db") {
        Ok(_) => unreachable!("there is no such folder"),
        Err(error) => error.to_string(),
    };
    assert!(
        refusal.contains("nowhere") && refusal.contains("folder"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_backup_made_while_others_write_holds_whole_commits_and_can_be_opened() {
    let folder = Folder::new("backup");
    let store = folder.open("heliu.db").expect("fresh books open");
    let writes = async {
        for number in 1..=40 {
            let create = create(number, &format!("n-{number}"));
            store.commit(create).await.expect("accepted");
            store.commit(evidence_step(number)).await.expect("recorded");
        }
    };
    let place = Place::Sqlite(folder.0.join("heliu.db"));
    let copies = async {
        for index in 0..3 {
            let to = folder.0.join(format!("copy-{index}.db"));
            place.back_up(to.clone()).await.expect("copied");
            place.back_up(to).await.expect_err("nothing is overwritten");
        }
    };
    futures::join!(writes, copies);
    for index in 0..3 {
        let copy = folder.open(&format!("copy-{index}.db")).expect("opens");
        assert_eq!(copy.journal_sum_fen().await, Ok(0));
        for book in copy.order_books(None, 100).await.expect("read") {
            assert_eq!(heliu_trade::invariant::check(&book), []);
        }
    }
    let last = folder.0.join("last.db");
    place.back_up(last).await.expect("copied");
    let copy = folder.open("last.db").expect("opens");
    assert_eq!(copy.order_books(None, 100).await.expect("read").len(), 40);
    let nowhere = folder.0.join("no such folder").join("copy.db");
    place.back_up(nowhere).await.expect_err("it says why");
}
