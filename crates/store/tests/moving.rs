//! Books move between the two databases: every row arrives, whole or not at all.

mod folder;
mod payments;
mod server;
mod sheet;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use folder::Folder;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{JobClass, OrderKey, Store};
use heliu_store::Place;
use heliu_store::moving::{BooksFile, ImportError, Moved, Progress};
use heliu_store::schema::Migrated;
use heliu_trade::invariant;
use payments::{START, create, evidence_step, merchant, order_no, refund_step};
use rusqlite::Connection;
use server::looking::eventually;
use server::troubled_link::TroubledLink;
use server::{Server, connect, open};
use sha2::{Digest, Sha256};
use sheet::Sheet;

/// Rows of the tables that payments do not write: one each, and a party that comes before the one
/// above it.
const OTHER_ROWS: &str = "
    INSERT INTO damage VALUES (1768442400000, 'their log was gone');
    INSERT INTO consent_state VALUES ('a merchant', 1, 'a state', 1768442400000);
    INSERT INTO merchant VALUES ('a merchant', '咖啡店', '', 'enabled');
    INSERT INTO party VALUES ('a child', 'the root', 'Brokers', 1), ('the root', NULL, 'Group', 0);
    INSERT INTO agent VALUES ('a_dialect', 'an agent', 'a child', 1, '{}', '{}');
    INSERT INTO app VALUES ('a_dialect', 'an app', 'a merchant', 'an agent', '{}', '{\"a_switch\":\"on\"}');
    INSERT INTO contract VALUES ('a merchant', 'alipay', 'an_account', '2088', NULL, 3, 1, NULL, 5000,
        540, NULL, 90000);
    INSERT INTO fee_schedule VALUES ('a merchant', 'alipay', 'an_account', 1, 0, '{}');
    INSERT INTO settlement_item VALUES ('a merchant', 1598915661004801, 0, 1598915661004900);
    INSERT INTO business_day VALUES (1768406400000, 1768442400000, 1, 'a hash', 2);
    INSERT INTO day_balance VALUES ('a merchant', 'surplus', 1768406400000, 5, 5, 0, 2);
    INSERT INTO sandbox_clock VALUES (1, 60000);
    INSERT INTO holidays VALUES (2027, 'off 0101-0103 work 0109');
    INSERT INTO channel_account VALUES ('an_account', 'a_channel', '{}');
    INSERT INTO sealed_key VALUES ('app:a_dialect:an app', 'trade', 1, 'sealed', 'print', 0);
    INSERT INTO exchange_rate VALUES ('THB', 20280000, 'cny_per_unit');
    INSERT INTO record VALUES ('a merchant', 1598915661004900, 'application', 'auditing', 1, 2, 0, 1, '{}');
    INSERT INTO record_name VALUES ('application', 'app', 'a_dialect/an app', 'a merchant', 1598915661004900);
    INSERT INTO record_mark VALUES ('application', 'mobile', 'a digest', 'a merchant', 1598915661004900);
    INSERT INTO person VALUES ('李', 'admin', 1, 1);
    INSERT INTO audit VALUES (1, 'an id', 1, '李', 'root', 'people.add', 'person 李', NULL, '{}', '', 'a hash');
    INSERT INTO issued_code VALUES ('https://qr.example/1');
    INSERT INTO notification VALUES ('a merchant', 1598915661004801, 1598915661999999, NULL, 'order_paid',
        'https://shop.example', 'given_up', 3, NULL, NULL, 1768442400000);
    INSERT INTO delivery VALUES ('a merchant', 1598915661004801, 1598915661999999, 1, 1, 2, 'no');
    INSERT INTO exchange VALUES (1598915661004801, 266, 1768442400000, 'a_dialect', NULL, '/', '', '{\"a\":\"\n\"}',
        '127.0.0.1:1', NULL);
    INSERT INTO exchange_answer VALUES (1598915661004801, 256, 200, 'ok', 12, '', NULL, NULL, NULL);
    UPDATE node SET high_water_second = 190605700;";

/// Watches, and adds up.
#[derive(Clone, Default)]
struct Sum(Arc<Mutex<(u64, u64)>>);

impl Progress for Sum {
    fn begin(&mut self, rows: u64) {
        self.0.lock().expect("whole").0 = rows;
    }

    fn advance(&mut self, _table: &str, rows: u64) {
        self.0.lock().expect("whole").1 += rows;
    }
}

fn marks() -> BTreeMap<String, String> {
    let marks = [("mode", "live"), ("root.check", "abcd")];
    marks
        .map(|(name, value)| (name.into(), value.into()))
        .into()
}

