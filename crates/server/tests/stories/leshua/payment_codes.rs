//! Story: the last two digits of a payment code steer the payer and the channel; whatever they do,
//! the till of the third dialect hears the truth (ruling 15), its listener hears of payments only,
//! and the books never contradict the channel.

use crate::harness::{
    CodeRow, Demo, PAY_WAYS, PayWay, Played, Receiver, SIX_ZEROS, Setup, XmlAnswer, XmlTill,
    assert_no_findings, code_row, eventually, notice_verifies, read_xml, value, xml_number,
};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::iter;

const FACTOR: u64 = 12;
/// Calls at the same time: a call waits ten virtual seconds, which are short for a machine that is
/// busy.
const AT_ONCE: usize = 4;
/// An undecided payment is given up when it is six minutes old; asking and reversing may begin
/// earlier.
const HORIZON_MS: u64 = 330_000;
/// Before that an order by barcode cannot be closed.
const CLOSABLE_MS: u64 = 300_000;

const IN_PROGRESS: &str = "status 0";
const PAID: &str = "status 2";
const CLOSED: &str = "status 6";
const FAILED: &str = "status 8";
const CODE_INVALID: &str = "error -20013";

const ROWS: [CodeRow; 12] = [
    code_row("00", &[PAID], PAID),
    code_row("89", &[PAID], PAID),
    code_row("90", &[IN_PROGRESS], PAID),
    code_row("91", &[IN_PROGRESS], CLOSED),
    code_row("92", &[IN_PROGRESS], FAILED),
    code_row("93", &[FAILED], FAILED),
    code_row("94", &[CODE_INVALID], FAILED),
    code_row("95", &[IN_PROGRESS, PAID], PAID),
    code_row("96", &[IN_PROGRESS, PAID], PAID),
    code_row("97", &[IN_PROGRESS], CLOSED),
    code_row("98", &[PAID], PAID),
    code_row("99", &[IN_PROGRESS, PAID], PAID),
];

/// How an order that nobody pays comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// The till only asks.
    Horizon,
    /// The till closes it as soon as it may.
    Close,
}

struct World<'a> {
    setup: &'a Setup,
    demo: &'a Demo,
    till: &'a XmlTill,
    receiver: &'a Receiver,
    patience: Patience,
}

/// What an answer of the two services must tell, by the state.
fn expect_order(played: &mut Played<PayWay>, answer: &XmlAnswer) {
    expect_numbers(played, answer);
    let only_paid = [
        "pay_time",
        "out_transaction_id",
        "trade_type",
        "coupon",
        "settlement_amount",
        "discount_amount",
        "buyer_pay_amount",
        "openid",
    ];
    if answer.outcome() == PAID {
        let rest = played.fen - played.discount();
        for (name, fen) in [
            ("coupon", 0),
            ("settlement_amount", rest),
            ("discount_amount", played.discount()),
            ("buyer_pay_amount", rest),
        ] {
            let is_right = answer.get(name) == Some(&*fen.to_string());
            played.expect(is_right, &format!("{name} is {fen}"));
        }
        let kind = answer.get("trade_type") == Some("MICROPAY");
        played.expect(kind, "trade_type MICROPAY");
        let bank = answer.get("bank_type").unwrap_or_default();
        let is_card = played.way != PayWay::Unionpay || ["1", "2"].contains(&bank);
        played.expect(is_card, "bank_type tells UnionPay's kind of card");
        let all = only_paid.iter().all(|name| answer.get(name).is_some());
        played.expect(all, "all that a paid order tells");
    } else {
        let none = only_paid.iter().all(|name| answer.get(name).is_none());
        played.expect(none, "nothing that only a paid order tells");
    }
}

