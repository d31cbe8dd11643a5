//! The books in PostgreSQL pass what every store must pass.

mod server;

use std::sync::Arc;

use heliu_ports::conformance::store;
use heliu_ports::store::Store;
use heliu_store::{PostgresOptions, PostgresStore};
use server::Server;

#[tokio::test]
async fn the_exchange_log_on_postgres_is_shared_fairly() {
    let server = Server::start();
    store::check_exchange_log(async |limits| {
        let options = PostgresOptions {
            address: server.database().await.into(),
            instance: "a".to_owned(),
        };
        let books = PostgresStore::open_with_log(options, limits).await;
        books.expect("fresh books open") as Arc<dyn Store>
    })
    .await;
}

#[tokio::test]
async fn the_books_on_postgres_conform() {
    let server = Server::start();
    store::check(async || server.books().await as Arc<dyn Store>).await;
}
