//! Commits that wait for a standby (row B5 of the reliability paper): what only the leader has is
//! not told as done, whoever cuts the waiting short, and waiting ends in time.

mod payments;
mod server;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{CommitError, DirectoryChange, OrderKey, StoreError};
use heliu_store::PostgresStore;
use heliu_trade::application::{Application, ApplicationState};
use heliu_trade::id::OrderNo;
use payments::{application, create, merchant, order_no};
use server::looking::eventually;
use server::{Server, connect, open, wait_for_standby};
use tokio_postgres::Client;

/// Callers at once.
const CALLERS: u64 = 400;

/// Commits that wait for a standby, as the server sees them.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

async fn count(beside: &Client, sql: &str) -> i64 {
    let row = beside.query_one(sql, &[]).await.expect("asked");
    row.try_get(0).expect("a number")
}

/// Until at least one commit hangs.
async fn until_waiting(beside: &Client) {
    eventually("a commit waits for the standby", async || {
        (count(beside, WAITING).await > 0).then_some(())
    })
    .await;
}

fn commit_beside(
    store: &Arc<PostgresStore>,
    index: u64,
) -> tokio::task::JoinHandle<Result<(), CommitError>> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let commit = create(index, &format!("n-{index}"));
        store.commit(commit).await.map(|_| ())
    })
}

async fn is_there(store: &PostgresStore, order_no: OrderNo) -> bool {
    let key = OrderKey::Platform(order_no);
    let found = store.find_order(&merchant(), key).await.expect("read");
    found.is_some()
}

