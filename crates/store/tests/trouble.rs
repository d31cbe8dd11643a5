//! One command's trouble is its own: a batch, the writer and the books go on.

mod folder;
mod payments;

use folder::Folder;
use futures::future::join_all;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{CommitError, OrderKey};
use payments::{create, evidence_step, merchant, order_no};
use rusqlite::Connection;

#[tokio::test]
async fn a_command_that_breaks_a_constraint_is_singled_out() {
    let folder = Folder::new("offender");
    let store = folder.open("heliu.db").expect("fresh books open");
    // 40 and 41 are the same number of ours under two of the merchant's: no mint gives such.
    let commits = (0..100).map(|index| {
        let ours = if index == 41 { 40 } else { index };
        store.commit(create(ours, &format!("n-{index}")))
    });
    let results = join_all(commits).await;
    let failed: Vec<_> = results.iter().filter(|result| result.is_err()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(matches!(failed.first(), Some(Err(CommitError::Store(_)))));
    assert_eq!(store.order_books(None, 200).await.expect("read").len(), 99);
    store
        .commit(evidence_step(40))
        .await
        .expect("what is left of the pair works");
}

#[tokio::test]
async fn an_order_that_was_changed_beside_the_writer_is_read_again() {
    let folder = Folder::new("beside");
    let store = folder.open("heliu.db").expect("fresh books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    file.execute("UPDATE order_state SET version = 7", [])
        .expect("written");
    let paid = store.commit(evidence_step(1)).await.expect("recorded");
    assert_eq!(paid.after.order.map(|order| order.version), Some(8));
}

#[tokio::test]
async fn a_file_that_says_no_refuses_and_the_books_go_on_when_it_can_be_written() {
    let folder = Folder::new("locked");
    let store = folder.open("heliu.db").expect("fresh books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    // A lock that another process holds for longer than we wait stands for a disk that says no.
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    file.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let refused = store
        .commit(create(2, "n-2"))
        .await
        .expect_err("the file is locked");
    assert!(matches!(refused, CommitError::Store(_)), "{refused}");
    let read = store
        .find_order(&merchant(), OrderKey::Platform(order_no(1)))
        .await;
    assert!(read.expect("reads work").is_some());
    file.execute_batch("ROLLBACK").expect("unlocked");
    let log_bytes = || {
        let log = std::fs::metadata(folder.0.join("heliu.db-wal"));
        log.expect("there").len()
    };
    store.probe().await.expect("it takes writes again");
    let probed = log_bytes();
    assert!(
        probed > 2_000_000,
        "one page would fit where a batch does not: {probed}"
    );
    store.probe().await.expect("ready");
    assert_eq!(log_bytes(), probed, "nothing is in doubt any more");
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'heliu_probe'";
    let left = file.query_row(tables, [], |row| row.get(0));
    assert_eq!(left, Ok(0));
    store.commit(create(2, "n-2")).await.expect("accepted");
}
