//! Rows of the record are added and nothing else: the database itself refuses the rest, also from
//! somebody who comes with another program.

mod folder;
mod server;

use std::sync::Arc;

use folder::Folder;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{DirectoryChange, Store};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::person::{Person, Role};
use heliu_trade::time::Timestamp;
use rusqlite::Connection;
use server::{Server, connect, open};

const ALTERATIONS: [&str; 3] = [
    "UPDATE audit SET actor = 'nobody'",
    "DELETE FROM audit",
    "DELETE FROM audit WHERE seq = 2",
];

async fn write(store: Arc<dyn Store>) {
    for index in 0..3 {
        let at = Timestamp::from_ms(1_800_000_000_000);
        let person = Person {
            name: format!("person {index}"),
            role: Role::Admin,
            is_enabled: true,
            created_at: at,
        };
        let audit = NewAudit {
            audit_id: format!("act {index}"),
            at,
            actor: "li".to_owned(),
            system_user: "root".to_owned(),
            action: "people.add".to_owned(),
            subject: format!("person {index}"),
            before: None,
            after: None,
        };
        let change = DirectoryChange::PutPerson(person);
        let written = store.change_directory_audited(change, Some(audit)).await;
        written.expect("written");
    }
}

#[tokio::test]
async fn sqlite_refuses_to_alter_a_row() {
    let folder = Folder::new("audit-keeps");
    let store = folder.open("heliu.db").expect("fresh books open");
    write(store.clone()).await;
    store.close().await;
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    let replacement = "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2";
    for sql in ALTERATIONS.into_iter().chain([replacement]) {
        let refused = file.execute(sql, []).expect_err(sql).to_string();
        assert!(refused.contains("rows of the audit are never"), "{refused}");
    }
    let count: i64 = file
        .query_row("SELECT count(*) FROM audit WHERE actor = 'li'", [], |row| {
            row.get(0)
        })
        .expect("read");
    assert_eq!(count, 3);
}

#[tokio::test]
async fn postgres_refuses_to_alter_a_row() {
    let server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("fresh books open");
    write(store.clone()).await;
    let client = connect(&url).await;
    for sql in ALTERATIONS.into_iter().chain(["TRUNCATE audit"]) {
        let refused = client.execute(sql, &[]).await.expect_err(sql);
        let refused = format!("{refused:?}");
        assert!(refused.contains("rows of the audit are never"), "{refused}");
    }
    let sql = "SELECT count(*) FROM audit WHERE actor = 'li'";
    let count: i64 = client.query_one(sql, &[]).await.expect("read").get(0);
    assert_eq!(count, 3);
}
