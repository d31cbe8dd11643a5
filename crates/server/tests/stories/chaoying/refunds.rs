//! Story: a discounted order is refunded in every possible way, and cash and coupon add up to the
//! fen (ruling 6), whoever asks, by whatever reference, however often.

use crate::harness::{
    AgentAnswer, AgentTill, BOTH, Demo, RefundLine, Setup, Wallet, eventually, fresh, order_number,
    random, refund_lines,
};
use futures::future::join_all;

/// A refund's call waits five virtual seconds, half of one here.
const FACTOR: u64 = 10;
/// WeChat wants a minute between two refunds of one order.
const FAST: u64 = 60;

const DONE: &str = "SUCCESS 10000 SUCCESS";
const UNDER_WAY: &str = "SUCCESS 10001 PROCESSING";

/// What is left of a paid order, and how ruling 6 takes a refund out of it.
#[derive(Debug, Clone, Copy)]
struct Rest {
    payable: i64,
    cash: i64,
    cash_left: i64,
    coupon_left: i64,
}

impl Rest {
    fn of(payable: i64, coupon: i64) -> Rest {
        let cash = payable - coupon;
        Rest {
            payable,
            cash,
            cash_left: cash,
            coupon_left: coupon,
        }
    }

    /// Cash and coupon of the next refund.
    fn take(&mut self, refund: i64) -> (i64, i64) {
        let share = refund * self.cash / self.payable;
        let (least, most) = (refund - self.coupon_left, refund.min(self.cash_left));
        let cash = share.max(least).min(most);
        self.cash_left -= cash;
        self.coupon_left -= refund - cash;
        (cash, refund - cash)
    }

    /// What was paid and not taken yet.
    fn left(self) -> i64 {
        self.cash_left + self.coupon_left
    }
}

/// A number from `from` to `to`.
fn between(from: i64, to: i64) -> i64 {
    let width = u64::try_from(to - from + 1).unwrap();
    from + i64::try_from(random() % width).unwrap()
}

/// An order of `payable` paid with a discount of `coupon`.
async fn discounted(
    demo: &Demo,
    till: &AgentTill,
    wallet: Wallet,
    payable: i64,
    coupon: i64,
) -> AgentAnswer {
    let code = wallet.code("00");
    if coupon > 0 {
        demo.sandbox.discount_code(&code, coupon).await;
    }
    let answer = till.pay(&order_number("sold"), payable, &code).await;
    assert_eq!(answer.outcome(), DONE, "{}", answer.text);
    assert_eq!(answer.fen("base_fee"), payable, "{}", answer.text);
    assert_eq!(answer.fen("total_fee"), payable - coupon, "{}", answer.text);
    answer
}

/// The refunds of an order, once none of them is under way.
async fn settled(till: &AgentTill, number: &str) -> (AgentAnswer, Vec<RefundLine>) {
    eventually(&format!("the refunds of {number} have ended"), async || {
        let answer = till.refund_query(&[("out_trade_no", number)]).await;
        assert_eq!(answer.outcome(), DONE, "{}", answer.text);
        let lines = refund_lines(&answer);
        let is_over = lines.iter().all(|line| line.status != "PROCESSING");
        is_over.then_some((answer, lines))
    })
    .await
}

