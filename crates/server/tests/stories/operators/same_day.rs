//! Story: a merchant whose terms pay it on the same day pays for that, is paid by the hour within
//! what people let pass beforehand, and reads so in its agent's protocol. What is above the limit
//! waits for people, and then for nobody.

use crate::harness::{
    Demo, Json, PayWay, PayoutDesk, Setup, XmlTill, by, done, eventually, rows, staff, xml_number,
};

const FACTOR: u64 = 10;
const DATE: &str = "2026-01-15";
const OWNER: &str = "merchant:M9605000011";
const MERCHANT: &str = "9605000011";
const PAID_FEN: i64 = 12_345;
/// What remains of it after 0.5 %, which is 61.725 fen.
const NET_FEN: i64 = 12_283;
/// Above what a payout may come to without a further look, and what remains of it.
const LARGE_FEN: i64 = 50_000;
const LARGE_NET_FEN: i64 = 49_750;

/// Two people let the newest proposal pass.
fn agreed(setup: &Setup, words: &[&str]) {
    by(setup, "ma", words);
    let approvals = rows(setup, &["approvals", "list"]);
    by(
        setup,
        "fu",
        &["approvals", "approve", approvals[0].str("approval_no")],
    );
}

/// A payment; how it is answered.
async fn pay(till: &XmlTill, fen: i64, more: &[(&str, &str)]) -> (String, String) {
    let number = xml_number("soon");
    let code = PayWay::Wechat.code("00");
    let answer = till.pay(&number, fen, &code, more).await;
    (answer.outcome(), number)
}

/// A payment that is booked.
async fn take(setup: &Setup, till: &XmlTill, fen: i64, more: &[(&str, &str)]) {
    let (outcome, number) = pay(till, fen, more).await;
    assert_eq!(outcome, "status 2");
    eventually("nothing is left to do", async || {
        setup.has_no_job(&number).filter(|is_settled| *is_settled)
    })
    .await;
}

/// An account of a book, in yuan.
fn balance(setup: &Setup, owner: &str, account: &str) -> String {
    let listed = rows(setup, &["books", "show", owner]);
    let found = listed.iter().find(|row| row.str("account") == account);
    found
        .map_or("0.00", |row| row.str("balance_yuan"))
        .to_owned()
}

/// So many bills are there, and the newest one stands in a state.
async fn bill(setup: &Setup, count: usize, state: &str) -> Json {
    eventually(&format!("bill {count} is {state}"), async || {
        let bills = rows(setup, &["payouts", "list", "--owner", OWNER]);
        let newest = bills.first().filter(|bill| bill.str("state") == state);
        newest.filter(|_| bills.len() == count).cloned()
    })
    .await
}

/// The agent's protocol says the same of a bill as the platform, by its words for the same day.
async fn assert_told(desk: &PayoutDesk, bill_id: &str, date: &str, (count, fen): (i64, i64)) {
    let one = desk.bill(bill_id, "t0").await;
    let data = one.get("data").unwrap();
    assert_eq!(
        (data.int("state"), data.int("realAmount")),
        (1, fen),
        "{one}"
    );
    let of_tomorrow = desk.bill(bill_id, "t1").await;
    assert_eq!(of_tomorrow.str("error_code"), "000109", "{of_tomorrow}");
    let listed = desk.bills_of_kind(MERCHANT, date, "D0").await;
    assert_eq!(listed.int("totalCount"), count, "{listed}");
    let row = &listed.get("list").unwrap().list()[0];
    assert_eq!(row.str("settType"), "D0", "{listed}");
    let other = desk.bills_of(MERCHANT, date).await;
    assert_eq!(other.int("totalCount"), 0, "{other}");
}

