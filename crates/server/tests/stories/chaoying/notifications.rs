//! Story: a pre-order of the second dialect is paid and its merchant's listener hears of it, in the
//! same bytes each time and at the dialect's gaps, until it says `success`; neither a kill nor
//! fifty silent listeners beside it change that.

use std::time::{Duration, Instant};

use crate::harness::{
    ALIPAY_PRE_ORDER, AgentAnswer, AgentTill, Demo, HEARD, Heard, Receiver, Reply, Schedule, Setup,
    WECHAT_PRE_ORDER, Wallet, assert_frozen, decoded, deliveries, eventually, form_verifies, fresh,
    now, order_number, random, replies_in_time, spoken, value,
};
use futures::future::join_all;

/// The dialect's.
const SCHEDULE: Schedule = Schedule {
    gaps_s: &[15, 15, 30, 180, 1_800, 1_800, 1_800, 1_800, 3_600],
    timeout_ms: 3_000,
};
/// The last five take three virtual hours.
const FAST: u64 = 300;
/// The first five take four virtual minutes.
const SLOW: u64 = 10;

/// An order whose merchant listens at `url`, paid.
async fn paid(demo: &Demo, till: &AgentTill, url: &str) -> AgentAnswer {
    let (path, wallet) = if random().is_multiple_of(2) {
        (WECHAT_PRE_ORDER, Wallet::Wechat)
    } else {
        (ALIPAY_PRE_ORDER, Wallet::Alipay)
    };
    let fen = i64::try_from(10 + random() % 50_000).unwrap();
    let created = till
        .native(path, &order_number(wallet.name()), fen, url)
        .await;
    demo.sandbox.pay(created.str("code_url")).await;
    created
}

/// The same bytes each time, signed, about this order.
fn assert_same_bytes(till: &AgentTill, created: &AgentAnswer, heard: &[Heard]) {
    let pairs = decoded(heard[0].text());
    assert!(form_verifies(&till.key, &pairs), "{}", heard[0].text());
    assert_eq!(
        value(&pairs, "out_trade_no"),
        created.text_of("out_trade_no")
    );
    assert_eq!(value(&pairs, "mch_id"), Some(&*till.mch_id));
    assert_eq!(value(&pairs, "pay_result"), Some("0"));
    assert_frozen(heard);
}