/// Every refund of the list is split as ruling 6 wants it, in the order of application; the sums
/// are right and the channel has the same ones.
async fn assert_split(
    demo: &Demo,
    till: &AgentTill,
    paid: &AgentAnswer,
    expected: &[i64],
) -> Vec<RefundLine> {
    let number = paid.str("out_trade_no");
    let (answer, lines) = settled(till, number).await;
    let (payable, cash) = (paid.fen("base_fee"), paid.fen("total_fee"));
    let mut rest = Rest::of(payable, payable - cash);
    let (mut base_sum, mut cash_sum) = (0, 0);
    for line in &lines {
        assert_eq!(line.status, "SUCCESS", "{}", answer.text);
        let split = rest.take(line.base);
        assert_eq!(
            (line.cash, line.coupon),
            split,
            "{line:?} of {}",
            answer.text
        );
        base_sum += line.base;
        cash_sum += line.cash;
    }
    let bases: Vec<i64> = lines.iter().map(|line| line.base).collect();
    assert_eq!(bases, expected, "{}", answer.text);
    assert_eq!(answer.fen("base_refund_fee_summary"), base_sum);
    assert_eq!(answer.fen("refund_fee_summary"), cash_sum);
    let order = demo.sandbox.order(paid.str("transaction_id")).await;
    let order = order.unwrap();
    assert_eq!(order.int("refunded_fen"), base_sum, "{order}");
    let at_channel = order.get("refunds").unwrap().list();
    let done = at_channel.iter().filter(|one| one.str("state") != "CLOSED");
    let cash_at_channel: i64 = done.map(|one| one.int("cash_fen")).sum();
    assert_eq!(cash_at_channel, cash_sum, "{order}");
    lines
}

/// A random way to give an amount back in pieces.
fn partition(mut amount: i64, largest: i64) -> Vec<i64> {
    let mut pieces = Vec::new();
    while amount > 0 {
        let piece = between(1, largest.min(amount));
        pieces.push(piece);
        amount -= piece;
    }
    pieces
}