fn expect_numbers(played: &mut Played<PayWay>, answer: &XmlAnswer) {
    let number = answer.get("third_order_id") == Some(&*played.number);
    played.expect(number, "third_order_id comes back");
    let amount = answer.get("amount") == Some(&*played.fen.to_string());
    played.expect(amount, "amount is what was asked");
    let wallet = answer.get("pay_way") == Some(played.way.word());
    played.expect(wallet, "pay_way is told by the code");
    let line = answer.get("sub_merchant_id").is_some();
    played.expect(line, "sub_merchant_id is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_table_ends_as_it_must_for_all_wallets() {
    play_all("ls-codes", &ROWS, Patience::Horizon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_nobody_confirms_is_closed_after_five_minutes_and_not_before() {
    let undecided = &ROWS[3..10];
    assert_eq!(undecided[0].digits, "91");
    assert_eq!(undecided[6].digits, "97");
    play_all("ls-codes-closed", undecided, Patience::Close).await;
}

async fn play_all(story: &str, rows: &'static [CodeRow], patience: Patience) {
    let setup = Setup::new(story, FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let world = &World {
        setup: &setup,
        demo: &demo,
        till: &till,
        receiver: &receiver,
        patience,
    };
    let rows = rows
        .iter()
        .filter(|row| patience == Patience::Horizon || row.end == CLOSED);
    let cases = rows.flat_map(|row| PAY_WAYS.map(|way| (row, way)));
    let calls = cases.map(|(row, way)| world.play(row, way));
    let played: Vec<Played<PayWay>> = iter(calls).buffer_unordered(AT_ONCE).collect().await;
    let ends = played.into_iter().map(|played| world.assert_ends(played));
    assert_no_findings(join_all(ends).await);
    setup.assert_books_balance();
}

impl World<'_> {
    /// The call of one row.
    async fn play(&self, row: &'static CodeRow, way: PayWay) -> Played<PayWay> {
        let mut played = Played::new(row, way, xml_number("code"));
        let url = self.receiver.url(&format!("/{}", played.number));
        let more = [("notify_url", &*url), ("attach", "桌号 12")];
        let (number, code) = (&played.number, way.code(row.digits));
        let answer = self.till.pay(number, played.fen, &code, &more).await;
        played.answered(&answer.outcome(), &answer.text);
        if answer.get("status").is_some() {
            expect_order(&mut played, &answer);
        }
        played
    }

    /// How the order ends, and what everybody believes; the answer is what went wrong.
    async fn assert_ends(&self, mut played: Played<PayWay>) -> Option<String> {
        if played.row.end == CLOSED {
            self.wait_for_its_end(&mut played).await;
        }
        let mut early_ms = 0;
        let what = format!("{} of {} is final", played.number, played.row.digits);
        let end = eventually(&what, async || {
            let answer = self.till.query(&played.number).await;
            let is_final = answer.outcome() != IN_PROGRESS;
            if !is_final {
                early_ms = self.setup.virtual_ms_since(played.began);
            }
            is_final.then_some(answer)
        })
        .await;
        let row = played.row;
        let is_right = end.outcome() == row.end;
        played.expect(is_right, &format!("in the end {}: {}", row.end, end.text));
        expect_order(&mut played, &end);
        if row.end == CLOSED && self.patience == Patience::Horizon {
            let what = "it is given up at the horizon, not before";
            played.expect(early_ms >= HORIZON_MS, what);
        }
        self.expect_belief(&mut played, &end).await;
        self.expect_notice(&mut played, &end).await;
        let way = played.way.name();
        played.findings(way)
    }

    /// Nobody pays: time passes, or the till closes the order.
    async fn wait_for_its_end(&self, played: &mut Played<PayWay>) {
        let answer = self.till.query(&played.number).await;
        let is_open = answer.outcome() == IN_PROGRESS;
        played.expect(is_open, &format!("it waits for its payer: {}", answer.text));
        let early = self.till.close(&played.number).await;
        let is_refused = early.outcome() == "error -4004";
        played.expect(is_refused, &format!("no close yet: {}", early.text));
        if self.patience == Patience::Horizon {
            eventually("the horizon is near", async || {
                (self.setup.virtual_ms_since(played.began) >= HORIZON_MS).then_some(())
            })
            .await;
            return;
        }
        let closed = eventually("it can be closed", async || {
            let answer = self.till.close(&played.number).await;
            (answer.outcome() != "error -4004").then_some(answer)
        })
        .await;
        let late_ms = self.setup.virtual_ms_since(played.began);
        // The order came into being after the call began.
        played.expect(late_ms >= CLOSABLE_MS, "it is five minutes old");
        let is_closed = closed.outcome() == CLOSED;
        played.expect(is_closed, &format!("it is closed: {}", closed.text));
        let names: Vec<&str> = closed.pairs.iter().map(|(name, _)| &**name).collect();
        let wanted = [
            "resp_code",
            "merchant_id",
            "sign",
            "result_code",
            "sub_merchant_id",
            "third_order_id",
            "nonce_str",
            "status",
            "leshua_order_id",
        ];
        played.expect(names == wanted, &format!("{wanted:?}: {}", closed.text));
        let again = self.till.close(&played.number).await;
        let is_same = again.outcome() == CLOSED;
        played.expect(is_same, &format!("closed again: {}", again.text));
    }

    async fn expect_belief(&self, played: &mut Played<PayWay>, end: &XmlAnswer) {
        let is_paid = end.outcome() == PAID;
        let number = self.setup.upstream_number(&played.number);
        let belief = self.demo.sandbox.belief(&number).await;
        let agrees = belief.as_ref().map_or(!is_paid, |belief| {
            belief.is_paid == is_paid && belief.was_charged == is_paid
        });
        played.expect(agrees, &format!("the channel agrees: {belief:?}"));
        let order = self.demo.sandbox.order(&number).await;
        if let (Some(order), true) = (order, is_paid) {
            let cash = played.fen - played.discount();
            let agrees = order.int("total_fen") == played.fen && order.int("cash_fen") == cash;
            played.expect(agrees, &format!("the same amounts: {order}"));
            let number = order.str("transaction_id");
            let is_known = end.get("out_transaction_id") == Some(number);
            played.expect(is_known, "out_transaction_id is the channel's number");
        }
    }

    /// One notification of a payment, which says what a query says; none of anything else.
    async fn expect_notice(&self, played: &mut Played<PayWay>, end: &XmlAnswer) {
        let path = format!("/{}", played.number);
        if end.outcome() != PAID {
            let count = self.receiver.heard(&path).len();
            played.expect(count == 0, "nobody is told of what was not paid");
            return;
        }
        let heard = self.receiver.wait(&path, 1).await;
        let notice = read_xml(heard[0].text(), "leshua").unwrap();
        let is_signed = notice_verifies(&self.till.notify_key, &notice);
        played.expect(is_signed, "the notification's sign verifies");
        let frame = ["resp_code", "result_code", "nonce_str", "sign", "pay_time"];
        let mut told: Vec<_> = end.pairs.clone();
        told.retain(|(name, _)| !frame.contains(&&**name));
        told.sort();
        let mut heard_pairs = notice.clone();
        heard_pairs.retain(|(name, _)| !frame.contains(&&**name));
        let is_same = heard_pairs == told;
        played.expect(
            is_same,
            &format!("the notification says the same: {notice:?}"),
        );
        let digits: String = end
            .str("pay_time")
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let is_same = value(&notice, "pay_time") == Some(&*digits);
        played.expect(is_same, "pay_time of 14 digits");
        let attach = value(&notice, "attach") == Some("桌号 12");
        played.expect(attach, "attach comes back");
    }
}