/// Cuts the waiting of every commit short, as an operator or a time-out of the server's does.
async fn cut_short(beside: &Client, how: &str) {
    let sql = format!("SELECT {how}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    beside.query(&sql, &[]).await.expect("cut short");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_wait_is_an_unknown_commit_whatever_the_databases_defaults_are() {
    for how in ["pg_cancel_backend", "pg_terminate_backend"] {
        let server = Server::start();
        let url = server.database().await;
        let beside = connect(&url).await;
        let defaults = "DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
            EXECUTE format('ALTER DATABASE %I SET client_min_messages = error', current_database());
        END $$";
        beside.batch_execute(defaults).await.expect("set");
        let store = open(&url, "a").await.expect("books open");
        wait_for_standby(&beside, "nobody").await;
        let hanging = commit_beside(&store, 1);
        until_waiting(&beside).await;
        cut_short(&beside, how).await;
        // The leader has it and shows it; only the caller's answer tells whether it lasts.
        let answer = hanging.await.expect("no panic");
        assert!(
            matches!(answer, Err(CommitError::Store(_))),
            "{how}: {answer:?}"
        );
        assert!(is_there(&store, order_no(1)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_standby_has_it_a_commit_whose_wait_was_cancelled_is_told_as_done() {
    let server = Server::start();
    let url = server.database().await;
    let beside = connect(&url).await;
    let store = open(&url, "a").await.expect("books open");
    wait_for_standby(&beside, "nobody").await;
    let hanging = commit_beside(&store, 1);
    until_waiting(&beside).await;
    cut_short(&beside, "pg_cancel_backend").await;
    wait_for_standby(&beside, "").await;
    hanging.await.expect("no panic").expect("it was looked up");
    assert!(is_there(&store, order_no(1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_there_is_no_standby_callers_hear_of_it_in_time_and_nothing_piles_up() {
    let server = Server::start();
    let url = server.database().await;
    let beside = connect(&url).await;
    let store = open(&url, "a").await.expect("books open");
    store.commit(create(0, "n-0")).await.expect("accepted");
    wait_for_standby(&beside, "nobody").await;
    let limit = Duration::from_secs(60);
    let all = join_all((1..=CALLERS).map(|index| commit_beside(&store, index)));
    let answers = tokio::time::timeout(limit, all).await.expect("in time");
    for answer in answers {
        let answer = answer.expect("no panic");
        assert!(matches!(answer, Err(CommitError::Store(_))), "{answer:?}");
    }
    // Each look leaves nothing behind that holds up the next, or a read.
    for _ in 0..10 {
        let unready = store.probe().await.expect_err("nothing can be committed");
        assert!(
            unready.text().contains("did not answer") && unready.text().contains("standby"),
            "{unready}"
        );
        assert!(is_there(&store, order_no(0)).await, "reads go on");
    }
    let looks = join_all((0..50).map(|_| store.probe())).await;
    assert!(looks.iter().all(Result::is_err), "one look, told to all");
    let ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'heliu'";
    let connections = count(&beside, ours).await;
    // Those of a node, and for each committer one that hangs and one that asks what became of it.
    assert!(connections <= 22, "{connections} connections");
    wait_for_standby(&beside, "").await;
    let after = CALLERS + 1;
    loop {
        // What still hung in a committer is done or given up first.
        match commit_beside(&store, after).await.expect("no panic") {
            Ok(()) => break,
            Err(CommitError::Store(_)) if !is_there(&store, order_no(after)).await => {}
            Err(CommitError::Store(_)) => break,
            Err(CommitError::Rejected(error)) => unreachable!("repeated: {error}"),
        }
    }
    assert!(is_there(&store, order_no(after)).await);
    assert_eq!(store.journal_sum_fen().await, Ok(0));
    eventually("readiness finds that it is over", async || {
        store.probe().await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_knows_as_soon_as_the_first_caller_has_given_up() {
    let server = Server::start();
    let url = server.database().await;
    let beside = connect(&url).await;
    let store = open(&url, "a").await.expect("books open");
    wait_for_standby(&beside, "nobody").await;
    let answer = commit_beside(&store, 1).await.expect("no panic");
    let late = answer.expect_err("no standby has it");
    assert!(late.to_string().contains("did not answer"), "{late}");
    store.probe().await.expect_err("readiness says no");
}

/// Runs `call` while there is no standby, cuts its waiting short, and sees that it waits again
/// instead of answering.
async fn waits_again<T: Send + 'static>(
    beside: &Client,
    call: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> T {
    wait_for_standby(beside, "nobody").await;
    let mut calling = tokio::spawn(call);
    until_waiting(beside).await;
    let sql =
        "SELECT pid, pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let cut = beside.query(sql, &[]).await.expect("cut short");
    let cut: Vec<i32> = cut.iter().map(|row| row.get(0)).collect();
    let sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> ALL($1)";
    eventually("it waits again, or answers", async || {
        let waiting = beside.query(sql, &[&cut]).await.expect("asked");
        (!waiting.is_empty() || calling.is_finished()).then_some(())
    })
    .await;
    assert!(!calling.is_finished(), "what only the leader has was told");
    wait_for_standby(beside, "").await;
    let answer = (&mut calling).await.expect("no panic");
    answer.expect("a standby has it")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_written_by_a_call_whose_answer_was_lost_is_told_once_a_standby_has_it() {
    let server = Server::start();
    let url = server.database().await;
    let beside = connect(&url).await;
    let store = open(&url, "a").await.expect("books open");
    let marking = Arc::clone(&store);
    let mark = async move { marking.mark("mode", "live").await };
    assert_eq!(waits_again(&beside, mark).await, "live");
    let applying = Arc::clone(&store);
    let apply = async move {
        let committed = applying.commit_records(application()).await;
        committed.map_err(StoreError::unavailable)
    };
    let standing = waits_again(&beside, apply).await.after;
    let standing = standing.into_iter().flatten().next_back();
    let standing: Application = standing.expect("one stands").read().expect("it is read");
    assert_eq!(standing.state, ApplicationState::Passed);
    let rate = Arc::clone(&store);
    let set = DirectoryChange::PutRate("THB".parse().expect("a currency"), None);
    let retire = async move { rate.change_directory(set).await };
    let sql = "INSERT INTO exchange_rate VALUES ('THB', 20280000, 'cny_per_unit')";
    beside.batch_execute(sql).await.expect("written");
    waits_again(&beside, retire).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_for_commits_which_may_be_lost_is_refused() {
    let server = Server::start();
    let url = server.database().await;
    let careless = format!("{url} options='-c synchronous_commit=off'");
    let refused = open(&careless, "a").await.err().expect("refused");
    assert!(
        refused.text().contains("synchronous_commit=off"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_hosts_the_one_that_takes_writes_is_found() {
    let (server, standby) = (Server::start(), Server::start());
    let read_only = connect(&standby.server.url("postgres")).await;
    let sql = "ALTER SYSTEM SET default_transaction_read_only = on";
    read_only.batch_execute(sql).await.expect("set");
    let sql = "SELECT pg_reload_conf()";
    read_only.query(sql, &[]).await.expect("read again");
    let hosts = format!(
        "host='{}.gone,{},{}' user=postgres dbname=postgres",
        server.server.sockets().display(),
        standby.server.sockets().display(),
        server.server.sockets().display(),
    );
    let store = open(&hosts, "a").await.expect("books open");
    store.commit(create(1, "n-1")).await.expect("accepted");
    assert!(is_there(&store, order_no(1)).await);
}
