//! Story: money leaves once, however often whoever sends it dies. Bills are drafted, submitted,
//! approved and sent by commands that die at their crash points; the process that asks the bank
//! about them dies at its own; statement files are published by a command that dies. The bank runs
//! by itself all the time. In the end it was sent each bill under one number, it paid each once,
//! and the files are those of a run that nobody disturbed, byte by byte.

use super::day_killed::published;
use super::payouts::{NET_FEN, put_card, take};
use crate::harness::{
    Json, RunningSandbox, Sandbox, Setup, XmlTill, by, done, eventually, newest_approval, rows,
    staff,
};

const FACTOR: u64 = 20;
const DATE: &str = "2026-01-15";
/// Merchants whose money is held, and cards: the bank pays the first at once, the second without a
/// word, and of the third it never heard when it is asked; its request is sent again.
const OWNERS: [(&str, &str); 3] = [
    ("9605000011", "6200000000000000018"),
    ("9605000022", "6200000000000000802"),
    ("9605000033", "6200000000000000828"),
];
/// More crash points than any of the commands comes to.
const POINTS_MAX: u32 = 200;
const SEND: [&str; 4] = ["batches", "send", "--as", "ma"];
/// Minutes after which the bank is asked about what is not certain.
const ASKED_AFTER: u64 = 10;
/// Lives of the process that asks the bank, each a crash point longer than the one before.
const LIVES: u32 = 10;

/// Runs a command with one crash point after the other, until it ends well; how often it died.
fn dies_until_done(setup: &Setup, words: &[&str]) -> usize {
    let mut lives = (1..=POINTS_MAX).map(|point| setup.run_dying_at(point, words));
    let deaths = lives.by_ref().take_while(Option::is_none).count();
    assert!(deaths < POINTS_MAX as usize, "{words:?} never ended");
    deaths
}

/// Runs a command of one commit, which dies before it, and then behind it.
fn dies_before_and_after(setup: &Setup, words: &[&str], is_done: impl Fn() -> bool) {
    assert!(setup.run_dying_at(1, words).is_none());
    assert!(!is_done(), "{words:?}");
    assert!(setup.run_dying_at(2, words).is_none());
    assert!(is_done(), "{words:?}");
}

fn batch(setup: &Setup) -> Json {
    let batches = rows(setup, &["batches", "list"]);
    assert_eq!(batches.len(), 1, "{batches:?}");
    batches[0].clone()
}

/// Whether the bank has paid all bills; nobody can tell while a process dies.
fn are_paid(setup: &Setup) -> bool {
    let listed = setup.run(&["payouts", "list", "--output", "json"]);
    let bills = Json::parse(&String::from_utf8_lossy(&listed.stdout));
    let is_paid = |bill: &Json| bill.str("state") == "paid";
    bills.is_ok_and(|bills| !bills.list().is_empty() && bills.list().iter().all(is_paid))
}

/// A bank that runs by itself, and books of a platform that nobody serves.
struct Chain {
    setup: Setup,
    bank: Sandbox,
    running: Option<RunningSandbox>,
    home: Setup,
}

impl Chain {
    /// It is five in the morning on the day after three merchants were paid.
    async fn start(story: &str) -> Chain {
        let mut home = Setup::new(&format!("{story}-bank"), FACTOR);
        // Nobody is called back.
        home.tell("HELIU_PUBLIC_URL", "http://127.0.0.1:9");
        let running = home.start_sandbox().await;
        let address = running.url.trim_start_matches("http://").to_owned();
        home.tell("HELIU_SANDBOX_LISTEN", &address);
        let setup = Setup::new(story, FACTOR).with("HELIU_SANDBOX_URL", &running.url);
        let demo = setup.start().await;
        staff(&setup);
        let till = XmlTill::of(&demo);
        for (merchant, card) in OWNERS {
            take(&setup, &till.of_merchant(merchant)).await;
            if card != OWNERS[0].1 {
                put_card(&setup, &format!("merchant:M{merchant}"), card);
            }
        }
        assert!(demo.stop().await.success());
        let bank = Sandbox::new(&running.url);
        let mut chain = Chain {
            setup,
            bank,
            running: Some(running),
            home,
        };
        chain.later(19 * 60).await;
        chain
    }

