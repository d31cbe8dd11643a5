//! The books on disk pass what every store must pass.

mod folder;

use std::sync::Arc;

use folder::Folder;
use heliu_ports::conformance::store;
use heliu_ports::store::Store;
use heliu_store::{SqliteOptions, SqliteStore};

#[tokio::test]
async fn the_exchange_log_on_sqlite_is_shared_fairly() {
    let folder = Folder::new("exchange-log");
    let next = std::cell::Cell::new(0);
    store::check_exchange_log(async |limits| {
        next.set(next.get() + 1);
        let options = SqliteOptions {
            path: folder.0.join(format!("{}.db", next.get())),
            node: 1,
        };
        let books = SqliteStore::open_with_log(options, limits);
        books.expect("fresh books open") as Arc<dyn Store>
    })
    .await;
}

#[tokio::test]
async fn the_books_on_sqlite_conform() {
    let folder = Folder::new("conformance");
    let next = std::cell::Cell::new(0);
    store::check(async || {
        next.set(next.get() + 1);
        folder
            .open(&format!("{}.db", next.get()))
            .expect("fresh books open") as Arc<dyn Store>
    })
    .await;
}
