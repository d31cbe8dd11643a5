//! A PostgreSQL of one test, with as many databases as it wants.
#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod looking;
pub(crate) mod troubled_link;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use heliu_ports::store::StoreError;
use heliu_store::{PostgresAddress, PostgresOptions, PostgresStore};
use heliu_testkit::{Durability, PostgresServer};
use tokio_postgres::{Client, NoTls};

pub(crate) struct Server {
    pub(crate) server: PostgresServer,
    next: AtomicU64,
}

impl Server {
    pub(crate) fn start() -> Self {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let server = PostgresServer::start(parent, Durability::Kills);
        Self {
            server: server.expect("these tests need a PostgreSQL"),
            next: AtomicU64::new(0),
        }
    }

    /// A new, empty database; its address.
    pub(crate) async fn database(&self) -> String {
        let name = format!("books_{}", self.next.fetch_add(1, Ordering::Relaxed));
        let client = connect(&self.server.url("postgres")).await;
        let sql = format!("CREATE DATABASE {name}");
        client.batch_execute(&sql).await.expect("made");
        self.server.url(&name)
    }

    /// Fresh books.
    pub(crate) async fn books(&self) -> Arc<PostgresStore> {
        open(&self.database().await, "a")
            .await
            .expect("fresh books open")
    }
}

/// Has the server wait with every commit until this standby has it; nobody is that standby.
pub(crate) async fn wait_for_standby(client: &Client, name: &str) {
    let sql = format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'");
    client.batch_execute(&sql).await.expect("set");
    let sql = "SELECT pg_reload_conf()";
    client.query(sql, &[]).await.expect("read again");
    looking::eventually("the server has read it", async || {
        let sql = "SHOW synchronous_standby_names";
        let row = client.query_one(sql, &[]).await.expect("asked");
        (row.get::<_, &str>(0) == name).then_some(())
    })
    .await;
    // Commits wait once the checkpointer has read it too. It reads before each checkpoint: it was
    // told of it before the first of these ended, so it has read it before the second.
    for _ in 0..2 {
        client.batch_execute("CHECKPOINT").await.expect("done");
    }
}

/// Opens books as a node.
pub(crate) async fn open(url: &str, instance: &str) -> Result<Arc<PostgresStore>, StoreError> {
    open_trusting(url, instance, None).await
}

/// Opens books as a node that trusts the authorities in a file.
pub(crate) async fn open_trusting(
    url: &str,
    instance: &str,
    ca_file: Option<PathBuf>,
) -> Result<Arc<PostgresStore>, StoreError> {
    let options = PostgresOptions {
        address: PostgresAddress {
            url: url.to_owned(),
            ca_file,
        },
        instance: instance.to_owned(),
    };
    PostgresStore::open(options).await
}

/// A connection beside the books.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("connected");
    tokio::spawn(connection);
    client
}
