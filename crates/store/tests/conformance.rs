//! The books on disk pass what every store must pass.

mod folder;

use std::sync::Arc;

use folder::Folder;
use heliu_ports::conformance::store;
use heliu_ports::store::Store;

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
