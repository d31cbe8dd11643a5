//! Story: the last two digits of a payment code or face code steer the payer and the channel;
//! whatever they do, the till of the second dialect hears the truth (ruling 15), and the books
//! never contradict the channel.

use crate::harness::{
    AgentAnswer, AgentTill, CodeRow, Demo, Played, Setup, Wallet, assert_no_findings, code_row,
    eventually, order_number,
};
use futures::StreamExt;
use futures::stream::iter;

const FACTOR: u64 = 12;
/// Calls at the same time: a call waits ten virtual seconds, which are short for a machine that is
/// busy.
const AT_ONCE: usize = 4;
/// An undecided payment is given up when it is six minutes old; asking and reversing may begin
/// earlier.
const HORIZON_MS: u64 = 330_000;

const PAID: &str = "SUCCESS 10000 SUCCESS";
const CONFIRMING: &str = "SUCCESS 10001 NEED_QUERY";
const CLOSED: &str = "SUCCESS 10004 FAIL";
const FAILED: &str = "SUCCESS 10006 FAIL";
const UNKNOWN: &str = "FAIL 30001 NEED_QUERY";

const ROWS: [CodeRow; 11] = [
    code_row("00", &[PAID], PAID),
    code_row("90", &[CONFIRMING], PAID),
    code_row("91", &[CONFIRMING], CLOSED),
    code_row("92", &[CONFIRMING], FAILED),
    code_row("93", &[FAILED], FAILED),
    code_row("94", &[FAILED], FAILED),
    code_row("95", &[PAID, UNKNOWN], PAID),
    code_row("96", &[PAID, UNKNOWN], PAID),
    code_row("97", &[UNKNOWN], CLOSED),
    code_row("98", &[PAID], PAID),
    code_row("99", &[PAID, UNKNOWN], PAID),
];

#[derive(Clone, Copy)]
enum Way {
    Barcode(Wallet),
    Face,
}

const WAYS: [Way; 3] = [
    Way::Barcode(Wallet::Wechat),
    Way::Barcode(Wallet::Alipay),
    Way::Face,
];