async fn the_hours_pay(setup: &Setup) {
    let demo = setup.start().await;
    let (till, desk) = (XmlTill::of(&demo), PayoutDesk::of(&demo));
    staff(setup);
    let same_day = [("t0", "1")];
    // Its terms are those of the next working day.
    assert_eq!(pay(&till, PAID_FEN, &same_day).await.0, "error -1008");
    assert_eq!(pay(&till, PAID_FEN, &[("t0", "2")]).await.0, "error -20001");
    for (owner, rate) in [("agent:10", "0.3%"), (OWNER, "0.5%")] {
        let fee = [
            "fees", "propose", owner, "--wallet", "wechat", "--rate", rate,
        ];
        agreed(setup, &[&fee[..], &["--speed", "t0"]].concat());
    }
    let terms = ["terms", "propose", OWNER, "--cycle", "D0", "--from", DATE];
    agreed(setup, &terms);
    let limits = [
        "--per-payout",
        "300",
        "--per-day",
        "1000",
        "--until",
        "2026-01-20",
    ];
    agreed(
        setup,
        &[&["approvals", "propose-standing"][..], &limits[..]].concat(),
    );
    take(setup, &till, PAID_FEN, &same_day).await;
    // Its terms say how soon it is paid, and so what that costs, whether an order asks or not.
    take(setup, &till, PAID_FEN, &[]).await;
    assert_eq!(balance(setup, OWNER, "merchant_balance"), "-245.66");
    // 0.5 % less 0.3 %, twice: 62 fen less 37.
    assert_eq!(balance(setup, OWNER, "agent_accrued:10"), "-0.50");

    by(setup, "li", &["clock", "move", "2026-01-15 15:00:10"]);
    let first = bill(setup, 1, "paid").await;
    assert_eq!(first.str("cycle"), "D0");
    assert_eq!(first.str("settle_date"), DATE);
    assert_eq!(first.str("real_yuan"), "245.66");
    let transfers = demo.sandbox.transfers().await;
    assert_eq!(transfers.len(), 1, "{transfers:?}");
    assert_eq!(transfers[0].int("paid_fen"), 2 * NET_FEN);
    assert_told(&desk, first.str("bill_id"), DATE, (1, 2 * NET_FEN)).await;

    above_the_limit_people_look(setup, &demo, &till).await;
    the_last_hour_is_of_the_date(setup, &demo, &till, &desk).await;
}

/// Nobody calls for the batch to be sent once it has passed.
async fn above_the_limit_people_look(setup: &Setup, demo: &Demo, till: &XmlTill) {
    take(setup, till, LARGE_FEN, &[("t0", "1")]).await;
    by(setup, "li", &["clock", "move", "2026-01-15 18:00:10"]);
    bill(setup, 2, "drafted").await;
    let batch = eventually("a batch waits for people", async || {
        let batches = rows(setup, &["batches", "list", "--state", "drafted"]);
        batches.first().cloned()
    })
    .await;
    assert_eq!(demo.sandbox.transfers().await.len(), 1);
    agreed(setup, &["batches", "submit", batch.str("batch_no")]);
    bill(setup, 2, "paid").await;
    let transfers = demo.sandbox.transfers().await;
    assert_eq!(transfers.len(), 2, "{transfers:?}");
    assert_eq!(transfers[1].int("paid_fen"), LARGE_NET_FEN);
}

/// What is paid in the last hour is settled of its date once that is closed, and paid right after.
async fn the_last_hour_is_of_the_date(
    setup: &Setup,
    demo: &Demo,
    till: &XmlTill,
    desk: &PayoutDesk,
) {
    take(setup, till, PAID_FEN, &[]).await;
    by(setup, "li", &["clock", "move", "2026-01-16 00:06:00"]);
    let last = bill(setup, 3, "paid").await;
    assert_eq!(last.str("settle_date"), DATE);
    assert_told(desk, last.str("bill_id"), "2026-01-16", (1, NET_FEN)).await;
    // The day's own steps find nothing of it left.
    by(setup, "li", &["clock", "move", "2026-01-16 05:00:10"]);
    eventually("the date is settled", async || {
        let steps = rows(setup, &["day", "show", DATE]);
        let settled = steps.iter().find(|step| step.str("step") == "draft");
        settled.filter(|step| step.str("state") == "done").cloned()
    })
    .await;
    let settlements = rows(setup, &["settlements", "list"]);
    let ours: Vec<_> = settlements
        .iter()
        .filter(|row| row.str("owner") == OWNER)
        .collect();
    assert_eq!(ours.len(), 3, "{ours:?}");
    assert_eq!(balance(setup, OWNER, "merchant_balance"), "0.00");
    assert_eq!(demo.sandbox.transfers().await.len(), 3);
    done(setup, &["books", "check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_of_the_same_day_is_paid_by_the_hour() {
    the_hours_pay(&Setup::new("same-day", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_so_it_is_with_books_in_a_postgresql() {
    the_hours_pay(&Setup::on_postgres("same-day-postgres", FACTOR)).await;
}
