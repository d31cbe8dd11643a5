//! Story: an order or a refund of the third dialect comes to its end and its merchant's listener
//! hears of it, in the same bytes each time and at the dialect's gaps, until it says 000000; a kill
//! changes nothing of that.

use crate::harness::{
    Demo, Heard, PAY_WAYS, Pairs, PayWay, Receiver, Reply, SIX_ZEROS, Schedule, Setup, XML_FORM,
    XmlAnswer, XmlTill, assert_frozen, deliveries, eventually, notice_verifies, now, random,
    read_xml, replies, replies_in_time, spoken, value, xml_number,
};
use futures::future::join_all;

/// The dialect's; it goes on for a day.
const SCHEDULE: Schedule = Schedule {
    gaps_s: &[15, 15, 30, 180, 600, 1_200],
    timeout_ms: 10_000,
};
/// The first five take four virtual minutes.
const SLOW: u64 = 10;
/// The next two take half an hour.
const FAST: u64 = 100;

fn amount() -> i64 {
    i64::try_from(100 + random() % 50_000).unwrap()
}

/// A paid order whose merchant listens at `url`: by barcode, or with a code that the payer scans.
async fn paid(demo: &Demo, till: &XmlTill, way: PayWay, is_barcode: bool, url: &str) -> XmlAnswer {
    let number = xml_number("told");
    let more = [("notify_url", url), ("attach", "]]> & 门店")];
    if is_barcode {
        let code = way.code("00");
        return till.pay(&number, amount(), &code, &more).await;
    }
    let created = till.unified(way, "0", &number, amount(), &more).await;
    demo.sandbox.pay(created.str("td_code")).await;
    created
}

fn read(heard: &Heard) -> Pairs {
    read_xml(heard.text(), "leshua").unwrap()
}

/// An app's switch: two known clients break on the code of no error, another one wants it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_can_have_the_code_of_no_error_in_its_notices() {
    let setup = Setup::new("ls-no-error", SLOW);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let merchant = format!("M{}", till.merchant_id);
    let set = |word: &str| {
        let setting = format!("notice_error_code={word}");
        setup.run(&["merchants", "edit", &merchant, "--setting", &setting])
    };
    let told = async |path: &str| {
        let url = receiver.url(path);
        let paid = paid(&demo, &till, PayWay::Wechat, true, &url).await;
        let number = paid.str("third_order_id");
        let heard = receiver.wait(path, 1).await.remove(0);
        let more = [("notify_url", &*url)];
        let refund = till.refund(number, &xml_number("R"), 10, &more).await;
        assert_eq!(refund.outcome(), "status 10", "{}", refund.text);
        let refunded = receiver.wait(path, 2).await.remove(1);
        [heard, refunded].map(|heard| {
            let notice = read(&heard);
            assert!(notice_verifies(&till.notify_key, &notice), "{notice:?}");
            let names: Vec<&str> = notice.iter().map(|(name, _)| &**name).collect();
            assert!(names.is_sorted(), "{names:?}");
            value(&notice, "error_code").map(str::to_owned)
        })
    };
    assert_eq!(told("/usual").await, [None, None]);
    let output = set("0");
    assert!(output.status.success(), "{}", spoken(&output));
    let zero = Some("0".to_owned());
    assert_eq!(told("/zero").await, [zero.clone(), zero]);
    let shown = setup.run(&["merchants", "show", &merchant]);
    assert!(
        spoken(&shown).contains("notice_error_code = 0"),
        "{}",
        spoken(&shown)
    );
    for wrong in ["1", "on"] {
        let output = set(wrong);
        assert!(!output.status.success(), "{}", spoken(&output));
    }
    let unknown = setup.run(&["merchants", "edit", &merchant, "--setting", "error_code=0"]);
    assert!(
        spoken(&unknown).contains("notice_error_code"),
        "{}",
        spoken(&unknown)
    );
    // Gone again, and the merchant has lost nothing by it.
    assert!(set("").status.success());
    assert_eq!(told("/gone").await, [None, None]);
    setup.assert_books_balance();
}

/// Signed with the notify key, sorted by name, nothing empty, none of an answer's frame; called as
/// a form.
fn assert_shape(till: &XmlTill, heard: &Heard) {
    let notice = read(heard);
    assert_eq!(heard.content_type, XML_FORM);
    assert!(notice_verifies(&till.notify_key, &notice), "{notice:?}");
    let mut sorted = notice.clone();
    sorted.sort();
    assert_eq!(notice, sorted);
    assert!(
        notice.iter().all(|(_, value)| !value.is_empty()),
        "{notice:?}"
    );
    for name in ["resp_code", "result_code", "error_code"] {
        assert_eq!(value(&notice, name), None, "{notice:?}");
    }
    assert_eq!(value(&notice, "merchant_id"), Some(&*till.merchant_id));
    assert!(value(&notice, "sub_merchant_id").is_some(), "{notice:?}");
}

