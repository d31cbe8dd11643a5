//! The books in memory pass what the books on disk pass.

use std::sync::Arc;

use heliu_ports::conformance::store;
use heliu_ports::store::Store;
use heliu_testkit::MemoryStore;

#[tokio::test]
async fn the_books_in_memory_conform() {
    store::check(async || MemoryStore::new() as Arc<dyn Store>).await;
}
