//! Story: what a merchant earned goes to its card on the next working day, once, after two people
//! have let it pass; its agent reads in its own protocol how that ended, and fetches files that say
//! the same. What the bank refuses is sent again to another card; what it does not answer is never
//! called failed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::{
    Demo, Json, PayWay, PayoutDesk, Setup, XmlTill, by, done, eventually, newest_approval, rows,
    spoken, staff, xml_number,
};

const FACTOR: u64 = 20;
/// A Thursday, and the Friday on which it is paid out.
const DATE: &str = "2026-01-15";
const NEXT: &str = "2026-01-16";
/// The steps of a date.
const STEPS: usize = 13;
/// The Friday as it stands in the names of files.
const NEXT_IN_NAMES: &str = "20260116";
const MERCHANT: &str = "9605000011";
const OWNER: &str = "merchant:M9605000011";
/// The merchant of the agent below.
const LOWER_MERCHANT: &str = "9605000033";
const LOWER_OWNER: &str = "merchant:M9605000033";
/// The cards that the demo begins with, and how the first one is shown.
const CARD: &str = "6200000000000000018";
const MASKED: &str = "620000*********0018";
const LOWER_CARD: &str = "6200000000000000034";
/// Cards that the bank refuses, and that it pays without a word.
const REFUSED: &str = "6200000000000000711";
const SILENT: &str = "6200000000000000802";
const GOOD: &str = "6200000000000000042";
/// Whose these are.
const HOLDER: &str = "欧阳锦瑟";
/// What is paid, and what remains of it after 0.38 %.
pub(super) const PAID_FEN: i64 = 12_345;
pub(super) const NET_FEN: i64 = 12_298;
/// What a hold keeps back of a bill.
const HELD_BACK_FEN: i64 = 500;

/// It is refused with these words.
fn refused(setup: &Setup, person: &str, words: &[&str], told: &str) {
    let output = setup.run(&[words, &["--as", person]].concat());
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    assert!(said.contains(told), "{words:?}: {told:?} in {said}");
}

/// A payment that is booked.
pub(super) async fn take(setup: &Setup, till: &XmlTill) {
    let number = xml_number("earned");
    let code = PayWay::Wechat.code("00");
    let paid = till.pay(&number, PAID_FEN, &code, &[]).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    eventually("nothing is left to do", async || {
        setup.has_no_job(&number).filter(|is_settled| *is_settled)
    })
    .await;
}

/// The night after: the date's steps are run, all of which come through.
fn run_the_day(setup: &Setup) {
    let night = format!("{NEXT} 00:00:30");
    by(setup, "li", &["clock", "move", &night]);
    by(setup, "li", &["day", "run", DATE]);
}

/// The clock is moved to an hour of the Friday, until which the steps that are due run by
/// themselves; a batch waits then.
async fn drafts_by(setup: &Setup, hour: &str) {
    let at = format!("{NEXT} {hour}:00");
    by(setup, "li", &["clock", "move", &at]);
    eventually("a batch waits", async || {
        let batches = rows(setup, &["batches", "list", "--state", "drafted"]);
        (batches.len() == 1).then_some(())
    })
    .await;
}

/// The only batch that waits.
fn drafted(setup: &Setup) -> Json {
    let batches = rows(setup, &["batches", "list", "--state", "drafted"]);
    assert_eq!(batches.len(), 1, "{batches:?}");
    batches[0].clone()
}

/// Two people let the batch pass that waits, and it is sent.
fn pass_and_send(setup: &Setup) {
    let batch = drafted(setup);
    by(setup, "ma", &["batches", "submit", batch.str("batch_no")]);
    by(
        setup,
        "fu",
        &["approvals", "approve", &newest_approval(setup)],
    );
    by(setup, "ma", &["batches", "send"]);
}

/// The merchant's newest bill.
fn bill(setup: &Setup, owner: &str) -> Json {
    let bills = rows(setup, &["payouts", "list", "--owner", owner]);
    assert!(!bills.is_empty(), "no bill of {owner}");
    bills[0].clone()
}

/// An owner is paid to another card from now on.
pub(super) fn put_card(setup: &Setup, owner: &str, number: &str) {
    let file = setup.file("card");
    std::fs::write(&file, number).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let words = ["cards", "add", owner, "--holder", HOLDER, "--number-file"];
    by(setup, "ma", &[&words[..], &["card"]].concat());
    by(setup, "fu", &["cards", "approve", &newest_approval(setup)]);
}