/// The amounts and names of a paid order's answer.
fn expect_paid_answer(played: &mut Played<Way>, answer: &AgentAnswer) {
    let off = Some(played.discount()).filter(|fen| *fen > 0);
    let coupon = answer.text_of("coupon_fee").map(str::to_owned);
    played.expect(
        coupon == off.map(|fen| fen.to_string()),
        &format!("coupon_fee is {off:?}"),
    );
    let amounts = answer.fen("base_fee") == played.fen
        && answer.fen("total_fee") == played.fen - played.discount();
    played.expect(
        amounts,
        "base_fee is what was asked, total_fee what was paid",
    );
    let number = answer.str("out_trade_no") == played.number;
    played.expect(number, "out_trade_no comes back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_table_ends_as_it_must_for_both_wallets_and_for_faces() {
    let setup = Setup::new("cy-codes", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    let cases = ROWS.iter().flat_map(|row| WAYS.map(|way| (row, way)));
    let calls = cases.map(|(row, way)| play(till, row, way));
    let played: Vec<Played<Way>> = iter(calls).buffer_unordered(AT_ONCE).collect().await;
    let ends = played
        .into_iter()
        .map(|played| assert_ends(&setup, &demo, till, played));
    assert_no_findings(futures::future::join_all(ends).await);
    setup.assert_books_balance();
}

/// The call of one row.
async fn play(till: &AgentTill, row: &'static CodeRow, way: Way) -> Played<Way> {
    let mut played = Played::new(row, way, order_number("code"));
    let (number, fen) = (&played.number, played.fen);
    let answer = match way {
        Way::Barcode(wallet) => till.pay(number, fen, &wallet.code(row.digits)).await,
        Way::Face => {
            let code = Wallet::Wechat.code(row.digits);
            till.face_pay(number, fen, &code).await
        }
    };
    let outcome = answer.outcome();
    played.answered(&outcome, &answer.text);
    if outcome == PAID {
        expect_paid_answer(&mut played, &answer);
    } else {
        let is_bare = answer.text_of("out_trade_no").is_none();
        played.expect(is_bare, "none of the fields of a paid order");
    }
    played
}

/// How the order ends, what the channel believes; the answer is what went wrong.
async fn assert_ends(
    setup: &Setup,
    demo: &Demo,
    till: &AgentTill,
    mut played: Played<Way>,
) -> Option<String> {
    if played.row.end == CLOSED {
        let answer = till.query(&played.number).await;
        let is_open = played.row.first.contains(&&*answer.outcome());
        played.expect(
            is_open,
            &format!("it reads as the call did: {}", answer.text),
        );
        eventually("the horizon is near", async || {
            (setup.virtual_ms_since(played.began) >= HORIZON_MS).then_some(())
        })
        .await;
    }
    let mut open = Vec::new();
    let mut early_ms = 0;
    let what = format!("{} of {} is final", played.number, played.row.digits);
    let end = eventually(&what, async || {
        let answer = till.query(&played.number).await;
        let is_final = ["10000", "10004", "10005", "10006"].contains(&answer.code());
        if !is_final {
            open.push(answer.outcome());
            early_ms = setup.virtual_ms_since(played.began);
        }
        is_final.then_some(answer)
    })
    .await;
    let row = played.row;
    // As the call did, and as confirming once it is being undone.
    let reads_alike = |outcome: &String| outcome == CONFIRMING || row.first.contains(&&**outcome);
    played.expect(
        open.iter().all(reads_alike),
        &format!("until then a query says {:?}: {open:?}", row.first),
    );
    played.expect(
        end.outcome() == row.end,
        &format!("in the end {}, not {}", row.end, end.text),
    );
    if row.end == CLOSED {
        played.expect(
            early_ms >= HORIZON_MS,
            "it is given up at the horizon, not before",
        );
    }
    if row.end == PAID {
        expect_paid_answer(&mut played, &end);
        let trade_type = match played.way {
            Way::Barcode(_) => "MICROPAY",
            Way::Face => "FACEPAY",
        };
        let is_named = end.text_of("trade_type") == Some(trade_type);
        played.expect(is_named, &format!("trade_type {trade_type}"));
    }
    let number = setup.upstream_number(&played.number);
    let order = demo.sandbox.order(&number).await;
    let belief = demo.sandbox.belief(&number).await;
    let is_paid = belief.as_ref().is_some_and(|belief| belief.is_paid);
    let was_charged = belief.as_ref().is_some_and(|belief| belief.was_charged);
    played.expect(
        is_paid == (row.end == PAID) && was_charged == is_paid,
        &format!("the channel agrees: {belief:?}"),
    );
    if let (Some(order), true) = (order, row.end == PAID) {
        let cash = end.fen("total_fee");
        let agrees = order.int("total_fen") == played.fen && order.int("cash_fen") == cash;
        played.expect(
            agrees,
            &format!("the channel has the same amounts: {order}"),
        );
        let is_ours = end.str("transaction_id") == number;
        played.expect(is_ours, "transaction_id is the number that went upstream");
    }
    let way = match played.way {
        Way::Barcode(wallet) => wallet.name(),
        Way::Face => "face",
    };
    played.findings(way)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_nobody_confirms_can_be_cancelled() {
    let setup = Setup::new("cy-cancel", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    for way in WAYS {
        let number = order_number("cancel");
        let answer = match way {
            Way::Barcode(wallet) => till.pay(&number, 200, &wallet.code("91")).await,
            Way::Face => {
                till.face_pay(&number, 200, &Wallet::Wechat.code("91"))
                    .await
            }
        };
        assert_eq!(answer.outcome(), CONFIRMING, "{}", answer.text);
        assert_eq!(till.query(&number).await.outcome(), CONFIRMING);
        cancel(till, &number).await;
        assert_closed(&setup, &demo, till, &number).await;
        cancel(till, &number).await;
    }
    setup.assert_books_balance();
}

/// Cancels until that is through; a call may end before, and says so.
async fn cancel(till: &AgentTill, number: &str) {
    let what = format!("{number} is cancelled");
    let cancelled = eventually(&what, async || {
        let answer = till.cancel(number).await;
        (answer.outcome() != CONFIRMING).then_some(answer)
    })
    .await;
    assert_eq!(cancelled.outcome(), PAID, "{}", cancelled.text);
}

async fn assert_closed(setup: &Setup, demo: &Demo, till: &AgentTill, number: &str) {
    let end = till.query(number).await;
    assert_eq!(end.outcome(), CLOSED, "{}", end.text);
    let belief = demo.sandbox.belief(&setup.upstream_number(number)).await;
    assert!(belief.is_some_and(|belief| !belief.was_charged), "{number}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_order_that_is_cancelled_in_time_reads_reversed_and_the_money_is_back() {
    let setup = Setup::new("cy-reversed", FACTOR);
    let demo = setup.start().await;
    let till = &demo.agent();
    for way in WAYS {
        let number = order_number("back");
        let answer = match way {
            Way::Barcode(wallet) => till.pay(&number, 300, &wallet.code("00")).await,
            Way::Face => {
                till.face_pay(&number, 300, &Wallet::Wechat.code("00"))
                    .await
            }
        };
        assert_eq!(answer.outcome(), PAID, "{}", answer.text);
        cancel(till, &number).await;
        let end = till.query(&number).await;
        assert_eq!(end.outcome(), "SUCCESS 10005 FAIL", "{}", end.text);
        let belief = demo.sandbox.belief(answer.str("transaction_id")).await;
        let belief = belief.unwrap();
        assert!(belief.was_charged && !belief.is_paid, "{belief:?}");
        let refund = till.refund(&number, "after", 300, 300).await;
        assert_eq!(refund.code(), "20008", "{}", refund.text);
    }
    setup.assert_books_balance();
}
