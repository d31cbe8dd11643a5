//! A PostgreSQL that says no: read-only, full, damaged, out of connections, slow, cut off. Callers
//! hear of it in bounded time, nothing is half-written, readiness knows, and all goes on by itself
//! once it can (rows A5, A6, A8, B3 and B4 of the reliability paper).

mod payments;
mod server;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{CommitError, JobClass, OrderKey, StoreErrorKind};
use heliu_store::PostgresStore;
use heliu_testkit::SmallDisk;
use payments::{START, create, evidence_step, merchant, number, order_no, orders};
use server::looking::eventually;
use server::troubled_link::TroubledLink;
use server::{Server, connect, open};

/// How long whoever asks for readiness waits.
const READINESS_LIMIT: std::time::Duration = std::time::Duration::from_secs(3);

async fn is_there(store: &PostgresStore, index: u64) -> bool {
    let key = OrderKey::Platform(order_no(index));
    let found = store.find_order(&merchant(), key).await;
    found.expect("reads work").is_some()
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, CommitError>) -> String {
    match result {
        Err(CommitError::Store(error)) => error.text().to_owned(),
        other => unreachable!("the books are away, and we heard {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_refuses_until_the_address_leads_to_a_leader_again() {
    let server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    let operator = connect(&url).await;
    let set = |value: &str| format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
    for sql in [&set("on"), "SELECT pg_reload_conf()"] {
        operator.batch_execute(sql).await.expect("set");
    }
    let mut index = 1;
    let refused = eventually("writes are refused", async || {
        index += 1;
        store.commit(create(index, &number(index))).await.err()
    })
    .await;
    let refused = unavailable::<()>(Err(refused));
    assert!(refused.contains("takes writes"), "{refused}");
    let unready = tokio::time::timeout(READINESS_LIMIT, store.probe()).await;
    let unready = unready.expect("told before whoever asks gives up");
    let unready = unready.expect_err("readiness says no");
    assert!(
        unready.text().contains("it is a standby") && unready.text().contains("lead DATABASE_URL"),
        "{unready}"
    );
    for sql in [&set("off"), "SELECT pg_reload_conf()"] {
        operator.batch_execute(sql).await.expect("set");
    }
    eventually("readiness finds that it is over", async || {
        store.probe().await.ok()
    })
    .await;
    store.commit(create(9999, "after")).await.expect("accepted");
    assert!(is_there(&store, 1).await && !is_there(&store, index).await);
}

/// A full disk under the tables: a small one where this machine lets us mount it, else the server's
/// own word for it, said by a trigger.
enum FullDisk {
    Small(SmallDisk),
    Said(tokio_postgres::Client),
}

impl FullDisk {
    async fn fill(&self, left_bytes: usize) {
        match self {
            Self::Small(disk) => disk.fill(left_bytes).expect("filled"),
            Self::Said(client) => client
                .batch_execute(
                    "CREATE FUNCTION say_full() RETURNS TRIGGER LANGUAGE plpgsql AS $$
                    BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT ON trade_order EXECUTE FUNCTION say_full()",
                )
                .await
                .expect("set"),
        }
    }

    async fn make_room(&self) {
        match self {
            Self::Small(disk) => disk.make_room().expect("emptied"),
            Self::Said(client) => client
                .batch_execute("DROP TRIGGER full_disk ON trade_order; DROP FUNCTION say_full")
                .await
                .expect("set"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_whole_and_takes_them_again_when_there_is_room() {
    const DISK_MIB: u32 = 64;
    /// More than fit into what is left.
    const ORDERS_MAX: u64 = 5000;
    let mut server = Server::start();
    let folder = server.server.folder_for("small").expect("a folder");
    let disk = SmallDisk::mount(&folder, DISK_MIB);
    let disk = disk.ok().filter(SmallDisk::knows_other_users);
    let mut url = server.server.url("postgres");
    if let Some(disk) = &disk {
        server.server.start_by(disk.way_in());
        tokio::task::block_in_place(|| server.server.restart()).expect("it starts again");
        let tables = disk.seen_from_outside().join("tables");
        std::fs::create_dir(&tables).expect("made");
        server.server.give(&tables).expect("given");
        let tables = folder.join("tables");
        let sql = format!("CREATE TABLESPACE small LOCATION '{}'", tables.display());
        let operator = connect(&url).await;
        for sql in [&sql, "CREATE DATABASE small TABLESPACE small"] {
            operator.batch_execute(sql).await.expect("made");
        }
        url = server.server.url("small");
    }
    let store = open(&url, "a").await.expect("books open");
    let is_real = disk.is_some();
    let disk = match disk {
        Some(disk) => FullDisk::Small(disk),
        None => FullDisk::Said(connect(&url).await),
    };
    let mut accepted = BTreeSet::new();
    let mut next = 0;
    // The disk is full at another write each time.
    for left_pages in 0..6 {
        disk.fill(left_pages * 8192).await;
        let last = next + ORDERS_MAX;
        let refused = loop {
            assert!(next < last, "{ORDERS_MAX} orders went on a full disk");
            next += 1;
            match store.commit(create(next, &number(next))).await {
                Ok(_) => {
                    accepted.insert(number(next));
                    let _full = store.commit(evidence_step(next)).await;
                }
                refused => break unavailable(refused),
            }
        };
        assert!(
            refused.contains("53100") && refused.contains("make room"),
            "{refused}"
        );
        assert!(!is_there(&store, next).await, "nothing is half-written");
        if is_real {
            let unready = store.probe().await.expect_err("readiness says no");
            assert!(unready.text().contains("make room"), "{unready}");
        }
        disk.make_room().await;
        eventually("readiness finds that there is room", async || {
            store.probe().await.ok()
        })
        .await;
        next += 1;
        store
            .commit(create(next, &number(next)))
            .await
            .expect("accepted");
        accepted.insert(number(next));
    }
    assert_eq!(orders(&*store).await, accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_told_plainly_and_readiness_says_no() {
    let mut server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    let operator = connect(&url).await;
    let row = operator
        .query_one("SELECT pg_relation_filepath('trade_order')", &[])
        .await;
    let path: String = row.expect("known").get(0);
    // What the log would restore at the start must be in the file already.
    operator
        .batch_execute("CHECKPOINT; CHECKPOINT")
        .await
        .expect("done");
    server.server.kill();
    let path = server.server.data().join(path);
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[..8192].fill(0xa5);
    std::fs::write(&path, bytes).expect("written");
    tokio::task::block_in_place(|| server.server.restart()).expect("it starts again");
    let key = OrderKey::Platform(order_no(1));
    let told = store.find_order(&merchant(), key).await;
    let told = told.expect_err("the page cannot be read");
    assert!(
        told.text().contains("XX001") && told.text().contains("restore a backup"),
        "{told}"
    );
    let unready = store.probe().await.expect_err("readiness says no");
    assert_eq!(unready, told);
    assert!(told.text().contains("restart this node"), "{told}");
    assert_eq!(told.kind(), StoreErrorKind::Damaged);
    let claimed = store.claim_jobs(JobClass::Money, START, 1000, 10).await;
    claimed.expect("jobs go on with what is sound");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_number_says_no_and_takes_no_jobs() {
    let server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    let other = open(&url, "a").await.expect("the same instance again");
    let lost = store.probe().await.expect_err("its number is another's");
    assert!(lost.text().contains("restart this node"), "{lost}");
    let claimed = store.claim_jobs(JobClass::Money, START, 1000, 10).await;
    assert_eq!(claimed, Err(lost));
    other.probe().await.expect("ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_was_prepared_for_another_schema_is_prepared_anew() {
    let server = Server::start();
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    assert_eq!(store.mark("mode", "live").await, Ok("live".to_owned()));
    let beside = connect(&url).await;
    let sql = "ALTER TABLE mark ALTER COLUMN value TYPE VARCHAR(500)";
    beside.batch_execute(sql).await.expect("changed");
    assert_eq!(store.mark("mode", "other").await, Ok("live".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_missing_database_are_told_with_their_cures() {
    let server = Server::start();
    let missing = server.server.url("nowhere");
    let refused = open(&missing, "a")
        .await
        .err()
        .expect("refused")
        .text()
        .to_owned();
    assert!(
        refused.contains("3D000") && refused.contains("create the database"),
        "{refused}"
    );
    let stranger = format!("{missing} user=nobody").replace("user=postgres", "");
    let refused = open(&stranger, "a")
        .await
        .err()
        .expect("refused")
        .text()
        .to_owned();
    assert!(
        refused.contains("28000") && refused.contains("correct the user"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_deadlock_and_serialisation_failures_are_tried_again_within_bounds() {
    let server = Server::start();
    let url = server.database().await;
    let [holder, watcher] = [connect(&url).await, connect(&url).await];
    let name = url.rsplit('=').next().expect("a database");
    // As late as our own patience with locks allows, so that a slow machine has time to cross the
    // locks.
    let patient = format!("ALTER DATABASE {name} SET deadlock_timeout = '1500ms'");
    holder.batch_execute(&patient).await.expect("set");
    let store = open(&url, "a").await.expect("books open");
    for index in [1, 2] {
        store
            .commit(create(index, &number(index)))
            .await
            .expect("accepted");
    }
    let lock = |index: u64| {
        let order_no = order_no(index).as_u64();
        format!("SELECT 1 FROM order_state WHERE order_no = {order_no} FOR UPDATE")
    };
    let begin = "SET deadlock_timeout = '60s'; BEGIN";
    holder.batch_execute(begin).await.expect("begun");
    holder.batch_execute(&lock(2)).await.expect("locked");
    // On one thread both are sent before a committer looks: one batch, which locks 1, and waits
    // for 2.
    let payments = join_all([1, 2].map(|index| store.commit(evidence_step(index))));
    let crossing = async {
        eventually("the batch waits", async || {
            let sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                AND datname = current_database()";
            let waiting = watcher.query(sql, &[]).await.expect("read");
            (!waiting.is_empty()).then_some(())
        })
        .await;
        // The batch finds the deadlock; the holder would look only later.
        let crossed = holder.batch_execute(&lock(1)).await;
        crossed.expect("the batch gave link");
        holder.batch_execute("COMMIT").await.expect("done");
    };
    let (paid, ()) = futures::join!(payments, crossing);
    for paid in paid {
        paid.expect("tried again");
    }
    eventually("the server counts a deadlock", async || {
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let row = watcher.query_one(sql, &[]).await.expect("read");
        (row.get::<_, i64>(0) == 1).then_some(())
    })
    .await;

    let fail = "CREATE SEQUENCE tries;
        CREATE FUNCTION fail_at_first() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('tries') <= TG_ARGV[0]::BIGINT THEN
                RAISE 'could not serialize access' USING ERRCODE = 'serialization_failure';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER fail BEFORE INSERT ON trade_order FOR EACH ROW
        EXECUTE FUNCTION fail_at_first(3)";
    holder.batch_execute(fail).await.expect("set");
    store
        .commit(create(3, "n-3"))
        .await
        .expect("the fourth try passes");
    let for_ever = "CREATE OR REPLACE TRIGGER fail BEFORE INSERT ON trade_order FOR EACH ROW
        EXECUTE FUNCTION fail_at_first(1000000)";
    holder.batch_execute(for_ever).await.expect("set");
    let refused = unavailable(store.commit(create(4, "n-4")).await);
    assert!(refused.contains("40001"), "{refused}");
    store
        .probe()
        .await
        .expect("that is no fault of the database");
    let row = holder.query_one("SELECT last_value FROM tries", &[]).await;
    let tries: i64 = row.expect("read").get(0);
    assert_eq!(tries, 4 + 9, "eight repetitions and no more");
    assert_eq!(orders(&*store).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_connections_are_all_taken_is_told_and_found_again() {
    /// Each takes one of the few that we have.
    const ROUNDS_MAX: usize = 100;
    let mut server = Server::start();
    server.server.set("max_connections=14");
    server.server.set("superuser_reserved_connections=0");
    tokio::task::block_in_place(|| server.server.restart()).expect("it starts again");
    let url = server.database().await;
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    let guest = connect(&url).await;
    let evict = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND application_name = 'heliu'";
    guest.query(evict, &[]).await.expect("evicted");
    let mut guests = vec![guest];
    // Whatever comes free is taken; the last that came puts out those of ours that were quicker.
    let mut seen = Vec::new();
    let refused = loop {
        assert!(seen.len() < ROUNDS_MAX, "never refused: {seen:?}");
        while let Ok((client, connection)) =
            tokio_postgres::connect(&url, tokio_postgres::NoTls).await
        {
            tokio::spawn(connection);
            guests.push(client);
        }
        let index = 1000 + guests.len() as u64;
        match store.commit(create(index, &number(index))).await {
            Err(CommitError::Store(refused)) => break refused.text().to_owned(),
            other => seen.push((guests.len(), other.map(|_| ()))),
        }
        guests[0].query(evict, &[]).await.expect("evicted");
    };
    assert!(refused.contains("max_connections"), "{refused}");
    store.probe().await.expect_err("readiness says no");
    drop(guests);
    eventually("readiness finds a connection", async || {
        store.probe().await.ok()
    })
    .await;
    store.commit(create(2, "n-2")).await.expect("accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_database_makes_payments_slow_and_piles_nothing_up() {
    const PAYMENTS: u64 = 300;
    let server = Server::start();
    let url = server.database().await;
    let name = url.rsplit('=').next().expect("a database").to_owned();
    let link = TroubledLink::open(server.server.sockets(), "slow");
    let store = open(&link.url(&name), "a").await.expect("books open");
    link.delay(150);
    let payments = (0..PAYMENTS).map(|index| store.commit(create(index, &number(index))));
    let reads = (0..PAYMENTS).map(|index| {
        let key = OrderKey::Platform(order_no(index));
        store.find_order(&merchant(), key)
    });
    let (payments, reads) = futures::join!(join_all(payments), join_all(reads));
    assert!(payments.iter().all(Result::is_ok));
    for read in reads {
        // A read that no connection came free for is told so; the others are done.
        if let Err(late) = read {
            assert!(late.text().contains("no connection"), "{late}");
        }
    }
    link.delay(0);
    let operator = connect(&url).await;
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'heliu' AND datname = current_database()";
    let row = operator.query_one(sql, &[]).await.expect("read");
    let connections: i64 = row.get(0);
    assert!(
        connections <= 3 + 8 + 2,
        "committers, readers, news and chores: {connections}"
    );
    assert_eq!(orders(&*store).await.len(), 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_behind_a_cut_cable_is_told_to_all_who_wait_and_found_again() {
    const PAYMENTS: u64 = 300;
    let server = Server::start();
    let url = server.database().await;
    let name = url.rsplit('=').next().expect("a database").to_owned();
    let link = TroubledLink::open(server.server.sockets(), "cut");
    let store = open(&link.url(&name), "a").await.expect("books open");
    link.block(true);
    let payments = (0..PAYMENTS).map(|index| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.commit(create(index, &number(index))).await })
    });
    for payment in join_all(payments).await {
        unavailable(payment.expect("no panic"));
    }
    let unready = store.probe().await.expect_err("nobody can tell");
    assert!(unready.text().contains("did not answer"), "{unready}");
    // More reads than there are connections: those that hang are not lent again.
    let reads = (0..20).map(|index| {
        let key = OrderKey::Platform(order_no(index));
        store.find_order(&merchant(), key)
    });
    for read in join_all(reads).await {
        read.expect_err("told in time");
    }
    link.block(false);
    eventually("readiness finds it again", async || {
        store.probe().await.ok()
    })
    .await;
    store.commit(create(9999, "after")).await.expect("accepted");
    assert!(orders(&*store).await.contains("after"));
}