fn assert_same_bytes(till: &XmlTill, created: &XmlAnswer, heard: &[Heard]) {
    assert_shape(till, &heard[0]);
    let notice = read(&heard[0]);
    for name in ["third_order_id", "leshua_order_id"] {
        assert_eq!(value(&notice, name), created.get(name), "{notice:?}");
    }
    assert_frozen(heard);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_of_both_services_are_told_once_they_are_paid() {
    let setup = Setup::new("ls-told", SLOW);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let (demo, receiver) = (&demo, &receiver);
    let cases = PAY_WAYS
        .iter()
        .flat_map(|way| [(*way, true), (*way, false)]);
    let told = cases.map(async |(way, is_barcode)| {
        let path = format!("/{}-{is_barcode}", way.name());
        // A query of the address stays as it is.
        let url = receiver.url(&format!("{path}?shop=1&b=%E9%9D%A2"));
        let created = paid(demo, till, way, is_barcode, &url).await;
        let heard = receiver.wait(&path, 1).await;
        assert_same_bytes(till, &created, &heard);
        assert_eq!(heard[0].query, "shop=1&b=%E9%9D%A2");
        let notice = read(&heard[0]);
        let trade_type = if is_barcode { "MICROPAY" } else { "NATIVE" };
        for (name, wanted) in [
            ("status", "2"),
            ("amount", created.str("amount")),
            ("pay_way", way.word()),
            ("trade_type", trade_type),
            ("attach", "]]> & 门店"),
        ] {
            assert_eq!(value(&notice, name), Some(wanted), "{notice:?}");
        }
        assert_eq!(value(&notice, "nonce_str"), None, "{notice:?}");
        let pay_time = value(&notice, "pay_time").unwrap();
        assert!(
            pay_time.len() == 14 && pay_time.bytes().all(|byte| byte.is_ascii_digit()),
            "{pay_time}"
        );
        created.str("third_order_id").to_owned()
    });
    for number in join_all(told).await {
        eventually("the reply is in the books", async || {
            (replies(&setup, &number) == ["200 000000"]).then_some(())
        })
        .await;
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_are_told_to_their_own_address_whether_they_succeed_or_fail() {
    let setup = Setup::new("ls-refund-told", SLOW);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let (sandbox, receiver) = (&demo.sandbox, &receiver);
    for way in PAY_WAYS {
        for (case, status) in [("good", "11"), ("failing", "12")] {
            let order_path = format!("/{}-{case}-order", way.name());
            let path = format!("/{}-{case}", way.name());
            let order = paid(&demo, till, way, true, &receiver.url(&order_path)).await;
            receiver.wait(&order_path, 1).await;
            if status == "12" {
                let fault = "refund_pending_then_fails";
                let (count, ms) = (Some(1), Some(2_000));
                sandbox
                    .set_fault_for(way.name(), "refund", fault, count, ms)
                    .await;
            }
            let (number, refund) = (order.str("third_order_id"), xml_number("R"));
            let url = receiver.url(&path);
            let more = [("notify_url", &*url), ("attach", "r")];
            let answer = till.refund(number, &refund, 60, &more).await;
            assert_eq!(answer.outcome(), "status 10", "{}", answer.text);
            let heard = receiver.wait(&path, 1).await.remove(0);
            assert_same_bytes(till, &order, std::slice::from_ref(&heard));
            let notice = read(&heard);
            for (name, wanted) in [
                ("status", status),
                ("merchant_refund_id", &*refund),
                ("leshua_refund_id", answer.str("leshua_refund_id")),
                ("refund_amount", "60"),
                ("total_amount", order.str("amount")),
            ] {
                assert_eq!(value(&notice, name), Some(wanted), "{name} in {notice:?}");
            }
            assert_eq!(value(&notice, "nonce_str").map(str::len), Some(32));
            let is_done = status == "11";
            assert_eq!(
                value(&notice, "refund_time").is_some(),
                is_done,
                "{notice:?}"
            );
            assert_eq!(
                value(&notice, "failure_reason").is_some(),
                !is_done,
                "{notice:?}"
            );
            // A query says the same as what was told.
            let references = [("third_order_id", number), ("merchant_refund_id", &*refund)];
            let queried = till.refund_query(&references).await;
            for name in ["status", "refund_time", "failure_reason", "refund_amount"] {
                assert_eq!(queried.get(name), value(&notice, name), "{}", queried.text);
            }
            assert_eq!(
                receiver.heard(&order_path).len(),
                1,
                "the order's is not told"
            );
        }
        // Without an address of its own a refund is told to nobody.
        let order_path = format!("/{}-quiet", way.name());
        let order = paid(&demo, till, way, true, &receiver.url(&order_path)).await;
        let (number, refund) = (order.str("third_order_id"), xml_number("R"));
        till.refund(number, &refund, order.fen("amount"), &[]).await;
        let references = [("third_order_id", number)];
        eventually("it is refunded", async || {
            let answer = till.refund_query(&references).await;
            (answer.outcome() == "status 11").then_some(())
        })
        .await;
        receiver.wait(&order_path, 1).await;
        eventually("the only delivery has ended", async || {
            (replies(&setup, number) == ["200 000000"]).then_some(())
        })
        .await;
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_six_zeros_end_the_schedule() {
    let setup = Setup::new("ls-words", SLOW);
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/success", _) => Reply::Words("success"),
        ("/quoted", _) => Reply::Words("\"000000\""),
        ("/short", _) => Reply::Words("00000"),
        ("/long", _) => Reply::Words("0000000"),
        ("/sentence", _) => Reply::Words("000000 ok"),
        ("/xml", _) => Reply::Words("<leshua>000000</leshua>"),
        ("/nothing", _) => Reply::Words(""),
        ("/status", _) => Reply::Status(500),
        ("/redirect", _) => Reply::Redirect("/target"),
        ("/third", 0 | 1) => Reply::Words("wait"),
        ("/trimmed", _) => Reply::Words("\u{feff} 000000\r\n"),
        _ => SIX_ZEROS,
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
        "/success",
        "/quoted",
        "/short",
        "/long",
        "/sentence",
        "/xml",
        "/nothing",
        "/status",
        "/silent",
        "/redirect",
    ];
    let right = ["/trimmed", "/at-once", "/third"];
    let paths = wrong.iter().chain(&right).chain(&["/hangs"]);
    let demo = &demo;
    let orders = paths.enumerate().map(async |(index, path)| {
        let (way, is_barcode) = (PAY_WAYS[index % 3], index % 2 == 0);
        let url = at(path).url(path);
        (*path, paid(demo, till, way, is_barcode, &url).await)
    });
    let orders = join_all(orders).await;
    let order = |wanted: &str| &orders.iter().find(|(path, _)| *path == wanted).unwrap().1;
    for path in wrong {
        let heard = at(path).wait(path, 5).await;
        SCHEDULE.assert_gaps(&heard, SLOW, 0);
        assert_same_bytes(till, order(path), &heard);
    }
    // Ten seconds pass before one that never answers is given up, and gaps count from there.
    let heard = hanging.wait("/hangs", 4).await;
    SCHEDULE.assert_gaps(&heard, SLOW, SCHEDULE.timeout_ms);
    assert_same_bytes(till, order("/hangs"), &heard);
    for (path, answers) in [
        ("/trimmed", &["200 \u{feff} 000000"][..]),
        ("/at-once", &["200 000000"]),
        ("/third", &["200 wait", "200 wait", "200 000000"]),
    ] {
        let told = replies_in_time(&setup, order(path).str("third_order_id"));
        assert_eq!(told, answers, "none after six zeros");
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
async fn a_kill_neither_loses_nor_changes_nor_hastens_a_notification() {
    let mut setup = Setup::new("ls-killed", SLOW);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/never", _) => Reply::Words("FAIL"),
        (_, 0 | 1) => Reply::Words("wait"),
        _ => SIX_ZEROS,
    })
    .await;
    let order = paid(&demo, &till, PayWay::Wechat, true, &receiver.url("/never")).await;
    let number = order.str("third_order_id");
    let url = receiver.url("/refund");
    let more = [("notify_url", &*url)];
    let refund = till.refund(number, &xml_number("R"), 1, &more).await;
    assert_eq!(refund.outcome(), "status 10", "{}", refund.text);
    receiver.wait("/never", 2).await;
    receiver.wait("/refund", 2).await;
    eventually("both second tries are in the books", async || {
        let story = setup.story(number);
        let second = story.lines().filter(|line| line.contains(" try 2: "));
        let ended = second.filter(|line| !line.contains("under way"));
        (ended.count() == 2).then_some(())
    })
    .await;
    let killed_at = now();
    demo.kill();
    setup.go_on_with_factor(FAST);
    let demo = setup.start().await;
    let away_s = killed_at.elapsed().as_secs() + 1;
    let heard = receiver.wait("/refund", 3).await;
    assert_same_bytes(&till, &order, &heard);
    let heard = receiver.wait("/never", 7).await;
    assert_same_bytes(&till, &order, &heard);
    let story = setup.story(number);
    let mut began = deliveries(&story);
    began.retain(|line| line.ends_with("200 FAIL"));
    assert!(began.len() >= 6, "{story}");
    SCHEDULE.assert_gaps_around_a_kill(&began, (SLOW, FAST), away_s);
    assert_eq!(receiver.heard("/refund").len(), 3, "none after six zeros");
    let due = setup.run(&["notifications", "list", "--state", "due"]);
    let due = spoken(&due);
    assert!(due.contains(&receiver.url("/never")), "{due}");
    assert!(!due.contains(&receiver.url("/refund")), "{due}");
    drop(demo);
    setup.assert_books_balance();
}