/// What the demo begins with, that must not come twice.
fn seeded(setup: &Setup) -> String {
    let commands: [&[&str]; 6] = [
        &["agents", "list"],
        &["merchants", "list"],
        &["fees", "list"],
        &["cards", "list"],
        &["terms", "show", OWNER],
        &["approvals", "list"],
    ];
    commands.map(|words| done(setup, words)).join("\n")
}

async fn a_day_is_paid_out(setup: &Setup) {
    let demo = setup.start().await;
    let before = seeded(setup);
    demo.stop().await;
    let demo = setup.start().await;
    assert_eq!(seeded(setup), before, "a second start sows nothing");
    staff(setup);
    let till = XmlTill::of(&demo);
    take(setup, &till).await;
    take(setup, &till.of_merchant(LOWER_MERCHANT)).await;
    run_the_day(setup);

    let batch = drafted(setup);
    assert_eq!((batch.int("bills"), batch.str("cycle")), (2, "T1"));
    assert_eq!(batch.str("sum_yuan"), "245.96");
    let batch_no = batch.str("batch_no").to_owned();
    let open = bill(setup, OWNER);
    let bill_id = open.str("bill_id").to_owned();
    let desk = PayoutDesk::of(&demo);
    assert_eq!(told(&desk.bill(&bill_id, "t1").await), (0, NET_FEN));
    let early = done(setup, &["batches", "list", "--output", "json"]);
    assert!(early.contains("drafted"), "{early}");
    by(setup, "ma", &["batches", "send"]);
    assert!(
        demo.sandbox.transfers().await.is_empty(),
        "nobody let it pass"
    );

    by(setup, "ma", &["batches", "submit", &batch_no]);
    let approval = newest_approval(setup);
    let approve = ["approvals", "approve", &approval];
    refused(setup, "ma", &approve, "ma, finance_maker, may not approve");
    let said = by(setup, "ma", &["batches", "send"]);
    assert!(said.contains("1 batches wait"), "{said}");
    by(setup, "fu", &approve);
    refused(setup, "fu", &approve, "was approved by fu already");
    let said = by(setup, "ma", &["batches", "send"]);
    assert!(said.contains("2 bills sent"), "{said}");

    assert_paid(setup, &demo, &desk, &bill_id).await;
    assert_files(setup, &demo, &bill_id).await;
    done(setup, &["books", "check"]);

    let again = spoken(&setup.run(&["day", "run", DATE, "--as", "li"]));
    assert_eq!(again.matches("done before").count(), STEPS, "{again}");
    by(setup, "ma", &["batches", "send"]);
    assert_eq!(
        demo.sandbox.transfers().await.len(),
        2,
        "nothing is paid twice"
    );
    assert_eq!(rows(setup, &["payouts", "list"]).len(), 2);
    assert_eq!(rows(setup, &["batches", "list"]).len(), 1);
    done(setup, &["books", "check"]);
}

/// State and amount of a bill, as 7.1 tells them.
fn told(answer: &Json) -> (i64, i64) {
    assert_eq!(answer.str("error_code"), "0", "{answer}");
    let data = answer.get("data").unwrap();
    let real = data.int("realAmount");
    assert_eq!(real, data.int("planAmount") - data.int("suspendAmount"));
    (data.int("state"), real)
}

