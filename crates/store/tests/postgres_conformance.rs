//! The books in PostgreSQL pass what every store must pass.

mod server;

use std::sync::Arc;

use heliu_ports::conformance::store;
use heliu_ports::store::Store;
use server::Server;

#[tokio::test]
async fn the_books_on_postgres_conform() {
    let server = Server::start();
    store::check(async || server.books().await as Arc<dyn Store>).await;
}
