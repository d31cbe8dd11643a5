//! A file that is damaged or cut short: nothing is there by half, and damage is told plainly (rows
//! A5 and A8 of the reliability paper). Of its log, `sqlite_log` tells.

mod folder;
mod payments;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use folder::Folder;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{JobClass, OrderKey, StoreErrorKind};
use heliu_store::moving::{BooksFile, ImportError};
use heliu_store::{Place, SqliteStore};
use payments::{START, create, evidence_step, merchant, number, order_no, orders};
use rusqlite::Connection;
use sheet::{Sheet, Unwatched};

/// Bytes of a page of the books.
const PAGE_BYTES: usize = 8192;

/// Opens a file with this log and says which orders are in it, each whole.
async fn orders_in(folder: &Folder, file: &[u8], log: &[u8]) -> BTreeSet<String> {
    for name in ["image.db", "image.db-wal", "image.db-shm"] {
        let _none_yet = std::fs::remove_file(folder.0.join(name));
    }
    std::fs::write(folder.0.join("image.db"), file).expect("written");
    std::fs::write(folder.0.join("image.db-wal"), log).expect("written");
    let store = folder.open("image.db").expect("such books open");
    assert_eq!(
        store.examine().await,
        Ok(Vec::new()),
        "the file itself is sound"
    );
    for book in store.order_books(None, 1000).await.expect("read") {
        assert!(book.order.version <= 1);
    }
    orders(&*store).await
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("read")
}

/// Books of many payments, closed, so that all of them stand in the file.
async fn fill(folder: &Folder) -> Vec<u8> {
    let store = folder.open("heliu.db").expect("fresh books open");
    for index in 0..50 {
        store
            .commit(create(index, &number(index)))
            .await
            .expect("accepted");
        store.commit(evidence_step(index)).await.expect("accepted");
    }
    drop(store);
    read(&folder.0.join("heliu.db"))
}

#[tokio::test]
async fn a_file_with_any_page_overwritten_or_its_end_cut_off_is_refused_or_told_by_the_check() {
    let folder = Folder::new("bytes");
    let file = fill(&folder).await;
    let path = folder.0.join("heliu.db");
    for page in 0..file.len() / PAGE_BYTES {
        let mut damaged = file.clone();
        let from = page * PAGE_BYTES;
        damaged[from..from + PAGE_BYTES].fill(0xa5);
        std::fs::write(&path, &damaged).expect("written");
        match folder.open("heliu.db") {
            Err(refusal) => {
                let words = refusal.to_string();
                assert!(
                    words.contains("heliu.db") && words.contains("restore a backup"),
                    "{words}"
                );
            }
            // The few pages that hold nothing, or nothing but what can be computed from the others.
            Ok(store) => {
                let found = store.examine().await;
                assert_ne!(found, Ok(Vec::new()), "page {page} is rubbish");
            }
        }
    }
    for left in [1, PAGE_BYTES - 1, file.len() / 2, file.len() - PAGE_BYTES] {
        std::fs::write(&path, &file[..left]).expect("written");
        let refusal = folder.open("heliu.db").err();
        let refusal = refusal.unwrap_or_else(|| unreachable!("{left} bytes are no books"));
        assert!(refusal.text().contains("restore a backup"), "{refusal}");
    }
}