/// The platform, the bank and the agent's own protocol say the same.
async fn assert_paid(setup: &Setup, demo: &Demo, desk: &PayoutDesk, bill_id: &str) {
    let shown = done(setup, &["payouts", "show", bill_id]);
    for word in ["paid", "122.98", MASKED, "*试法人", "演示银行深圳支行"] {
        assert!(shown.contains(word), "{word} in {shown}");
    }
    let transfers = demo.sandbox.transfers().await;
    assert_eq!(transfers.len(), 2, "a request number a bill: {transfers:?}");
    for (card, owner) in [(CARD, OWNER), (LOWER_CARD, LOWER_OWNER)] {
        let mut to_card = transfers.iter().filter(|it| it.str("account_no") == card);
        let transfer = to_card.next().unwrap();
        assert!(to_card.next().is_none(), "{transfers:?}");
        assert_eq!(transfer.str("state"), "paid");
        assert_eq!(transfer.int("paid_fen"), NET_FEN);
        assert_eq!(transfer.get("calls").unwrap().list().len(), 1);
        assert_eq!(bill(setup, owner).str("state"), "paid");
    }

    let one = desk.bill(bill_id, "t1").await;
    assert_eq!(told(&one), (1, NET_FEN));
    let data = one.get("data").unwrap();
    for (name, value) in [
        ("billId", bill_id),
        ("merchantId", MERCHANT),
        ("failReason", ""),
        ("bankAccount", MASKED),
        ("bankHolder", "*试法人"),
        ("bankBranch", "演示银行深圳支行"),
    ] {
        assert_eq!(data.str(name), value, "{name}");
    }
    assert!(data.str("createTime").starts_with(NEXT), "{data}");
    assert!(data.str("bankretTime").starts_with(NEXT), "{data}");
    for merchant in [MERCHANT, LOWER_MERCHANT] {
        let listed = desk.bills_of(merchant, NEXT).await;
        assert_eq!(listed.int("totalCount"), 1, "{listed}");
        let row = &listed.get("list").unwrap().list()[0];
        assert_eq!((row.int("state"), row.int("realAmount")), (1, NET_FEN));
        assert_eq!((row.str("settType"), row.str("tag")), ("D1", "终态"));
        assert_eq!(row.str("merchantId"), merchant);
    }
    assert_eq!(desk.failed(NEXT).await.int("totalCount"), 0);
    let lower = PayoutDesk::of_lower(demo);
    let foreign = lower.bill(bill_id, "t1").await;
    assert_eq!(foreign.str("error_code"), "000109", "{foreign}");
}