/// What `heliu notifications list` says of the one to this address.
fn listed(setup: &Setup, state: &str, url: &str) -> Option<String> {
    let output = setup.run(&["notifications", "list", "--state", state]);
    assert!(output.status.success(), "{}", spoken(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.trim_end().ends_with(url));
    line.map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_bare_word_ends_the_schedule() {
    let setup = Setup::new("cy-words", SLOW);
    let demo = setup.start().await;
    let till = &demo.agent();
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/upper", _) => Reply::Words("SUCCESS"),
        ("/sentence", _) => Reply::Words("success, thank you"),
        ("/json", _) => Reply::Words("{\"code\":\"success\"}"),
        ("/nothing", _) => Reply::Words(""),
        ("/status", _) => Reply::Status(500),
        ("/created", _) => Reply::Status(201),
        ("/redirect", _) => Reply::Redirect("/target"),
        ("/refunded" | "/third", 0 | 1) => Reply::Words("wait"),
        ("/trimmed", _) => Reply::Words("\u{feff} success\r\n"),
        _ => HEARD,
    })
    .await;
    // Destinations that do not answer are given rests, which would move the others' deliveries.
    let silent = Receiver::start(|_, _| Reply::Silence).await;
    let hanging = Receiver::start(|_, _| Reply::Hang).await;
    let at = |path: &str| match path {
        "/silent" => &silent,
        "/hangs" => &hanging,
        _ => &receiver,
    };
    let wrong = [
        "/upper",
        "/sentence",
        "/json",
        "/nothing",
        "/status",
        "/created",
        "/redirect",
        "/silent",
    ];
    let right = ["/trimmed", "/at-once", "/third", "/refunded"];
    let paths = wrong.iter().chain(&right).chain(&["/hangs"]);
    let orders = paths.map(async |path| (*path, paid(&demo, till, &at(path).url(path)).await));
    let orders = join_all(orders).await;
    let order = |wanted: &str| &orders.iter().find(|(path, _)| *path == wanted).unwrap().1;

    receiver.wait("/refunded", 1).await;
    let number = order("/refunded").str("out_trade_no");
    let total = till.query(number).await.fen("base_fee");
    let refund = till.refund(number, &fresh("R"), total, total).await;
    assert_eq!(refund.state(), "SUCCESS", "{}", refund.text);

    for path in wrong {
        let heard = at(path).wait(path, 5).await;
        SCHEDULE.assert_gaps(&heard, SLOW, 0);
        assert_same_bytes(till, order(path), &heard);
    }
    // Three seconds pass before one that never answers is given up, and gaps count from there.
    let heard = hanging.wait("/hangs", 4).await;
    SCHEDULE.assert_gaps(&heard, SLOW, SCHEDULE.timeout_ms);

    for (path, answers) in [
        ("/trimmed", &["200 \u{feff} success"][..]),
        ("/at-once", &["200 success"]),
        ("/third", &["200 wait", "200 wait", "200 success"]),
        ("/refunded", &["200 wait", "200 wait", "200 success"]),
    ] {
        let told = replies_in_time(&setup, order(path).str("out_trade_no"));
        assert_eq!(told, answers, "none after success");
        assert_same_bytes(till, order(path), &receiver.heard(path));
    }
    assert_eq!(
        receiver.heard("/target").len(),
        0,
        "no redirect is followed"
    );
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_deliveries_come_at_their_gaps_and_no_eleventh_whatever_was_killed() {
    let mut setup = Setup::new("cy-ten", SLOW);
    let demo = setup.start().await;
    let till = demo.agent();
    let receiver = Receiver::start(|_, _| Reply::Words("FAIL")).await;
    let url = receiver.url("/never");
    let created = paid(&demo, &till, &url).await;
    let number = created.str("out_trade_no");
    receiver.wait("/never", 2).await;
    eventually(
        "the end of the second delivery is in the books",
        async || {
            let story = setup.story(number);
            let second = story.lines().find(|line| line.contains(" try 2: "))?;
            (!second.contains("under way")).then_some(())
        },
    )
    .await;
    let killed_at = now();
    demo.kill();
    setup.go_on_with_factor(FAST);
    let demo = setup.start().await;
    let away_s = killed_at.elapsed().as_secs() + 1;

    // The three seconds of a delivery are so short now that a busy machine may not use them: what
    // the listener hears is fewer than ten at times, what the platform began is not.
    receiver.wait("/never", 8).await;
    let given_up = eventually("it is given up", async || listed(&setup, "given_up", &url)).await;
    let tries = given_up
        .split_whitespace()
        .skip_while(|word| *word != "given_up")
        .nth(1);
    assert_eq!(tries, Some("10"), "{given_up}");
    assert_eq!(listed(&setup, "due", &url), None);
    let story = setup.story(number);
    let began = deliveries(&story);
    assert_eq!(began.len(), 10, "{story}");
    for (index, line) in began.iter().enumerate() {
        assert!(line.contains(&format!(" try {}: ", index + 1)), "{story}");
    }
    SCHEDULE.assert_gaps_around_a_kill(&began, (SLOW, FAST), away_s);
    let heard = receiver.heard("/never");
    assert!(heard.len() <= 10, "{}", heard.len());
    assert_same_bytes(&demo.agent(), &created, &heard);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_listeners_that_never_answer_delay_a_good_one_by_less_than_a_second() {
    const SILENT: usize = 50;
    let setup = Setup::new("cy-silent", 1);
    let demo = setup.start().await;
    let till = &demo.agent();
    let good = Receiver::content().await;
    let alone = told_within(&demo, till, &good, "/alone").await;

    let silent = (0..SILENT).map(async |_| {
        let receiver = Receiver::start(|_, _| Reply::Hang).await;
        let url = receiver.url("/hangs");
        let number = order_number("silent");
        let created = till.native(ALIPAY_PRE_ORDER, &number, 100, &url).await;
        (receiver, created)
    });
    let silent = join_all(silent).await;
    join_all(silent.iter().map(async |(receiver, created)| {
        demo.sandbox.pay(created.str("code_url")).await;
        receiver.wait("/hangs", 1).await;
    }))
    .await;
    let beside = told_within(&demo, till, &good, "/beside").await;
    println!("told after {alone:?} alone, after {beside:?} beside {SILENT} silent listeners");
    assert!(
        beside < alone + Duration::from_secs(1),
        "{beside:?} instead of {alone:?}"
    );
    setup.assert_books_balance();
}

/// How long after its payment a merchant with a good listener hears of it.
async fn told_within(demo: &Demo, till: &AgentTill, good: &Receiver, path: &str) -> Duration {
    let number = order_number("good");
    let created = till
        .native(ALIPAY_PRE_ORDER, &number, 100, &good.url(path))
        .await;
    let paid_at: Instant = now();
    demo.sandbox.pay(created.str("code_url")).await;
    let heard = good.wait(path, 1).await;
    heard[0].at.duration_since(paid_at)
}