#[tokio::test]
async fn a_log_without_its_file_is_kept_and_refused() {
    let folder = Folder::new("log");
    let store = folder.open("heliu.db").expect("fresh books open");
    store.commit(create(0, "n-0")).await.expect("accepted");
    let (file, log) = (
        read(&folder.0.join("heliu.db")),
        read(&folder.0.join("heliu.db-wal")),
    );
    let image = folder.0.join("image.db");
    let image_log = folder.0.join("image.db-wal");
    let export = {
        let sheet = Sheet::default();
        let books = Place::Sqlite(folder.0.join("heliu.db"));
        let exported = books.export(BTreeMap::new(), sheet.clone(), Unwatched);
        exported.await.expect("exported");
        sheet.bytes()
    };
    for emptied in [false, true] {
        std::fs::write(&image_log, &log).expect("written");
        if emptied {
            std::fs::write(&image, []).expect("written");
        }
        let refusal = folder.open("image.db").err();
        let refusal = refusal.unwrap_or_else(|| unreachable!("the books began anew"));
        assert!(refusal.text().contains("its log"), "{refusal}");
        assert_eq!(
            read(&image_log),
            log,
            "whoever finds the file again needs it"
        );
        // Nor is it looked at, upgraded, copied or filled.
        let place = Place::Sqlite(image.clone());
        let sheet = std::io::sink();
        let empty = BooksFile::open(std::io::Cursor::new(export.clone())).expect("a file");
        let refusals = [
            place.schema().await.err(),
            place.migrate().await.err(),
            place.export(BTreeMap::new(), sheet, Unwatched).await.err(),
            match place.import(empty, Unwatched).await {
                Err(ImportError::Refused(refusal)) => Some(refusal),
                _ => None,
            },
        ];
        for refusal in refusals {
            let refusal = refusal.unwrap_or_else(|| unreachable!("the books began anew"));
            assert!(refusal.text().contains("its log"), "{refusal}");
        }
        assert_eq!(read(&image_log), log, "it is still there");
    }
    let all = BTreeSet::from([number(0)]);
    assert_eq!(orders_in(&folder, &file, &log).await, all);
}

/// The page at which a table begins.
fn root_page(path: &Path, name: &str) -> usize {
    let file = Connection::open(path).expect("open");
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: i64 = file.query_row(sql, [name], |row| row.get(0)).expect("read");
    usize::try_from(page).expect("a page")
}

#[tokio::test]
async fn a_page_that_is_damaged_while_the_books_are_served_is_told_and_readiness_says_no() {
    let folder = Folder::new("serving");
    drop(fill(&folder).await);
    let path = folder.0.join("heliu.db");
    let page = root_page(&path, "trade_order");
    let store: Arc<SqliteStore> = folder.open("heliu.db").expect("opens");
    store.probe().await.expect("ready");
    let mut bytes = read(&path);
    let from = (page - 1) * PAGE_BYTES;
    bytes[from..from + PAGE_BYTES].fill(0xa5);
    // In place: the file stays the one that is open.
    let file = std::fs::File::options().write(true).open(&path);
    std::io::Write::write_all(&mut file.expect("open"), &bytes).expect("written");
    let found = store
        .find_order(&merchant(), OrderKey::Platform(order_no(7)))
        .await;
    let told = found.expect_err("the page is rubbish");
    assert!(told.text().contains("restore a backup"), "{told}");
    assert_eq!(told.kind(), StoreErrorKind::Damaged);
    let unready = store.probe().await.expect_err("readiness says no");
    assert_eq!(unready, told);
    store.probe().await.expect_err("for as long as it lives");
    let claimed = store.claim_jobs(JobClass::Money, START, 1000, 10).await;
    claimed.expect("jobs go on with what is sound");
    drop(store);
    folder
        .open("heliu.db")
        .err()
        .expect("refused at the next start");
}

#[tokio::test]
async fn an_index_that_says_otherwise_than_its_table_is_found_by_the_check_of_the_books() {
    let folder = Folder::new("index");
    let path = folder.0.join("heliu.db");
    let pay = async |file: &str, range: std::ops::Range<u64>| {
        let store = folder.open(file).expect("books open");
        for index in range {
            store
                .commit(create(index, &number(index)))
                .await
                .expect("accepted");
            store.commit(evidence_step(index)).await.expect("accepted");
        }
        drop(store);
        read(&folder.0.join(file))
    };
    let mut books = pay("heliu.db", 0..10).await;
    let others = pay("others.db", 100..110).await;
    let from = (root_page(&path, "evidence_by_channel_order_no") - 1) * PAGE_BYTES;
    // A disk that brought a page of elsewhere: sound in itself, with as many entries.
    books[from..from + PAGE_BYTES].copy_from_slice(&others[from..from + PAGE_BYTES]);
    std::fs::write(&path, books).expect("written");
    let store = folder.open("heliu.db").expect("each page is sound");
    let found = store.examine().await.expect("examined");
    assert!(
        found
            .iter()
            .any(|line| line.contains("evidence_by_channel_order_no")),
        "{found:?}"
    );
}