    /// So many minutes later, for the platform and for the bank, which is at the same address.
    async fn later(&mut self, minutes: u64) {
        self.running = None;
        self.setup.skip_minutes(minutes);
        self.home.skip_minutes(minutes);
        self.running = Some(self.home.start_sandbox().await);
    }

    /// The bank was sent each bill under one number, and paid it once.
    async fn assert_paid_once(&self, setup: &Setup) {
        let transfers = self.bank.transfers().await;
        let bills = rows(setup, &["payouts", "list"]);
        assert_eq!(bills.len(), OWNERS.len(), "{bills:?}");
        for bill in bills {
            let shown = done(setup, &["payouts", "show", bill.str("bill_id")]);
            let sent = transfers
                .iter()
                .filter(|it| shown.contains(it.str("request_no")));
            let sent: Vec<_> = sent.collect();
            assert_eq!(sent.len(), 1, "{shown}");
            assert_eq!(shown.matches("\n  request ").count(), 1, "{shown}");
            assert_eq!(sent[0].str("state"), "paid", "{shown}");
            assert_eq!(sent[0].int("paid_fen"), NET_FEN, "{shown}");
        }
        done(setup, &["books", "check"]);
    }
}

/// A process asks the bank, until all is paid.
async fn ask_until_paid(setup: &Setup) {
    let demo = setup.start().await;
    eventually("all is paid", async || are_paid(setup).then_some(())).await;
    assert!(demo.stop().await.success());
    assert_eq!(batch(setup).str("state"), "done");
}

/// The statement files of the date are published by a command that dies; they are those of a copy
/// of the books on which nobody does.
fn publish_dying(setup: &Setup) {
    let publish = ["statements", "publish", DATE];
    let twin = setup.twin("chain-undisturbed");
    by(&twin, "li", &publish);
    let deaths = dies_until_done(setup, &[&publish[..], &["--as", "li"]].concat());
    assert!(deaths > 0);
    let files = published(setup);
    assert_eq!(files, published(&twin), "byte by byte");
    let again = by(setup, "li", &publish);
    assert_eq!(again.matches("unchanged").count(), files.len(), "{again}");
    let remit = files
        .iter()
        .find(|(name, _)| name.contains("-10/10_remit_"));
    let remit = String::from_utf8_lossy(remit.unwrap().1).into_owned();
    for bill in rows(setup, &["payouts", "list"]) {
        // That one is told to its own agent.
        let is_of_another = bill.str("owner") == "merchant:M9605000022";
        assert_ne!(
            remit.contains(bill.str("bill_id")),
            is_of_another,
            "{remit}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_leaves_once_however_often_whoever_sends_it_dies() {
    let mut chain = Chain::start("chain-killed").await;
    let setup = &chain.setup;
    assert!(dies_until_done(setup, &["day", "run", DATE, "--as", "li"]) > 13);
    let batch_no = batch(setup).str("batch_no").to_owned();
    assert_eq!(batch(setup).int("bills"), 3);
    let submit = ["batches", "submit", &batch_no, "--as", "ma"];
    let is_submitted = || batch(setup).str("state") == "submitted";
    dies_before_and_after(setup, &submit, is_submitted);
    let approve = [
        "approvals",
        "approve",
        &newest_approval(setup),
        "--as",
        "fu",
    ];
    let is_approved = || rows(setup, &["approvals", "list"])[0].str("state") == "approved";
    dies_before_and_after(setup, &approve, is_approved);
    assert!(chain.bank.transfers().await.is_empty(), "nothing was sent");
    assert!(dies_until_done(setup, &SEND) > 3);

    for life in 1..=LIVES {
        chain.later(ASKED_AFTER).await;
        let setup = &chain.setup;
        if let Ok(mut demo) = setup.start_crashing_at(life).await {
            eventually("it dies, or all is paid", async || {
                (demo.ended().is_some() || are_paid(setup)).then_some(())
            })
            .await;
        }
    }
    chain.later(ASKED_AFTER).await;
    ask_until_paid(&chain.setup).await;
    assert_eq!(chain.bank.transfers().await.len(), OWNERS.len());
    chain.assert_paid_once(&chain.setup).await;
    // Statements are due by then.
    chain.later(4 * 60).await;
    publish_dying(&chain.setup);
    done(&chain.setup, &["audit", "check"]);
}