async fn export(place: &Place) -> (Vec<u8>, Moved) {
    let (sheet, sum) = (Sheet::default(), Sum::default());
    let exported = place.export(marks(), sheet.clone(), sum.clone()).await;
    let exported = exported.expect("exported");
    let (total, seen) = *sum.0.lock().expect("whole");
    assert_eq!((total, seen), (exported.header.rows(), total));
    (sheet.bytes(), exported)
}

async fn import(place: &Place, bytes: &[u8]) -> Result<Moved, ImportError> {
    let file = BooksFile::open(Cursor::new(bytes.to_vec()))?;
    let sum = Sum::default();
    let imported = place.import(file, sum.clone()).await?;
    let (total, seen) = *sum.0.lock().expect("whole");
    assert_eq!((total, seen), (imported.header.rows(), total));
    Ok(imported)
}

fn sqlite(folder: &Folder, file: &str) -> Place {
    Place::Sqlite(folder.0.join(file))
}

/// Books with a row in each table: payments of four states, a job that somebody held.
async fn full_books(folder: &Folder) -> Place {
    {
        let store = folder.open("heliu.db").expect("fresh books open");
        for index in 1..=20 {
            let number = format!("n-{index}");
            store.commit(create(index, &number)).await.expect("created");
        }
        for index in 1..=15 {
            store.commit(evidence_step(index)).await.expect("recorded");
        }
        for index in 1..=5 {
            let refund = refund_step(index, index, &format!("r-{index}"), 100);
            store.commit(refund).await.expect("refunded");
        }
        let due = START.plus_ms(60_000);
        let held = store.claim_jobs(JobClass::Money, due, 30_000, 3).await;
        assert_eq!(held.expect("claimed").len(), 3);
    }
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    file.execute_batch(OTHER_ROWS).expect("written");
    sqlite(folder, "heliu.db")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_postgres_and_back_every_row_arrives() {
    let (folder, server) = (Folder::new("round"), Server::start());
    let source = full_books(&folder).await;
    let (first, exported) = export(&source).await;
    for table in &exported.header.tables {
        assert!(table.rows > 0, "{} is put to no test", table.table);
    }
    assert_eq!(exported.journal.sum_fen, 0);
    assert!(exported.journal.turnover_fen > 0);

    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    let imported = import(&database, &first).await.expect("imported");
    assert_eq!(imported, exported);
    assert_eq!(database.marks().await, Ok(marks()));
    let (second, _) = export(&database).await;
    assert_eq!(second, first, "to the byte");

    let back = sqlite(&folder, "back.db");
    import(&back, &second).await.expect("imported");
    let (third, _) = export(&back).await;
    assert_eq!(third, first, "to the byte");

    let other = Place::Postgres(server.database().await.into());
    import(&other, &third).await.expect("imported");
    let (fourth, _) = export(&other).await;
    assert_eq!(fourth, first, "to the byte");

    go_on(&*open(&url, "a").await.expect("opened")).await;
    go_on(&*folder.open("back.db").expect("opened")).await;

    let beside = connect(&url).await;
    for table in ["journal_row", "event", "notification", "exchange"] {
        let sql = format!("SELECT count(*) FROM {table}_default");
        let row = beside.query_one(&sql, &[]).await.expect("read");
        assert_eq!(row.get::<_, i64>(0), 0, "{table} has its months");
    }
}

/// Imported books are books.
async fn go_on(store: &dyn Store) {
    let high_water = store.high_water_second().await.expect("read");
    assert_eq!(high_water, 190_605_700, "numbers begin above the old ones");
    let due = START.plus_ms(60_000);
    let jobs = store.claim_jobs(JobClass::Money, due, 30_000, 100).await;
    let jobs = jobs.expect("claimed");
    assert_eq!(
        jobs.len(),
        10,
        "nobody holds any: five orders, five refunds"
    );
    let taken = store.commit(create(21, "n-1")).await;
    taken.expect_err("a number names its order for ever");
    store.commit(create(22, "n-22")).await.expect("created");
    store
        .commit(evidence_step(20))
        .await
        .expect("an old order comes to its end");
    let refund = refund_step(1, 99, "r-99", 8000);
    store.commit(refund).await.expect("an old one is refunded");
    let refund = refund_step(1, 98, "r-98", 8888);
    store.commit(refund).await.expect_err("more than is left");
    let key = OrderKey::Merchant("an app".into(), "n-7".into());
    let found = store.find_order(&merchant(), key).await.expect("read");
    assert_eq!(found.expect("there").0.order_no, order_no(7));
    for book in store.order_books(None, 100).await.expect("read") {
        assert_eq!(invariant::check(&book), []);
    }
    assert_eq!(store.journal_sum_fen().await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_while_others_write_is_one_instant() {
    let (folder, server) = (Folder::new("served"), Server::start());
    let file = folder.open("heliu.db").expect("fresh books open");
    let url = server.database().await;
    let node = open(&url, "a").await.expect("fresh books open");
    exports_are_whole(&*file, &sqlite(&folder, "heliu.db"), &folder).await;
    exports_are_whole(&*node, &Place::Postgres(url.into()), &folder).await;
}

async fn exports_are_whole(store: &dyn Store, place: &Place, folder: &Folder) {
    let writes = async {
        for index in 1..=60 {
            let number = format!("n-{index}");
            store.commit(create(index, &number)).await.expect("created");
            store.commit(evidence_step(index)).await.expect("recorded");
        }
    };
    let exports = async {
        let mut exports = Vec::new();
        for _ in 0..5 {
            exports.push(export(place).await.0);
        }
        exports
    };
    let ((), exports) = futures::join!(writes, exports);
    for (index, bytes) in exports.iter().enumerate() {
        let name = format!("copy-{index}.db");
        import(&sqlite(folder, &name), bytes).await.expect("whole");
        {
            let copy = folder.open(&name).expect("opened");
            for book in copy.order_books(None, 100).await.expect("read") {
                assert_eq!(invariant::check(&book), []);
            }
        }
        std::fs::remove_file(folder.0.join(&name)).expect("removed");
    }
}

/// The file with one thing in it put differently, and a digest that fits.
fn forged(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = zstd::decode_all(bytes).expect("unpacked");
    let text = String::from_utf8(text).expect("text");
    assert!(text.contains(from), "{from} is not there");
    let text = text.replacen(from, to, 1);
    let end = text.rfind("{\"end\"").expect("an end");
    let (rows, end) = text.split_at(end);
    let journal = "{\"journal\"";
    assert!(
        rows.contains(journal),
        "the journal is part of what is digested"
    );
    let digest = Sha256::digest(rows.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let (before, after) = end.split_once("\"sha256\":\"").expect("a digest");
    let after = after.get(64..).expect("its end");
    let forged = format!("{rows}{before}\"sha256\":\"{digest}{after}");
    zstd::encode_all(forged.as_bytes(), 3).expect("packed")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let (folder, server) = (Folder::new("refused"), Server::start());
    let source = full_books(&folder).await;
    let (whole, _) = export(&source).await;
    let (database, file) = (
        Place::Postgres(server.database().await.into()),
        sqlite(&folder, "new.db"),
    );
    let cut = whole.get(..whole.len() - 20).expect("longer").to_vec();
    // A value that could stand as well, so that only the file's digest tells it.
    let text = zstd::decode_all(&*whole).expect("unpacked");
    let text = String::from_utf8(text).expect("text");
    let altered = text.replacen("\"2088\"", "\"2089\"", 1);
    assert_ne!(altered, text, "the value is there");
    let altered = zstd::encode_all(altered.as_bytes(), 3).expect("packed");
    let cases = [
        (cut, "ends before its end"),
        (altered, "damaged or altered"),
        (
            forged(&whole, "\"schema\":", "\"schema\":9"),
            "has schema 9",
        ),
        (
            forged(&whole, "\"is_enabled\"", "\"is_open\""),
            "has other columns",
        ),
        (
            forged(&whole, "\"table\":\"agent\"", "\"table\":\"broker\""),
            "has other tables",
        ),
        (
            forged(&whole, "\"turnover_fen\":", "\"turnover_fen\":1"),
            "the journal of the export",
        ),
        // Money checks of the database itself.
        (forged(&whole, ",8888,\"CNY\"", ",0,\"CNY\""), ""),
    ];
    for place in [&database, &file] {
        for (bytes, words) in &cases {
            let refusal = import(place, bytes).await.expect_err(words).to_string();
            assert!(refusal.contains(words), "{words}: {refusal}");
        }
    }
    assert!(!folder.0.join("new.db").exists(), "no file was left");
    assert!(!folder.0.join("new.db.draft").exists(), "no draft either");
    import(&database, &whole).await.expect("still empty");
    import(&file, &whole).await.expect("still empty");

    for place in [&database, &file] {
        let refusal = import(place, &whole).await.expect_err("not empty");
        assert!(
            refusal.to_string().contains("holds books already"),
            "{refusal}"
        );
    }
}

/// Gives a few bytes at a time, and does something when half of them are given.
struct Halting<F> {
    bytes: Cursor<Vec<u8>>,
    at_half: Option<F>,
}

impl<F: FnOnce()> Read for Halting<F> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let half = u64::try_from(self.bytes.get_ref().len() / 2).expect("short");
        if self.bytes.position() > half
            && let Some(act) = self.at_half.take()
        {
            act();
        }
        let few = into.len().min(64);
        self.bytes.read(into.get_mut(..few).expect("few"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_connection_is_cut_leaves_nothing() {
    let (folder, server) = (Folder::new("cut"), Server::start());
    let (whole, _) = export(&full_books(&folder).await).await;
    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    let mut psql = server.server.program("psql");
    psql.args([
        "--quiet",
        "--no-psqlrc",
        "--output",
        "/dev/null",
        "--command",
    ]);
    psql.arg(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heliu'",
    );
    psql.arg(&url);
    let at_half = move || assert!(psql.status().expect("run").success());
    let file = BooksFile::open(Halting {
        bytes: Cursor::new(whole.clone()),
        at_half: Some(at_half),
    });
    let cut = database.import(file.expect("opened"), Sum::default()).await;
    cut.expect_err("cut");
    import(&database, &whole).await.expect("still empty");
    assert_eq!(export(&database).await.0, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_imported_under_a_serving_node_or_other_marks() {
    let (folder, server) = (Folder::new("under"), Server::start());
    let (whole, _) = export(&full_books(&folder).await).await;
    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    let node = open(&url, "a").await.expect("fresh books open");
    node.mark("mode", "sandbox").await.expect("marked");
    assert_eq!(database.nodes_serving().await, Ok(1));
    let refusal = import(&database, &whole).await.expect_err("served");
    assert!(refusal.to_string().contains("1 node(s) serve"), "{refusal}");
    node.close().await;
    let refusal = import(&database, &whole).await.expect_err("another mode");
    assert!(refusal.to_string().contains("mode=sandbox"), "{refusal}");
    let beside = connect(&url).await;
    let mark = "UPDATE mark SET value = 'live'";
    beside.batch_execute(mark).await.expect("marked");
    import(&database, &whole).await.expect("now they fit");
    let late = node.commit(create(30, "n-30")).await;
    late.expect_err("what ran before cannot write any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn books_that_were_opened_and_never_used_can_be_filled() {
    let (folder, server) = (Folder::new("unused"), Server::start());
    let (whole, _) = export(&full_books(&folder).await).await;
    drop(folder.open("empty.db").expect("fresh books open"));
    let empty = sqlite(&folder, "empty.db");
    import(&empty, &whole).await.expect("imported");
    assert_eq!(export(&empty).await.0, whole);
    let database = Place::Postgres(server.database().await.into());
    let (from, to) = (0, database.known_schema());
    assert_eq!(database.migrate().await, Ok(Migrated { from, to }));
    import(&database, &whole).await.expect("imported");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postgres_cannot_hold_is_replaced_as_when_it_comes_in() {
    let (folder, server) = (Folder::new("nul"), Server::start());
    let source = full_books(&folder).await;
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    let sql = "UPDATE exchange SET body = ?1";
    file.execute(sql, ["a\u{0}b"]).expect("written");
    drop(file);
    let (bytes, _) = export(&source).await;
    let back = sqlite(&folder, "back.db");
    import(&back, &bytes).await.expect("imported");
    assert_eq!(export(&back).await.0, bytes, "SQLite holds it");
    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    let imported = import(&database, &bytes).await.expect("imported");
    assert_eq!(imported.replaced_texts, 1);
    let beside = connect(&url).await;
    let row = beside.query_one("SELECT body FROM exchange", &[]).await;
    assert_eq!(row.expect("read").get::<_, &str>(0), "a\u{fffd}b");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_postgres_cannot_hold_is_not_changed_but_refused() {
    let (folder, server) = (Folder::new("nul-name"), Server::start());
    let source = full_books(&folder).await;
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    let sql = "UPDATE merchant SET name = ?1";
    file.execute(sql, ["a\u{0}b"]).expect("written");
    drop(file);
    let (bytes, _) = export(&source).await;
    let database = Place::Postgres(server.database().await.into());
    let refusal = import(&database, &bytes).await.expect_err("refused");
    assert!(refusal.to_string().contains("merchant.name"), "{refusal}");
    import(&sqlite(&folder, "back.db"), &bytes)
        .await
        .expect("SQLite holds it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_last_answer_is_lost_is_not_told_as_nothing() {
    let (folder, server) = (Folder::new("lost"), Server::start());
    let (whole, _) = export(&full_books(&folder).await).await;
    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    database.migrate().await.expect("made");
    let name = url.rsplit('=').next().expect("a database");
    let link = TroubledLink::open(server.server.sockets(), "import");
    link.lose(1);
    let through = Place::Postgres(link.url(name).into());
    let unknown = import(&through, &whole).await.expect_err("not heard");
    assert!(
        matches!(&unknown, ImportError::Unknown(_)) && unknown.to_string().contains("books check"),
        "{unknown}"
    );
    // Here the server has it all and goes on.
    let filled = async || {
        let refusal = import(&database, &whole).await.expect_err("not empty");
        refusal
            .to_string()
            .contains("holds books already")
            .then_some(())
    };
    eventually("it was imported", filled).await;
    assert_eq!(export(&database).await.0, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_schema_is_refused_as_it_is() {
    let (folder, server) = (Folder::new("other"), Server::start());
    let (whole, _) = export(&full_books(&folder).await).await;
    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    database.migrate().await.expect("made");
    let beside = connect(&url).await;
    let sql = "INSERT INTO schema_version SELECT version + 1, version FROM schema_version";
    beside.batch_execute(sql).await.expect("written");
    let before = database.schema().await.expect("read");
    let refusal = import(&database, &whole).await.expect_err("refused");
    assert!(refusal.to_string().contains("has schema"), "{refusal}");
    assert_eq!(database.schema().await, Ok(before));
}

/// Books of another build are neither looked at, exported, nor imported into.
async fn assert_is_anothers(place: &Place, whole: &[u8]) {
    let looked = place.schema().await.map(drop);
    let exported = place.export(marks(), Sheet::default(), Sum::default());
    let imported = import(place, whole).await.map(drop);
    for (what, heard) in [
        ("looked", looked.map_err(|error| error.to_string())),
        (
            "migrated",
            place
                .migrate()
                .await
                .map(drop)
                .map_err(|error| error.to_string()),
        ),
        (
            "exported",
            exported.await.map(drop).map_err(|error| error.to_string()),
        ),
        ("imported", imported.map_err(|error| error.to_string())),
    ] {
        let refusal = heard.expect_err(what);
        assert!(
            refusal.contains("was made by another build"),
            "{what}: {refusal}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_of_another_build_are_refused_by_whatever_opens_them() {
    let (folder, server) = (Folder::new("anothers"), Server::start());
    let (whole, _) = export(&full_books(&folder).await).await;
    let anothers = "UPDATE schema_version SET digest = 'beef'";
    let place = sqlite(&folder, "anothers.db");
    place.migrate().await.expect("made");
    let file = Connection::open(folder.0.join("anothers.db")).expect("open");
    file.execute(anothers, []).expect("written");
    drop(file);
    assert_is_anothers(&place, &whole).await;
    let url = server.database().await;
    let database = Place::Postgres(url.clone().into());
    database.migrate().await.expect("made");
    connect(&url)
        .await
        .batch_execute(anothers)
        .await
        .expect("written");
    assert_is_anothers(&database, &whole).await;
}

#[tokio::test]
async fn books_that_are_not_there_are_not_exported() {
    let folder = Folder::new("none");
    let exported = sqlite(&folder, "none.db")
        .export(marks(), Sheet::default(), Sum::default())
        .await;
    let refusal = exported.expect_err("none").to_string();
    assert!(refusal.contains("there are no books"), "{refusal}");
    assert!(!Path::exists(&folder.0.join("none.db")));
}

#[tokio::test]
async fn books_of_another_schema_are_not_exported() {
    let folder = Folder::new("ahead");
    let place = full_books(&folder).await;
    let file = Connection::open(folder.0.join("heliu.db")).expect("open");
    let sql = "INSERT INTO schema_version (version, works_from) VALUES (?1 + 1, ?1)";
    let known = place.known_schema();
    file.execute(sql, [known]).expect("written");
    let ahead = place.schema().await.expect("read");
    place.admit(ahead).expect("it may be served");
    let exported = place
        .export(marks(), Sheet::default(), Sum::default())
        .await;
    let refusal = exported.expect_err("ahead").to_string();
    assert!(refusal.contains("with the newer version"), "{refusal}");
}