/// Refunds of one order, one after the other.
async fn refund_all(till: &AgentTill, paid: &AgentAnswer, pieces: &[i64]) {
    let payable = paid.fen("base_fee");
    let mut rest = Rest::of(payable, payable - paid.fen("total_fee"));
    for piece in pieces {
        let refund = fresh("R");
        let number = paid.str("out_trade_no");
        let answer = till.refund(number, &refund, payable, *piece).await;
        let outcome = answer.outcome();
        assert!([DONE, UNDER_WAY].contains(&&*outcome), "{}", answer.text);
        let (cash, coupon) = rest.take(*piece);
        let told = [
            "base_refund_fee",
            "refund_fee",
            "coupon_refund_fee",
            "base_fee",
            "total_fee",
        ]
        .map(|name| answer.fen(name));
        let expected = [*piece, cash, coupon, payable, paid.fen("total_fee")];
        assert_eq!(told, expected, "{}", answer.text);
        assert_eq!(answer.str("out_refund_no"), refund);
        assert_eq!(
            answer.str("out_transaction_id"),
            paid.str("out_transaction_id")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_partition_of_a_discounted_order_adds_up_to_the_fen() {
    let setup = Setup::new("cy-partitions", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let mut plays = vec![(8, 2, vec![1; 8]), (24, 7, vec![1; 24])];
    for _ in 0..3 {
        let payable = between(100, 50_000);
        let coupon = between(1, payable - 1);
        plays.push((payable, coupon, partition(payable, payable / 4)));
    }
    for (payable, coupon, pieces) in plays {
        let paid = discounted(&demo, &till, Wallet::Alipay, payable, coupon).await;
        refund_all(&till, &paid, &pieces).await;
        assert_split(&demo, &till, &paid, &pieces).await;
        let number = paid.str("out_trade_no");
        let end = till.query(number).await;
        assert_eq!(end.outcome(), "SUCCESS 10002 REFUND", "{}", end.text);
        assert_eq!(end.fen("base_fee"), payable, "as success: {}", end.text);
        let more = till.refund(number, &fresh("R"), payable, 1).await;
        assert_eq!(more.code(), "20008", "{}", more.text);
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechat_keeps_its_gap_between_refunds_and_the_same_sums() {
    let setup = Setup::new("cy-gaps", FAST);
    let demo = setup.start().await;
    let till = demo.agent();
    let paid = discounted(&demo, &till, Wallet::Wechat, 1_000, 333).await;
    let pieces = [300, 1, 499, 200];
    refund_all(&till, &paid, &pieces).await;
    assert_split(&demo, &till, &paid, &pieces).await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_at_the_same_time_never_take_more_than_was_paid() {
    let setup = Setup::new("cy-parallel", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let (payable, piece) = (1_000, 170);
    let paid = discounted(&demo, &till, Wallet::Alipay, payable, 101).await;
    let number = paid.str("out_trade_no");
    let calls = (0..10).map(async |_| till.refund(number, &fresh("P"), payable, piece).await);
    let answers = join_all(calls).await;
    let taken: Vec<&AgentAnswer> = answers
        .iter()
        .filter(|answer| answer.state() == "SUCCESS")
        .collect();
    assert_eq!(taken.len(), 5, "five times 170 of 1000");
    let refused = answers.iter().filter(|answer| answer.code() == "20008");
    assert_eq!(refused.count(), 5);
    let lines = assert_split(&demo, &till, &paid, &[piece; 5]).await;
    for answer in taken {
        let is_listed = lines.iter().any(|line| {
            line.out_refund_no == answer.str("out_refund_no")
                && line.refund_id == answer.str("refund_id")
                && line.cash == answer.fen("refund_fee")
        });
        assert!(is_listed, "{} in {lines:?}", answer.text);
    }

    // One number at the same time: one refund, and all are told the same.
    let calls = (0..6).map(async |_| till.refund(number, "the-same", payable, 50).await);
    let answers = join_all(calls).await;
    let ids: Vec<&str> = answers
        .iter()
        .map(|answer| answer.str("refund_id"))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_split(&demo, &till, &paid, &[170, 170, 170, 170, 170, 50]).await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_fails_is_tried_again_under_its_number() {
    let setup = Setup::new("cy-failing", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    for wallet in BOTH {
        // Refused while the till waits, or long after.
        for ms in [500, 9_000] {
            failing(&demo, &till, wallet, ms).await;
        }
    }
    setup.assert_books_balance();
}

async fn failing(demo: &Demo, till: &AgentTill, wallet: Wallet, ms: i64) {
    let payable = 500;
    let paid = discounted(demo, till, wallet, payable, 55).await;
    let number = paid.str("out_trade_no");
    let fault = "refund_pending_then_fails";
    demo.sandbox
        .set_fault_for(wallet.name(), "refund", fault, Some(1), Some(ms))
        .await;
    let refund = fresh("F");
    let first = till.refund(number, &refund, payable, 200).await;
    assert!(
        first.outcome() == UNDER_WAY || first.code() == "20008",
        "{}",
        first.text
    );
    let (told, lines) = settled(till, number).await;
    assert_eq!(lines[0].status, "FAIL", "{}", told.text);
    assert_eq!(told.fen("base_refund_fee_summary"), 0, "{}", told.text);
    assert_eq!(told.fen("refund_fee_summary"), 0, "{}", told.text);
    let order = till.query(number).await;
    assert_eq!(order.outcome(), DONE, "not in refund: {}", order.text);

    // WeChat's minute between two refunds passes before this one is sent.
    let again = till.refund(number, &refund, payable, 200).await;
    let outcome = again.outcome();
    assert!([DONE, UNDER_WAY].contains(&&*outcome), "{}", again.text);
    let (told, lines) = settled(till, number).await;
    assert_eq!(lines.len(), 1, "one refund, tried twice: {}", told.text);
    assert_eq!(lines[0].out_refund_no, refund);
    assert_split(demo, till, &paid, &[200]).await;
    let order = till.query(number).await;
    assert_eq!(order.code(), "10002", "{}", order.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_refund_is_left_out_of_the_sums_beside_one_that_worked() {
    let setup = Setup::new("cy-sums", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let paid = discounted(&demo, &till, Wallet::Alipay, 900, 90).await;
    let number = paid.str("out_trade_no");
    refund_all(&till, &paid, &[100]).await;
    let fault = "refund_pending_then_fails";
    demo.sandbox
        .set_fault_for("alipay", "refund", fault, Some(1), Some(500))
        .await;
    till.refund(number, &fresh("F"), 900, 300).await;
    let (told, lines) = settled(&till, number).await;
    let states: Vec<&str> = lines.iter().map(|line| &*line.status).collect();
    assert_eq!(states, ["SUCCESS", "FAIL"], "{}", told.text);
    assert_eq!(told.fen("refund_count"), 2, "{}", told.text);
    assert_eq!(told.fen("base_refund_fee_summary"), 100, "{}", told.text);
    assert_eq!(told.fen("refund_fee_summary"), 90, "{}", told.text);
    // What failed is free again.
    let rest = till.refund(number, &fresh("R"), 900, 800).await;
    assert_eq!(rest.state(), "SUCCESS", "{}", rest.text);
    let end = eventually("the rest is back", async || {
        let answer = till.refund_query(&[("out_trade_no", number)]).await;
        (refund_lines(&answer).last()?.status == "SUCCESS").then_some(answer)
    })
    .await;
    assert_eq!(end.fen("base_refund_fee_summary"), 900, "{}", end.text);
    assert_eq!(end.fen("refund_fee_summary"), 810, "{}", end.text);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_that_contradict_the_order_or_an_earlier_one_are_refused() {
    let setup = Setup::new("cy-refused", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let paid = discounted(&demo, &till, Wallet::Alipay, 1_000, 100).await;
    let other = discounted(&demo, &till, Wallet::Alipay, 1_000, 0).await;
    let (number, other) = (paid.str("out_trade_no"), other.str("out_trade_no"));
    let first = till.refund(number, "TK-1|*@_", 1_000, 400).await;
    assert_eq!(first.outcome(), DONE, "{}", first.text);

    let again = till.refund(number, "TK-1|*@_", 1_000, 400).await;
    let told = |answer: &AgentAnswer| {
        let mut pairs = answer.pairs();
        pairs.retain(|(name, _)| name != "nonce_str" && name != "sign");
        pairs
    };
    assert_eq!(told(&again), told(&first), "the same answer");
    for (order, refund, total, fen) in [
        (number, "TK-1|*@_", 1_000, 401),
        (other, "TK-1|*@_", 1_000, 400),
        (number, "TK-2", 1_000, 601),
        (number, "TK-2", 999, 100),
        (number, "TK-2", 900, 100),
        (other, "TK-2", 1_000, 1_001),
    ] {
        let answer = till.refund(order, refund, total, fen).await;
        let case = format!("{refund} of {fen} of {total}: {}", answer.text);
        assert_eq!(answer.outcome(), "FAIL 20008", "{case}");
    }
    let unknown = till.refund("no_such_order", "TK-2", 1_000, 1).await;
    assert_eq!(unknown.outcome(), "FAIL 20007", "{}", unknown.text);
    let open = order_number("open");
    till.pay(&open, 100, &Wallet::Wechat.code("91")).await;
    let unpaid = till.refund(&open, "TK-2", 100, 1).await;
    assert_eq!(unpaid.outcome(), "FAIL 20008", "{}", unpaid.text);
    for (total, fen) in [
        ("1000", ""),
        ("", "1"),
        ("1000", "0"),
        ("1000", "1.0"),
        ("1000", "-1"),
    ] {
        let members = [
            ("paytype", "ALIPAY"),
            ("out_trade_no", number),
            ("out_refund_no", "TK-2"),
            ("total_fee", total),
            ("refund_fee", fen),
        ];
        let answer = till.gateway("refund", &members).await;
        assert_eq!(
            answer.outcome(),
            "FAIL 20004",
            "{fen:?} of {total:?}: {}",
            answer.text
        );
    }
    assert_split(&demo, &till, &paid, &[400]).await;
    let cancelled = till.cancel(number).await;
    assert_eq!(
        cancelled.outcome(),
        "FAIL 20011",
        "refunded in part: {}",
        cancelled.text
    );
    setup.assert_books_balance();
}

/// References, the refunds that they find, and the sums of base and cash.
type Asked<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], [i64; 2]);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_interface_prefers_the_reference_that_the_description_names() {
    let setup = Setup::new("cy-references", FACTOR);
    let demo = setup.start().await;
    let till = demo.agent();
    let paid = discounted(&demo, &till, Wallet::Alipay, 700, 70).await;
    let other = discounted(&demo, &till, Wallet::Alipay, 700, 0).await;
    let (number, transaction) = (paid.str("out_trade_no"), paid.str("transaction_id"));
    let other_number = other.str("out_trade_no");

    // Query: the merchant's number wins.
    let members = [
        ("paytype", "ALIPAY"),
        ("out_trade_no", other_number),
        ("transaction_id", transaction),
    ];
    let answer = till.gateway("orderquery", &members).await;
    assert_eq!(answer.str("out_trade_no"), other_number, "{}", answer.text);
    let members = [("paytype", "WECHAT"), ("transaction_id", transaction)];
    let answer = till.gateway("orderquery", &members).await;
    assert_eq!(answer.str("out_trade_no"), number, "{}", answer.text);

    // Refund: the platform's number wins.
    let mut refunds = Vec::new();
    for (refund, fen) in [("A-1", "100"), ("A-2", "200")] {
        let members = [
            ("paytype", "ALIPAY"),
            ("out_trade_no", other_number),
            ("transaction_id", transaction),
            ("out_refund_no", refund),
            ("total_fee", "700"),
            ("refund_fee", fen),
        ];
        let answer = till.gateway("refund", &members).await;
        assert_eq!(answer.outcome(), DONE, "{}", answer.text);
        assert_eq!(answer.str("out_trade_no"), number, "{}", answer.text);
        refunds.push(answer);
    }
    let other_refund = till.refund(other_number, "B-1", 700, 50).await;
    assert_eq!(other_refund.outcome(), DONE, "{}", other_refund.text);

    // Refund query: the platform's refund number wins, then the merchant's, then the order's
    // numbers.
    let first = refunds[0].str("refund_id");
    let b1 = other_refund.str("refund_id");
    let cases: [Asked<'_>; 7] = [
        (&[("refund_id", first)], &["A-1"], [100, 90]),
        (&[("out_refund_no", "A-2")], &["A-2"], [200, 180]),
        (
            &[("out_refund_no", "A-2"), ("refund_id", b1)],
            &["B-1"],
            [50, 50],
        ),
        (
            &[("transaction_id", transaction)],
            &["A-1", "A-2"],
            [300, 270],
        ),
        (&[("out_trade_no", number)], &["A-1", "A-2"], [300, 270]),
        (
            &[("out_trade_no", other_number), ("out_refund_no", "A-1")],
            &["A-1"],
            [100, 90],
        ),
        (&[("out_trade_no", other_number)], &["B-1"], [50, 50]),
    ];
    for (references, expected, sums) in cases {
        let answer = till.refund_query(references).await;
        let case = format!("{references:?}: {}", answer.text);
        assert_eq!(answer.outcome(), DONE, "{case}");
        let lines = refund_lines(&answer);
        let listed: Vec<&str> = lines.iter().map(|line| &*line.out_refund_no).collect();
        assert_eq!(listed, expected, "{case}");
        let told = ["base_refund_fee_summary", "refund_fee_summary"].map(|name| answer.fen(name));
        assert_eq!(told, sums, "{case}");
    }
    for references in [
        [("refund_id", "0000000000000001")],
        [("out_refund_no", "no-such-refund")],
    ] {
        let answer = till.refund_query(&references).await;
        assert_eq!(answer.outcome(), "FAIL 20010", "{}", answer.text);
    }
    let answer = till.refund_query(&[]).await;
    assert_eq!(answer.outcome(), "FAIL 20004", "{}", answer.text);
    setup.assert_books_balance();
}

/// The formula of this test against its own sums: every partition of small orders in ones.
#[test]
fn the_formula_itself_is_exact() {
    for payable in 1..40 {
        for coupon in 0..=payable {
            let mut rest = Rest::of(payable, coupon);
            for _ in 0..payable {
                let (cash, off) = rest.take(1);
                assert!(cash >= 0 && off >= 0 && cash + off == 1);
            }
            assert_eq!(rest.left(), 0);
            assert_eq!((rest.cash_left, rest.coupon_left), (0, 0));
        }
    }
}
