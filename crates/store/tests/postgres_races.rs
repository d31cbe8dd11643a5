//! Two nodes over the same books in PostgreSQL: whatever they do at once has the effect of one.

mod payments;
mod server;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::join_all;
use heliu_ports::exchange::{ExchangeRecord, ExchangeRequest};
use heliu_ports::store::prelude::*;
use heliu_ports::store::{CommitError, DirectoryChange, JobClass, OrderKey, StoreNews};
use heliu_store::PostgresStore;
use heliu_trade::error::ErrorCode;
use heliu_trade::id::PlatformNo;
use heliu_trade::invariant;
use payments::{
    START, application, create, evidence_step, merchant, number, order_no, refund_step,
};
use server::looking::eventually;
use server::{Server, connect, open};

async fn two_nodes(server: &Server) -> (String, [Arc<PostgresStore>; 2]) {
    let url = server.database().await;
    // At once, so that both find an empty database.
    let (a, b) = futures::join!(open(&url, "a"), open(&url, "b"));
    let nodes = [a.expect("books open"), b.expect("the same books open")];
    assert_ne!(nodes[0].node(), nodes[1].node(), "each has its number");
    (url, nodes)
}

fn rejection(error: &CommitError) -> ErrorCode {
    match error {
        CommitError::Rejected(error) => error.code,
        CommitError::Store(error) => unreachable!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_simultaneous_creates_on_two_nodes_one_wins() {
    let server = Server::start();
    let (_, nodes) = two_nodes(&server).await;
    let creates = (0..200).map(|index| {
        let node = &nodes[usize::from(index % 2 == 0)];
        node.commit(create(index, "same"))
    });
    let results = join_all(creates).await;
    let won: Vec<_> = results
        .iter()
        .filter_map(|result| result.as_ref().ok())
        .collect();
    assert_eq!(won.len(), 1, "one number makes one order");
    let winner = won[0].after.order.as_ref().expect("an order").order_no;
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        let CommitError::Rejected(error) = error else {
            unreachable!("{error}")
        };
        assert_eq!(error.code, ErrorCode::DuplicateOrder);
        let known = error.order.as_ref().map(|order| order.order_no);
        assert_eq!(known, Some(winner));
    }
    let books = nodes[0].order_books(None, 10).await.expect("read");
    assert_eq!(books.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_60_simultaneous_refunds_on_two_nodes_three_pass() {
    let server = Server::start();
    let (_, nodes) = two_nodes(&server).await;
    nodes[0].commit(create(1, "n")).await.expect("accepted");
    nodes[1].commit(evidence_step(1)).await.expect("recorded");
    let refunds = (0..60).map(|index| {
        let node = &nodes[usize::from(index % 2 == 0)];
        node.commit(refund_step(1, 100 + index, &format!("r-{index}"), 2700))
    });
    let results = join_all(refunds).await;
    let passed = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(passed, 3, "8100 of 8888 can be given back in 2700s");
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(rejection(error), ErrorCode::RefundExceedsRest);
    }
    let story = nodes[1].order_story(&merchant(), order_no(1)).await;
    let book = story.expect("read").expect("known").book;
    assert_eq!(invariant::check(&book), []);
    assert_eq!(book.order.refunding.amount_minor, 8100);
    assert_eq!(book.refunds.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refunds_number_serves_one_of_many_orders() {
    let server = Server::start();
    let (_, nodes) = two_nodes(&server).await;
    for index in 0..20 {
        let number = format!("n-{index}");
        nodes[0]
            .commit(create(index, &number))
            .await
            .expect("accepted");
        nodes[0]
            .commit(evidence_step(index))
            .await
            .expect("recorded");
    }
    let refunds = (0..20).map(|index| {
        let node = &nodes[usize::from(index % 2 == 0)];
        node.commit(refund_step(index, 100 + index, "same", 10))
    });
    let results = join_all(refunds).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(rejection(error), ErrorCode::DuplicateRefund);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refunds_number_that_is_taken_while_it_is_written_is_told_as_taken() {
    let server = Server::start();
    let (url, nodes) = two_nodes(&server).await;
    for index in [1, 2] {
        let create = create(index, &number(index));
        nodes[0].commit(create).await.expect("accepted");
        let evidence = evidence_step(index);
        nodes[0].commit(evidence).await.expect("recorded");
    }
    let refund = refund_step(2, 100, "other", 10);
    nodes[0].commit(refund).await.expect("accepted");
    let (mut other, operator) = (connect(&url).await, connect(&url).await);
    let taking = other.transaction().await.expect("begun");
    let sql =
        "INSERT INTO refund (merchant_id, refund_no, order_no, app_id, merchant_refund_no, state,
            amount_minor, payable_fen, cash_fen, receivable_fen, created_at, details)
        SELECT merchant_id, refund_no + 1, order_no, app_id, 'same', state,
            amount_minor, payable_fen, cash_fen, receivable_fen, created_at, details FROM refund";
    taking.execute(sql, &[]).await.expect("taken");
    let refund = nodes[1].commit(refund_step(1, 200, "same", 10));
    let take = async {
        eventually("the number is waited for", async || {
            let sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                AND datname = current_database()";
            let waits = operator.query_opt(sql, &[]).await.expect("asked");
            waits.map(|_| ())
        })
        .await;
        taking.commit().await.expect("written");
    };
    let (refund, ()) = futures::join!(refund, take);
    let refused = refund.expect_err("the number is another refund's");
    assert_eq!(rejection(&refused), ErrorCode::DuplicateRefund);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_changed_is_seen_though_it_was_known_otherwise() {
    let server = Server::start();
    let (_, nodes) = two_nodes(&server).await;
    nodes[0].commit(create(1, "n")).await.expect("accepted");
    nodes[1].commit(evidence_step(1)).await.expect("recorded");
    // The first node still remembers the order as unpaid.
    let refunded = nodes[0].commit(refund_step(1, 100, "r", 30)).await;
    refunded.expect("a paid order is refunded");
    let paid_again = nodes[1].commit(evidence_step(1)).await.expect("a repeat");
    assert_eq!(paid_again.next_job_at, None, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_payments_over_two_nodes_are_booked_once_each() {
    let server = Server::start();
    let (_, nodes) = two_nodes(&server).await;
    let pay = async |index: u64| {
        let (first, second) = (index.is_multiple_of(2), index.is_multiple_of(3));
        let number = format!("n-{index}");
        let created = nodes[usize::from(first)]
            .commit(create(index, &number))
            .await;
        created.expect("accepted");
        // Both hear of the payment, as after a callback that comes beside the answer.
        let both =
            [second, !second].map(|node| nodes[usize::from(node)].commit(evidence_step(index)));
        for result in join_all(both).await {
            result.expect("recorded, or found recorded");
        }
    };
    join_all((0..1000).map(pay)).await;
    let mut after = None;
    let mut count = 0;
    loop {
        let books = nodes[0]
            .order_books(after.clone(), 200)
            .await
            .expect("read");
        let Some(last) = books.last() else { break };
        after = Some((last.order.merchant_id.clone(), last.order.order_no));
        for book in books {
            assert_eq!(invariant::check(&book), []);
            assert_eq!(book.trail.entries.len(), 2);
            count += 1;
        }
    }
    assert_eq!(count, 1000);
    assert_eq!(nodes[1].journal_sum_fen().await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_given_to_one_node_and_a_restart_takes_back_its_own_only() {
    let server = Server::start();
    let (url, [a, b]) = two_nodes(&server).await;
    for index in 0..100 {
        let number = format!("n-{index}");
        a.commit(create(index, &number)).await.expect("accepted");
    }
    let due = START.plus_ms(60_000);
    let claims = (0..10).map(|turn| {
        let node = if turn % 2 == 0 { &a } else { &b };
        node.claim_jobs(JobClass::Money, due, 30_000, 10)
    });
    let claimed: Vec<Vec<_>> = join_all(claims)
        .await
        .into_iter()
        .map(|jobs| jobs.expect("claimed"))
        .collect();
    let keys: BTreeSet<_> = claimed
        .iter()
        .flatten()
        .map(|job| job.key.clone())
        .collect();
    let count = claimed.iter().map(Vec::len).sum::<usize>();
    assert_eq!(keys.len(), count, "none twice");
    let of_b: BTreeSet<_> = claimed
        .iter()
        .skip(1)
        .step_by(2)
        .flatten()
        .map(|job| job.key.clone())
        .collect();

    let number = b.node();
    drop(b);
    let b = open(&url, "b").await.expect("the same node again");
    assert_eq!(b.node(), number, "it finds its number again");
    let mut again = BTreeSet::new();
    loop {
        let jobs = b
            .claim_jobs(JobClass::Money, due, 30_000, 64)
            .await
            .expect("claimed");
        if jobs.is_empty() {
            break;
        }
        again.extend(jobs.into_iter().map(|job| job.key));
    }
    assert!(again.is_superset(&of_b), "what it held is due again");
    let of_a: BTreeSet<_> = keys.difference(&of_b).cloned().collect();
    assert!(again.is_disjoint(&of_a), "what the other holds is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_another_node_took_is_not_given_back() {
    let server = Server::start();
    let (_, [a, b]) = two_nodes(&server).await;
    a.commit(create(1, "n")).await.expect("accepted");
    let due = START.plus_ms(60_000);
    let slow = a
        .claim_jobs(JobClass::Money, due, 1000, 10)
        .await
        .expect("claimed");
    let later = due.plus_ms(1000);
    let quick = b
        .claim_jobs(JobClass::Money, later, 30_000, 10)
        .await
        .expect("claimed");
    assert_eq!(quick.len(), 1, "the lease was over");
    let key = slow[0].key.clone();
    a.return_job(key, START).await.expect("not missed");
    assert_eq!(b.next_job_at().await, Ok(Some(later.plus_ms(30_000))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_number_was_taken_commits_nothing_more() {
    let server = Server::start();
    let (url, [a, b]) = two_nodes(&server).await;
    a.commit(create(1, "n-1")).await.expect("accepted");
    a.probe().await.expect("ready");
    let successor = open(&url, "a").await.expect("the same instance elsewhere");
    assert_eq!(successor.node(), a.node());
    let unready = a
        .probe()
        .await
        .expect_err("it says so before it is asked to commit");
    assert!(unready.text().contains("restart this node"), "{unready}");
    let refused = a.commit(create(2, "n-2")).await.expect_err("fenced");
    assert!(
        refused.to_string().contains("restart this node"),
        "{refused}"
    );
    successor.commit(create(2, "n-2")).await.expect("accepted");
    b.commit(create(3, "n-3"))
        .await
        .expect("the other is not concerned");
    a.claim_jobs(JobClass::Money, START.plus_ms(60_000), 30_000, 10)
        .await
        .expect_err("what came of a job could not be committed");
    a.probe().await.expect_err("for as long as it lives");
    successor.probe().await.expect("ready");
    b.probe().await.expect("ready");
    let key = OrderKey::Platform(order_no(2));
    let found = b.find_order(&merchant(), key).await.expect("read");
    assert!(found.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_books_have_written_all_and_their_number_is_free() {
    let server = Server::start();
    let (url, [a, b]) = two_nodes(&server).await;
    let key = PlatformNo::from_u64(order_no(9).as_u64());
    a.record(ExchangeRecord::Request(ExchangeRequest {
        exchange_no: key,
        at: START,
        dialect_id: "a_dialect".into(),
        app_id: None,
        path: "/".to_owned(),
        query: String::new(),
        body: String::new(),
        peer: String::new(),
    }));
    a.close().await;
    let beside = connect(&url).await;
    let count = "SELECT count(*) FROM exchange";
    let kept: i64 = beside.query_one(count, &[]).await.expect("read").get(0);
    assert_eq!(kept, 1, "the last line was written");
    let held = "SELECT node FROM node WHERE leased_until > now()";
    let held = beside.query(held, &[]).await.expect("read");
    let held: Vec<i16> = held.iter().map(|row| row.get(0)).collect();
    assert_eq!(held, [i16::from(b.node())]);
    let refused = a.commit(create(1, "n-1")).await;
    refused.expect_err("nothing after the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_hear_of_a_changed_directory_and_of_orders_that_they_wait_for() {
    let server = Server::start();
    let (_, [a, b]) = two_nodes(&server).await;
    let mut news = a.news();
    // Until both listen: what is told earlier reaches nobody.
    let mut heard = None;
    while heard != Some(StoreNews::DirectoryChanged) {
        let change = DirectoryChange::PutRate("THB".parse().expect("a currency"), None);
        b.change_directory(change).await.expect("written");
        let limit = std::time::Duration::from_millis(100);
        heard = tokio::time::timeout(limit, news.next())
            .await
            .ok()
            .flatten();
    }
    b.commit_records(application()).await.expect("submitted");
    while news.next().await != Some(StoreNews::AppAdded) {}
    a.commit(create(1, "n-1")).await.expect("accepted");
    a.commit(create(2, "n-2")).await.expect("accepted");
    b.commit(evidence_step(1))
        .await
        .expect("recorded before anybody waits");
    for index in [1, 2] {
        a.announce_wait(order_no(index));
    }
    // The announcement of the second goes behind the first's, and its commit comes whenever it
    // comes.
    b.commit(evidence_step(2)).await.expect("recorded");
    let mut told = BTreeSet::new();
    while told.len() < 2 {
        match news.next().await {
            Some(StoreNews::OrderChanged(order_no)) => told.insert(order_no),
            Some(_) => false,
            None => unreachable!("the books are open"),
        };
    }
    assert_eq!(told, BTreeSet::from([order_no(1), order_no(2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_and_left_alone() {
    let server = Server::start();
    let (url, nodes) = two_nodes(&server).await;
    drop(nodes);
    let beside = connect(&url).await;
    let count = "SELECT count(*) FROM schema_version";
    let versions: i64 = beside.query_one(count, &[]).await.expect("read").get(0);
    assert_eq!(versions, 1, "two nodes made the schema once");
    let newer = "INSERT INTO schema_version (version) VALUES (99)";
    beside.batch_execute(newer).await.expect("written");
    let Err(refusal) = open(&url, "a").await else {
        unreachable!("such books are refused")
    };
    let refusal = refusal.to_string();
    assert!(
        refusal.contains("schema 99") && refusal.contains("newer version"),
        "{refusal}"
    );
}