/// Files tell the agents of their own merchants, those of agents below among them.
async fn assert_files(setup: &Setup, demo: &Demo, bill_id: &str) {
    by(setup, "li", &["statements", "publish", DATE]);
    let desk = PayoutDesk::of(demo);
    let (status, trades) = desk.statement("trade_new", NEXT_IN_NAMES).await;
    assert_eq!(status, 200, "{trades}");
    let lines: Vec<_> = trades
        .lines()
        .filter(|line| line.starts_with("BV|"))
        .collect();
    assert_eq!(lines.len(), 2, "{trades}");
    for merchant in [MERCHANT, LOWER_MERCHANT] {
        let amounts = format!("|{merchant}|38|12345|47|12298|进账|");
        assert!(trades.contains(&amounts), "{amounts} in {trades}");
    }
    // 0.38 %, 0.3 % and 0.25 % of the amount: what each of them keeps of its merchants' fees.
    let (_, profits) = desk.statement("profit", NEXT_IN_NAMES).await;
    for figures in ["|12345|47|31|16|", "|12345|37|31|6|"] {
        assert!(profits.contains(figures), "{figures} in {profits}");
    }
    let (_, remits) = desk.statement("remit", NEXT_IN_NAMES).await;
    assert!(
        remits.contains(bill_id) && remits.contains("|12298|0|12298|1|"),
        "{remits}"
    );

    let lower = PayoutDesk::of_lower(demo);
    let (_, trades) = lower.statement("trade_new", NEXT_IN_NAMES).await;
    assert!(
        trades.contains(LOWER_MERCHANT) && !trades.contains(MERCHANT),
        "{trades}"
    );
    let foreign = format!("{}_remit_{NEXT_IN_NAMES}.txt", desk.agent_id);
    let (_, said) = lower.statement_signed_with("another key", &foreign).await;
    assert!(!said.contains(bill_id), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_is_paid_out_once_and_told_alike_everywhere() {
    a_day_is_paid_out(&Setup::new("payouts", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_so_it_is_with_books_in_a_postgresql() {
    a_day_is_paid_out(&Setup::on_postgres("payouts-postgres", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_refuses_is_sent_again_to_another_card() {
    let setup = Setup::new("payouts-refused", FACTOR);
    let demo = setup.start().await;
    staff(&setup);
    put_card(&setup, OWNER, REFUSED);
    take(&setup, &XmlTill::of(&demo)).await;
    drafts_by(&setup, "05:01").await;
    pass_and_send(&setup);

    let desk = PayoutDesk::of(&demo);
    let failed = bill(&setup, OWNER);
    let bill_id = failed.str("bill_id");
    assert_eq!(failed.str("state"), "failed");
    assert_eq!(told(&desk.bill(bill_id, "t1").await), (-1, NET_FEN));
    let listed = desk.failed(NEXT).await;
    let row = &listed.get("list").unwrap().list()[0];
    assert_eq!((row.str("billId"), row.int("state")), (bill_id, 8));
    assert_eq!(row.str("failReason"), "失败-输入的卡号无效,请确认后输入");
    done(&setup, &["books", "check"]);

    // It comes into a batch within minutes, which is sent as soon as it has passed: the morning's
    // sending is over.
    by(
        &setup,
        "li",
        &["clock", "move", &format!("{NEXT} 09:01:00")],
    );
    put_card(&setup, OWNER, GOOD);
    by(&setup, "ma", &["payouts", "repair", bill_id]);
    let batch = eventually("a batch waits", async || {
        let batches = rows(&setup, &["batches", "list", "--state", "drafted"]);
        batches.first().cloned()
    })
    .await;
    assert_eq!(batch.int("bills"), 1);
    by(&setup, "ma", &["batches", "submit", batch.str("batch_no")]);
    by(
        &setup,
        "fu",
        &["approvals", "approve", &newest_approval(&setup)],
    );
    let paid = eventually("the bill is paid", async || {
        let paid = bill(&setup, OWNER);
        (paid.str("state") == "paid").then_some(paid)
    })
    .await;
    assert_eq!(paid.str("bill_id"), bill_id);
    assert_eq!(told(&desk.bill(bill_id, "t1").await), (1, NET_FEN));
    let transfers = demo.sandbox.transfers().await;
    let paid_fen: Vec<_> = transfers.iter().map(|it| it.int("paid_fen")).collect();
    assert_eq!(paid_fen, [0, NET_FEN], "{transfers:?}");
    assert_eq!(transfers[1].str("account_no"), GOOD);
    assert_eq!(transfers[1].str("holder"), HOLDER, "the bank has to know");
    done(&setup, &["books", "check"]);
    // The way there and back left neither card nor holder anywhere with us.
    std::fs::remove_file(setup.file("card")).unwrap();
    let exchanges = done(&setup, &["exchanges", "list", "--all", "--output", "json"]);
    let shown = spoken(&setup.run(&["payouts", "show", bill_id]));
    let log = demo.log();
    demo.stop().await;
    for secret in [REFUSED, GOOD, HOLDER] {
        for text in [&log, &exchanges, &shown] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        for file in ours_below(&setup.data()) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let mut parts = bytes.windows(secret.len());
            let has = parts.any(|part| part == secret.as_bytes());
            assert!(!has, "{secret} stands in {}", file.display());
        }
    }
}

/// The platform's files, statements among them: not those of the sandbox, whose bank knows all.
fn ours_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_sandboxs = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("sandbox."));
        if path.is_dir() {
            files.extend(ours_below(&path));
        } else if !is_sandboxs {
            files.push(path);
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_does_not_answer_is_never_called_failed() {
    let setup = Setup::new("payouts-silent", FACTOR);
    let demo = setup.start().await;
    staff(&setup);
    put_card(&setup, OWNER, SILENT);
    take(&setup, &XmlTill::of(&demo)).await;
    // A part of it is held back meanwhile.
    let hold = [
        "holds",
        "place",
        OWNER,
        "--amount",
        "5",
        "--reason",
        "a complaint",
    ];
    by(&setup, "ma", &hold);
    run_the_day(&setup);
    pass_and_send(&setup);

    let desk = PayoutDesk::of(&demo);
    let bill_id = bill(&setup, OWNER).str("bill_id").to_owned();
    let mut states = Vec::new();
    eventually("the bank tells that it paid", async || {
        let (state, real) = told(&desk.bill(&bill_id, "t1").await);
        assert_eq!(real, NET_FEN - HELD_BACK_FEN);
        states.push(state);
        (state != 0).then_some(())
    })
    .await;
    assert_eq!(states.pop(), Some(1));
    assert!(states.contains(&0), "it was in progress meanwhile");
    let transfers = demo.sandbox.transfers().await;
    assert_eq!(transfers.len(), 1, "one request number: {transfers:?}");
    assert_eq!(transfers[0].int("paid_fen"), NET_FEN - HELD_BACK_FEN);
    assert_eq!(bill(&setup, OWNER).str("state"), "paid");
    done(&setup, &["books", "check"]);
}
