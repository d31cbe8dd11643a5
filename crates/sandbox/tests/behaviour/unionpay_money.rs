//! UnionPay's money going back, its notifications, and its faults.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::unionpay_wire::{pay, prepay};
use crate::world::World;

async fn fault(world: &World, body: Value) {
    let answer = world
        .control("POST", "/control/faults", &body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn refund(order: &str, total: &str, number: &str, fen: &str) -> Value {
    json!({
        "orderNo": number, "origOrderNo": order, "origTxnAmt": total, "txnAmt": fen, "orderType": "unionpay",
    })
}

async fn ask(world: &World, order: &str, number: &str) -> Value {
    let members = json!({"orderNo": number, "origOrderNo": order});
    world.unionpay("refundQuery", members).await
}

async fn paid_by_scan(world: &World, number: &str) {
    let made = world
        .unionpay("unifiedorder", prepay(number, "1000", None))
        .await;
    let body = json!({"code": made["payData"]}).to_string();
    let paid = world.control("POST", "/control/pay", &body).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
}

fn count(world: &World) -> usize {
    world.outside.seen.lock().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn refunds_sum_up_and_repeat() {
    let world = World::new();
    world
        .unionpay("micropay", pay("MONEY001", "01", "100"))
        .await;
    let give = async |number: &str, fen: &str| {
        world
            .unionpay("refund", refund("MONEY001", "100", number, fen))
            .await["respCode"]
            .clone()
    };
    assert_eq!(give("BACK0001", "30").await, "00");
    assert_eq!(give("BACK0001", "30").await, "00", "a repeat");
    assert_eq!(give("BACK0001", "31").await, "12");
    assert_eq!(give("BACK0002", "71").await, "36");
    assert_eq!(give("MONEY001", "1").await, "12", "the order's own number");
    assert_eq!(give("BACK0002", "70").await, "00");
    assert_eq!(world.unionpay_state("MONEY001").await, "01");
    let order = world.order("MONEY001").await;
    assert_eq!(
        (&order["refunded_fen"], &order["charged_fen"]),
        (&json!(100), &json!(0))
    );
    let told = ask(&world, "MONEY001", "BACK0001").await;
    assert_eq!(
        (&told["origRespCode"], &told["txnAmt"], &told["origTxnAmt"]),
        (&json!("00"), &json!("30"), &json!("100"))
    );
    assert_eq!(ask(&world, "MONEY001", "BACK0003").await["respCode"], "34");
    assert_eq!(ask(&world, "MONEY002", "BACK0001").await["respCode"], "34");
    let taken = world.unionpay("micropay", pay("BACK0001", "01", "1")).await;
    assert_eq!(taken["respCode"], "12", "a refund's number");
}

#[tokio::test(start_paused = true)]
async fn refunds_of_what_is_not_paid_are_refused() {
    let world = World::new();
    world
        .unionpay("micropay", pay("OPEN0001", "91", "100"))
        .await;
    world
        .unionpay("micropay", pay("PAID0001", "01", "100"))
        .await;
    for (order, total, code) in [
        ("OPEN0001", "100", "39"),
        ("PAID0001", "101", "33"),
        ("NONE0001", "100", "34"),
    ] {
        let told = world
            .unionpay("refund", refund(order, total, "BACK0009", "1"))
            .await;
        assert_eq!(told["respCode"], code);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refund_of_a_discounted_order_is_split() {
    let world = World::new();
    world
        .unionpay("micropay", pay("SPLIT001", "98", "1000"))
        .await;
    let told = world
        .unionpay("refund", refund("SPLIT001", "1000", "SPLITR01", "10"))
        .await;
    assert_eq!(
        (&told["txnAmt"], &told["settleAmt"]),
        (&json!("10"), &json!("9"))
    );
    let told = world
        .unionpay("refund", refund("SPLIT001", "1000", "SPLITR02", "990"))
        .await;
    assert_eq!(
        (&told["txnAmt"], &told["settleAmt"]),
        (&json!("990"), &json!("891"))
    );
}

#[tokio::test(start_paused = true)]
async fn refunds_can_hang_end_and_fail() {
    let world = World::new();
    for (number, name, ms, before, after, repeat) in [
        ("HANG0001", "refund_pending", json!(5_000), "02", "00", "00"),
        ("HANG0002", "refund_pending", Value::Null, "02", "02", "02"),
        (
            "HANG0003",
            "refund_pending_then_fails",
            Value::Null,
            "02",
            "01",
            "60",
        ),
    ] {
        fault(
            &world,
            json!({"channel": "unionpay", "fault": name, "count": 1, "ms": ms}),
        )
        .await;
        world.unionpay("micropay", pay(number, "01", "100")).await;
        let back = format!("{number}R");
        let asked = refund(number, "100", &back, "100");
        assert_eq!(
            world.unionpay("refund", asked.clone()).await["respCode"],
            "02"
        );
        assert_eq!(ask(&world, number, &back).await["origRespCode"], before);
        world.wait(5).await;
        assert_eq!(ask(&world, number, &back).await["origRespCode"], after);
        assert_eq!(world.unionpay("refund", asked).await["respCode"], repeat);
    }
    assert_eq!(
        world.unionpay_state("HANG0003").await,
        "00",
        "the money is still there"
    );
    let again = refund("HANG0003", "100", "HANG0003R2", "100");
    assert_eq!(world.unionpay("refund", again).await["respCode"], "00");
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_told_until_somebody_says_success() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    let refusals = ["failure", "success\n", "\"success\""];
    for refusal in refusals {
        let refusal = Response::new(Bytes::from(refusal));
        world.outside.answers.lock().unwrap().push_back(refusal);
    }
    paid_by_scan(&world, "TOLD0001").await;
    world.wait(1).await;
    for (seconds, sent) in [(0, 1), (60, 2), (120, 3), (240, 4), (86_400, 4)] {
        world.wait(seconds).await;
        assert_eq!(count(&world), sent);
    }
    let query = json!({"orderNo": "TOLD0001"});
    let asked = world.unionpay("queryOrder", query).await;
    let seen = world.outside.seen.lock().unwrap();
    assert_eq!(seen[0].uri(), "http://127.0.0.1:8080/n/7");
    assert_eq!(
        seen[0].headers()["content-type"],
        "application/json;charset=UTF-8"
    );
    assert_eq!(seen[0].body(), seen[3].body(), "the same bytes again");
    let told: Value = serde_json::from_slice(seen[0].body()).unwrap();
    assert!(world.is_unionpays(&told));
    assert_eq!(
        (&told["respCode"], &told["txnAmt"]),
        (&json!("00"), &json!("1000"))
    );
    for name in [
        "orderNo",
        "transIndex",
        "userId",
        "cardAttr",
        "payTime",
        "settleAmt",
        "merId",
    ] {
        assert!(
            told[name].is_string() && told[name] == asked[name],
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn five_sendings_are_enough() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "failure".into();
    paid_by_scan(&world, "TOLD0002").await;
    world.wait(86_400).await;
    assert_eq!(count(&world), 5);
    let body = r#"{"out_trade_no":"TOLD0002","wrong_signature":true}"#;
    world.control("POST", "/control/notify", body).await;
    let seen = world.outside.seen.lock().unwrap();
    let told: Value = serde_json::from_slice(seen[5].body()).unwrap();
    assert!(told["signature"].is_string() && !world.is_unionpays(&told));
}

#[tokio::test(start_paused = true)]
async fn payments_with_codes_tell_whoever_named_an_address() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    world.unionpay("micropay", pay("TOLD0003", "01", "1")).await;
    let address = [("backUrl", json!("http://127.0.0.1:8080/n/8"))];
    world
        .unionpay_with("micropay", pay("TOLD0004", "01", "1"), &address)
        .await;
    world
        .unionpay("refund", refund("TOLD0004", "1", "TOLD0004R", "1"))
        .await;
    world.wait(10).await;
    assert_eq!(count(&world), 1, "and of refunds nobody");
}

#[tokio::test(start_paused = true)]
async fn faults_shape_the_answer_not_the_work() {
    let world = World::new();
    for (index, (name, state)) in [
        ("silent_before", "34"),
        ("http_500", "34"),
        ("silent_after", "00"),
        ("cut_answer", "00"),
        ("wrong_signature", "00"),
        ("slow", "00"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = format!("FAULT00{index}");
        fault(
            &world,
            json!({"channel": "unionpay", "verb": "pay", "fault": name, "count": 1}),
        )
        .await;
        let body = world.unionpay_body(pay(&number, "01", "1"), &[]);
        let answer = world.unionpay_send("micropay", body).await;
        let proper =
            serde_json::from_str::<Value>(&answer.body).is_ok_and(|told| world.is_unionpays(&told));
        assert_eq!(proper, name == "slow", "{name}");
        assert_eq!(world.unionpay_state(&number).await, state, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn money_can_come_after_a_close_and_goes_back() {
    let world = World::new();
    for (number, verb) in [("LATE1001", "close"), ("LATE1002", "reverse")] {
        fault(
            &world,
            json!({"channel": "unionpay", "verb": verb, "fault": "late_success", "count": 1}),
        )
        .await;
        world.unionpay("micropay", pay(number, "91", "100")).await;
        let close = json!({"orderNo": number});
        assert_eq!(
            world.unionpay("closeOrder", close.clone()).await["respCode"],
            "00"
        );
        assert_eq!(world.unionpay_state(number).await, "04");
        world.wait(1).await;
        assert_eq!(world.unionpay_state(number).await, "00", "{verb}");
        assert_eq!(world.unionpay("closeOrder", close).await["respCode"], "39");
        let back = refund(number, "100", &format!("{number}R"), "100");
        assert_eq!(world.unionpay("refund", back).await["respCode"], "00");
        assert_eq!(world.order(number).await["charged_fen"], 0);
    }
    fault(
        &world,
        json!({"channel": "unionpay", "fault": "early_close_refused"}),
    )
    .await;
    world
        .unionpay("unifiedorder", prepay("EARLY001", "5", None))
        .await;
    let close = json!({"orderNo": "EARLY001"});
    assert_eq!(
        world.unionpay("closeOrder", close.clone()).await["respCode"],
        "39"
    );
    world.wait(300).await;
    assert_eq!(world.unionpay("closeOrder", close).await["respCode"], "00");
}

#[tokio::test(start_paused = true)]
async fn notifications_can_come_early_twice_or_never() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    for (number, name, at_once, later) in [
        ("NEWS0001", "early_notifications", 1, 1),
        ("NEWS0002", "duplicate_notifications", 0, 2),
        ("NEWS0003", "no_notifications", 0, 0),
    ] {
        fault(
            &world,
            json!({"channel": "unionpay", "fault": name, "count": 1}),
        )
        .await;
        let before = count(&world);
        paid_by_scan(&world, number).await;
        assert_eq!(count(&world) - before, at_once, "{name}");
        world.wait(60).await;
        assert_eq!(count(&world) - before, later, "{name}");
    }
}
