//! Story: money that has been paid out is refunded only from what its merchant has earned since, or
//! as far as its terms let it owe. Whoever asks for too much is told so in the wire's words, and
//! the operator in figures; what a merchant owes, its next bill nets.

use futures::future::join;

use crate::harness::{
    PayWay, PayoutDesk, Setup, XmlAnswer, XmlTill, by, done, eventually, newest_approval, rows,
    staff,
};
use crate::harness::{spoken, xml_number};

const FACTOR: u64 = 20;
/// From a Thursday on, which is paid out on the Friday, to the Monday that pays the rest.
const THURSDAY: &str = "2026-01-15";
const FRIDAY: &str = "2026-01-16";
const SATURDAY: &str = "2026-01-17";
const SUNDAY: &str = "2026-01-18";
const MONDAY: &str = "2026-01-19";
const OWNER: &str = "merchant:M9605000011";
/// What is paid each time, and what remains of it after 0.38 %.
const PAID_FEN: i64 = 12_345;
const NET_FEN: i64 = 12_298;
/// What is refunded of the orders that have been paid out, and the fee that comes back with it.
const REFUND_FEN: i64 = 8_000;
const FEE_BACK_FEN: i64 = 30;
const DEBT_LIMIT: &str = "50";
const DEBT_LIMIT_FEN: i64 = 5_000;
/// What is refunded of an order of today.
const OF_TODAY_FEN: i64 = 345;

/// Nothing is left to do for an order.
async fn settled(setup: &Setup, number: &str) {
    eventually("nothing is left to do", async || {
        setup.has_no_job(number).filter(|is_settled| *is_settled)
    })
    .await;
}

/// A payment that is booked; its number.
async fn take(setup: &Setup, till: &XmlTill) -> String {
    let number = xml_number("earned");
    let code = PayWay::Alipay.code("00");
    let paid = till.pay(&number, PAID_FEN, &code, &[]).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    settled(setup, &number).await;
    number
}

async fn refund(till: &XmlTill, number: &str, fen: i64) -> XmlAnswer {
    till.refund(number, &xml_number("back"), fen, &[]).await
}

/// A refund is refused because there is too little to take it from; by these figures.
fn assert_short(answer: &XmlAnswer, figures: &[&str]) {
    assert_eq!(answer.outcome(), "error -5015", "{}", answer.text);
    assert_eq!(answer.str("error_msg"), "退款余额不足");
    let detail = answer.detail.as_deref().unwrap();
    for figure in figures {
        assert!(detail.contains(figure), "{figure} in {detail}");
    }
}

/// The night after a date: its steps are run.
fn run_the_day(setup: &Setup, date: &str, next: &str) {
    by(setup, "li", &["clock", "move", &format!("{next} 00:00:30")]);
    by(setup, "li", &["day", "run", date]);
}

/// Two people let the batch pass that waits, and it is sent.
fn pass_and_send(setup: &Setup) {
    let batches = rows(setup, &["batches", "list", "--state", "drafted"]);
    assert_eq!(batches.len(), 1, "{batches:?}");
    let batch_no = batches[0].str("batch_no");
    by(setup, "ma", &["batches", "submit", batch_no]);
    let approval = newest_approval(setup);
    by(setup, "fu", &["approvals", "approve", &approval]);
    by(setup, "ma", &["batches", "send"]);
}

fn allow_debts(setup: &Setup) {
    let terms = ["terms", "propose", OWNER, "--from", FRIDAY];
    let terms = [&terms[..], &["--debt-limit", DEBT_LIMIT]].concat();
    by(setup, "ma", &terms);
    let approval = newest_approval(setup);
    by(setup, "fu", &["approvals", "approve", &approval]);
}

/// Of two refunds at once that fit singly one is accepted; the order of the other.
async fn one_of_two<'n>(setup: &Setup, till: &XmlTill, gone: [&'n str; 2]) -> &'n str {
    let both = gone.map(|number| refund(till, number, REFUND_FEN));
    let [first, second] = both;
    let (first, second) = join(first, second).await;
    let (accepted, refused, left) = if first.outcome().starts_with("status") {
        (first, second, 1)
    } else {
        (second, first, 0)
    };
    assert!(
        accepted.outcome().starts_with("status 1"),
        "{}",
        accepted.text
    );
    assert_short(&refused, &["80.00 yuan", "debt limit of 0.00"]);
    settled(setup, gone[1 - left]).await;
    gone[left]
}

async fn refunds_of_what_is_paid_out(setup: &Setup) {
    let demo = setup.start().await;
    staff(setup);
    let till = XmlTill::of(&demo);
    let gone = [take(setup, &till).await, take(setup, &till).await];
    let free = refund(&till, &gone[0], OF_TODAY_FEN).await;
    assert!(free.outcome().starts_with("status 1"), "{}", free.text);
    settled(setup, &gone[0]).await;
    run_the_day(setup, THURSDAY, FRIDAY);
    pass_and_send(setup);

    let short = refund(&till, &gone[1], REFUND_FEN).await;
    assert_short(&short, &["80.00 yuan", "0.00 unsettled", "less 0.00 that"]);
    let words = ["orders", "refund", &gone[1], "--amount-minor", "8000"];
    let output = setup.run(&[&words[..], &["--as", "li"]].concat());
    let said = spoken(&output);
    assert!(
        !output.status.success() && said.contains("0.00 unsettled"),
        "{said}"
    );

    take(setup, &till).await;
    let other = one_of_two(setup, &till, [&gone[0], &gone[1]]).await;
    allow_debts(setup);
    let left_fen = NET_FEN - REFUND_FEN + FEE_BACK_FEN;
    let too_much = left_fen + DEBT_LIMIT_FEN + 1;
    let short = refund(&till, other, too_much).await;
    assert_short(&short, &["43.28 unsettled", "debt limit of 50.00"]);
    let owed = refund(&till, other, REFUND_FEN).await;
    assert!(owed.outcome().starts_with("status 1"), "{}", owed.text);
    settled(setup, other).await;
    done(setup, &["books", "check"]);

    run_the_day(setup, FRIDAY, SATURDAY);
    take(setup, &till).await;
    run_the_day(setup, SATURDAY, SUNDAY);
    by(
        setup,
        "li",
        &["clock", "move", &format!("{MONDAY} 00:00:30")],
    );
    // The agent has earned, too, but has no card.
    let said = spoken(&setup.run(&["day", "run", SUNDAY, "--as", "li"]));
    assert!(said.contains("1 bills"), "{said}");
    let bill = &rows(setup, &["payouts", "list", "--owner", OWNER])[0];
    let netted = PayoutDesk::of(&demo).bill(bill.str("bill_id"), "t1").await;
    let data = netted.get("data").unwrap();
    let debt_fen = 2 * (REFUND_FEN - FEE_BACK_FEN) - NET_FEN;
    assert_eq!(data.int("realAmount"), NET_FEN - debt_fen, "{netted}");
    let settlements = rows(setup, &["settlements", "list"]);
    let its = settlements.iter().filter(|it| it.str("owner") == OWNER);
    let nets = its.map(|it| it.str("net_yuan"));
    assert_eq!(nets.collect::<Vec<_>>()[..2], ["122.98", "-36.42"]);
    pass_and_send(setup);
    done(setup, &["books", "check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paid_out_is_refunded_from_what_is_earned_since() {
    refunds_of_what_is_paid_out(&Setup::new("refund-limit", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_so_it_is_with_books_in_a_postgresql() {
    refunds_of_what_is_paid_out(&Setup::on_postgres("refund-limit-postgres", FACTOR)).await;
}
