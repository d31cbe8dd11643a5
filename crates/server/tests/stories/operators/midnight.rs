//! Story: four nodes sell across midnight, and one of them closes the date as soon as its own clock
//! says that it is over. Each payment is of one date: it stands in the statement file and in the
//! settlement of just that one, both dates together come to what was sold, and nothing was booked
//! into the date that was closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::harness::{Cluster, Json, PayWay, PayoutDesk, XmlTill, eventually, xml_number};

/// Ten virtual seconds a second: other nodes follow a clock that was moved within three.
const FACTOR: u64 = 10;
const NODES: usize = 4;
const DATE: &str = "2026-01-15";
const NEXT: &str = "2026-01-16";
/// The dates on which their files are made, as they stand in the files' names.
const MADE: [&str; 2] = ["20260116", "20260117"];
/// A merchant of the agent, and one of the agent below it.
const MERCHANTS: [&str; 2] = ["9605000011", "9605000033"];
/// Payments that are answered after the date was closed, while all go on selling.
const AFTERWARDS: usize = 20;

/// What is sold: number and amount.
type Sold = Vec<(String, i64)>;

/// One payment after the other at a node, until all have sold enough.
async fn sell(till: XmlTill, answered: Arc<AtomicUsize>, is_over: Arc<AtomicBool>) -> Sold {
    let mut sold = Sold::new();
    let code = PayWay::Wechat.code("00");
    while !is_over.load(Ordering::SeqCst) {
        let (number, fen) = (
            xml_number("midnight"),
            1_000 + i64::try_from(sold.len()).unwrap(),
        );
        let paid = till.pay(&number, fen, &code, &[]).await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        sold.push((number, fen));
        answered.fetch_add(1, Ordering::SeqCst);
    }
    sold
}

/// Moves the clock, and waits until all nodes have followed.
async fn move_clock(cluster: &Cluster, at: &str) {
    cluster.done(0, &["clock", "move", at]);
    let at = at.replace(' ', "T");
    for node in 0..NODES {
        eventually("a node follows the clock", async || {
            (cluster.done(node, &["clock", "show"]) >= at).then_some(())
        })
        .await;
    }
}

/// Numbers and amounts of the payments in a date's file.
async fn in_file(cluster: &Cluster, made: &str) -> Sold {
    let desk = PayoutDesk::of(cluster.node(0));
    let (status, text) = desk.statement("trade_new", made).await;
    assert_eq!(status, 200, "{text}");
    let lines = text.lines().filter(|line| line.starts_with("BV|"));
    lines
        .map(|line| {
            let columns: Vec<_> = line.split('|').collect();
            (columns[17].to_owned(), columns[6].parse().unwrap())
        })
        .collect()
}

/// What the settlements of a date come to before fees, in fen.
fn settled_fen(cluster: &Cluster, date: &str) -> i64 {
    let text = cluster.done(0, &["settlements", "list", "--all", "--output", "json"]);
    let rows = Json::parse(&text).unwrap();
    let of_date = rows
        .list()
        .iter()
        .filter(|row| row.str("trade_date") == date);
    let gross = of_date.filter(|row| row.str("owner").starts_with("merchant:"));
    let gross = gross.map(|row| row.str("gross_yuan").replace('.', ""));
    gross.map(|fen| fen.parse::<i64>().unwrap()).sum()
}

fn sum_fen(sold: &Sold) -> i64 {
    sold.iter().map(|(_, fen)| fen).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_around_midnight_on_four_nodes_are_each_of_one_date() {
    let cluster = Cluster::start("midnight", FACTOR, NODES).await;
    move_clock(&cluster, "2026-01-15 23:59:00").await;
    let (answered, is_over) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let selling = (0..NODES).map(|node| {
        let till = XmlTill::of(cluster.node(node)).of_merchant(MERCHANTS[node % 2]);
        tokio::spawn(sell(till, answered.clone(), is_over.clone()))
    });
    let selling: Vec<_> = selling.collect();
    eventually("the date is over at the first node", async || {
        (cluster.done(0, &["clock", "show"]).as_str() >= NEXT).then_some(())
    })
    .await;
    tokio::task::block_in_place(|| cluster.done(0, &["day", "run", DATE]));
    let enough = answered.load(Ordering::SeqCst) + AFTERWARDS;
    eventually("they go on selling", async || {
        (answered.load(Ordering::SeqCst) >= enough).then_some(())
    })
    .await;
    is_over.store(true, Ordering::SeqCst);
    let sales = futures::future::join_all(selling).await;
    let mut sold: Sold = sales.into_iter().flat_map(Result::unwrap).collect();

    move_clock(&cluster, "2026-01-17 00:00:30").await;
    tokio::task::block_in_place(|| cluster.done(0, &["day", "run", NEXT]));
    let mut in_both = Sold::new();
    for (date, made) in [DATE, NEXT].into_iter().zip(MADE) {
        let in_one = in_file(&cluster, made).await;
        assert!(!in_one.is_empty(), "nothing was sold on {date}");
        assert_eq!(sum_fen(&in_one), settled_fen(&cluster, date), "{date}");
        in_both.extend(in_one);
    }
    in_both.sort();
    sold.sort();
    assert_eq!(in_both, sold, "each payment stands in one file");
    let checked = cluster.done(0, &["books", "check"]);
    assert!(
        checked.contains("business dates as they were closed: 2"),
        "{checked}"
    );
}
