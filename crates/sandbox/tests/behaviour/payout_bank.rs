//! The bank that pays out: its cards, its signature, and that a number pays once.

use aws_lc_rs::hmac;
use axum::body::Body;
use heliu_sandbox::upstreams::payout_bank::PayoutBankAccount;
use http::Request;
use serde_json::{Value, json};

use crate::world::{Answer, START_MS, World};

const PATH: &str = "/payout_bank/v1/payouts";
const TIME: &str = "2026-01-01T10:00:00+08:00";
const DAY_S: u64 = 86_400;

fn hmac_hex(key: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let signed = hmac::sign(&key, text.as_bytes());
    signed
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

fn request(world: &World, method: &str, path: &str, body: &str, time: &str) -> Request<Body> {
    let account: PayoutBankAccount = world.sandbox.portal_keys().account().unwrap();
    let text = format!("{method}\n{path}\n{time}\n{body}");
    Request::builder()
        .method(method)
        .uri(path)
        .header("x-bank-customer", account.customer_no)
        .header("x-bank-time", time)
        .header("x-bank-signature", hmac_hex(&account.hmac_key, &text))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// A signed call at a time; asserts that the answer is signed for it.
async fn call(world: &World, method: &str, path: &str, body: &str, time: &str) -> Answer {
    let request = request(world, method, path, body, time);
    let signature = request.headers()["x-bank-signature"]
        .to_str()
        .unwrap()
        .to_owned();
    let answer = world.send(request).await;
    if answer.status != 504 {
        let account: PayoutBankAccount = world.sandbox.portal_keys().account().unwrap();
        let text = format!("{signature}\n{}\n{}", answer.status.as_u16(), answer.body);
        assert_eq!(
            answer.headers["x-bank-signature"],
            hmac_hex(&account.hmac_key, &text)
        );
    }
    answer
}

fn payout(number: &str, card: &str) -> Value {
    json!({
        "request_no": number, "amount_fen": 8377, "account_no": card, "holder": "测试法人",
        "holder_kind": "person", "clearing_no": "", "bank_name": "", "remark": "",
    })
}

async fn pay(world: &World, number: &str, card: &str) -> Answer {
    let body = payout(number, card).to_string();
    call(world, "POST", PATH, &body, TIME).await
}

async fn ask(world: &World, number: &str, time: &str) -> Value {
    let path = format!("{PATH}/{number}");
    call(world, "GET", &path, "", time).await.json()
}

async fn seen(world: &World, number: &str) -> Value {
    let path = format!("/control/transfers?channel=payout_bank&request_no={number}");
    world.control("GET", &path, "").await.json()["requests"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn test_cards_pay_or_fail_by_two_digits() {
    let world = World::new();
    for (at, (card, state, text)) in [
        ("6200000000000000018", "paid", ""),
        ("6222021234567890128", "paid", ""),
        ("6200000000000000844", "paid", "有缺陷的成功"),
        ("6200000000000000703", "failed", "持卡人身份信息验证失败"),
        (
            "6200000000000000711",
            "failed",
            "输入的卡号无效,请确认后输入[1000014]",
        ),
        ("6200000000000000794", "failed", "非本行帐户"),
        ("6200000000000000810", "processing", ""),
        (
            "6222021234567890123",
            "failed",
            "输入的卡号无效,请确认后输入[1000014]",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let number = format!("R000000{at}");
        let told = pay(&world, &number, card).await.json();
        assert_eq!(
            (&told["state"], &told["text"]),
            (&json!(state), &json!(text))
        );
        assert_eq!(ask(&world, &number, TIME).await, told);
        let paid_fen = if state == "paid" { 8377 } else { 0 };
        assert_eq!(seen(&world, &number).await["paid_fen"], paid_fen);
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_pays_once_whatever_comes_again() {
    let world = World::new();
    let first = pay(&world, "R0000001", "6200000000000000018").await.json();
    assert_eq!(
        pay(&world, "R0000001", "6200000000000000018").await.json(),
        first
    );
    let other = pay(&world, "R0000001", "6222021234567890128").await;
    assert_eq!(other.status, 409);
    assert_eq!(other.json()["error"], "NUMBER_TAKEN");
    let seen = seen(&world, "R0000001").await;
    assert_eq!(seen["paid_fen"], 8377);
    let told: Vec<&str> = seen["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["told"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["paid", "paid", "number taken"]);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_payment_or_none() {
    let world = World::new();
    assert_eq!(
        pay(&world, "R0000080", "6200000000000000802").await.status,
        504
    );
    assert_eq!(ask(&world, "R0000080", TIME).await["state"], "paid");
    assert_eq!(
        pay(&world, "R0000082", "6200000000000000828").await.status,
        504
    );
    let lost = ask(&world, "R0000082", TIME).await;
    assert_eq!(lost["error"], "NO_SUCH_REQUEST");
    assert_eq!(lost["request_no"], "R0000082");
    assert_eq!(seen(&world, "R0000082").await["state"], "lost");
    let again = pay(&world, "R0000082", "6200000000000000828").await.json();
    assert_eq!(again["state"], "paid");
    assert_eq!(seen(&world, "R0000082").await["paid_fen"], 8377);
    assert_eq!(seen(&world, "R0000099").await["state"], "never seen");
}

#[tokio::test(start_paused = true)]
async fn the_next_day_ends_what_was_open_and_gives_back_what_was_paid() {
    let world = World::new();
    pay(&world, "R0000081", "6200000000000000810").await;
    let returned = pay(&world, "R0000083", "6200000000000000836").await.json();
    assert_eq!(returned["state"], "paid");
    world.wait(13 * 3_600).await;
    let late = "2026-01-01T23:00:00+08:00";
    assert_eq!(ask(&world, "R0000081", late).await["state"], "processing");
    assert_eq!(ask(&world, "R0000083", late).await["state"], "paid");
    world.wait(DAY_S).await;
    let time = "2026-01-02T23:00:00+08:00";
    let failed = ask(&world, "R0000081", time).await;
    assert_eq!(
        (&failed["state"], &failed["text"]),
        (&json!("failed"), &json!("XF:修复"))
    );
    let returned = ask(&world, "R0000083", time).await;
    assert_eq!(returned["state"], "returned");
    assert_eq!(returned["returned_at"], "2026-01-02T00:00:00+08:00");
    assert_eq!(seen(&world, "R0000083").await["paid_fen"], 0);
    let lines = "/control/transfers/lines?channel=payout_bank&day=2026-01-02";
    let lines = world.control("GET", lines, "").await.json();
    assert_eq!(lines["balance_fen"], 100_000_000);
    assert_eq!(lines["lines"].as_array().unwrap().len(), 1);
    assert_eq!(lines["lines"][0]["amount_fen"], 8377);
    assert_eq!(lines["lines"][0]["at_ms"], START_MS + 14 * 3_600_000);
}

#[tokio::test(start_paused = true)]
async fn the_first_number_of_a_card_may_fail_and_the_second_pay() {
    let world = World::new();
    let first = pay(&world, "R0000001", "6200000000000000851").await.json();
    assert_eq!(first["state"], "failed");
    let second = pay(&world, "R0000002", "6200000000000000851").await.json();
    assert_eq!(second["state"], "paid");
    assert_eq!(ask(&world, "R0000001", TIME).await["state"], "failed");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_paid_from_an_empty_account_until_money_comes_in() {
    let world = World::new();
    let credit = |amount_fen: i64| {
        json!({"channel": "payout_bank", "amount_fen": amount_fen, "text": "渠道结算"}).to_string()
    };
    let left = world
        .control("POST", "/control/transfers/credit", &credit(-100_000_000))
        .await;
    assert_eq!(left.json()["balance_fen"], 0);
    let refused = world
        .control("POST", "/control/transfers/credit", &credit(-1))
        .await;
    assert_eq!(refused.status, 409);
    let told = pay(&world, "R0000001", "6200000000000000018").await.json();
    assert_eq!(told["text"], "付款账户余额不足");
    world
        .control("POST", "/control/transfers/credit", &credit(8377))
        .await;
    let told = pay(&world, "R0000002", "6200000000000000018").await.json();
    assert_eq!(told["state"], "paid");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_named_and_pays_nothing() {
    let world = World::new();
    let body = payout("R0000001", "6200000000000000018").to_string();
    for (mut request, status, error) in [
        (
            request(&world, "POST", PATH, &body, "2026-01-01T10:05:01+08:00"),
            401,
            "TIME",
        ),
        (request(&world, "PUT", PATH, &body, TIME), 405, "METHOD"),
        (
            {
                let mut other = request(&world, "POST", PATH, &body, TIME);
                *other.uri_mut() = "/v1/payouts".parse().unwrap();
                other
            },
            401,
            "SIGNATURE",
        ),
        (
            {
                let mut other = request(&world, "POST", PATH, &body, TIME);
                other
                    .headers_mut()
                    .insert("x-bank-customer", "1".parse().unwrap());
                other
            },
            401,
            "CUSTOMER",
        ),
    ] {
        request.headers_mut().remove("content-type");
        let answer = world.send(request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["error"], error);
        assert!(!answer.headers.contains_key("x-bank-signature"));
    }
    for (member, value, named) in [
        ("amount_fen", json!(0), "amount_fen"),
        ("account_no", json!("12a45"), "account_no"),
        ("holder", json!(""), "holder"),
        ("holder_kind", json!("company"), "clearing_no"),
        ("request_no", json!("R-1"), "request_no"),
        ("tip", json!(1), "tip"),
    ] {
        let mut body = payout("R0000001", "6200000000000000018");
        body[member] = value;
        let answer = call(&world, "POST", PATH, &body.to_string(), TIME).await;
        assert_eq!(answer.status, 400);
        let told = answer.json();
        assert_eq!(told["error"], "MALFORMED");
        assert!(told["message"].as_str().unwrap().contains(named), "{told}");
    }
    assert_eq!(seen(&world, "R0000001").await["state"], "never seen");
    let enrol = world
        .control(
            "POST",
            "/control/sub_merchants",
            "{\"channel\":\"payout_bank\"}",
        )
        .await;
    assert_eq!(enrol.status, 400);
}

#[tokio::test(start_paused = true)]
async fn alipay_transfers_to_the_same_cards() {
    let world = World::new();
    let transfer = |number: &str, card: &str| {
        json!({
            "out_biz_no": number, "trans_amount": "83.77", "order_title": "结算款",
            "product_code": "TRANS_BANKCARD_NO_PWD", "biz_scene": "DIRECT_TRANSFER",
            "payee_info": {
                "identity": card, "identity_type": "BANKCARD_ACCOUNT", "name": "测试法人",
                "bankcard_ext_info": {"account_type": "2"},
            },
        })
    };
    let asked = |number: &str| {
        json!({
            "out_biz_no": number, "product_code": "TRANS_BANKCARD_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
        })
    };
    // No merchant is acted for.
    let own = [("app_auth_token", "")];
    const TRANSFER: &str = "alipay.fund.trans.uni.transfer";
    const QUERY: &str = "alipay.fund.trans.common.query";
    for (number, card, status) in [
        ("T1", "6200000000000000018", "SUCCESS"),
        ("T2", "6200000000000000794", "FAIL"),
        ("T3", "6200000000000000810", "DEALING"),
        ("T4", "6200000000000000836", "SUCCESS"),
    ] {
        let node = world
            .alipay_with(TRANSFER, transfer(number, card), &own)
            .await;
        assert_eq!(node["status"], status, "{node}");
        let node = world.alipay_with(QUERY, asked(number), &own).await;
        assert_eq!(
            (&node["status"], &node["trans_amount"]),
            (&json!(status), &json!("83.77"))
        );
    }
    let node = world.alipay_with(QUERY, asked("T2"), &own).await;
    assert_eq!(node["fail_reason"], "非本行帐户");
    let node = world.alipay_with(QUERY, asked("T9"), &own).await;
    assert_eq!(node["sub_code"], "ORDER_NOT_EXIST");
    let other = transfer("T1", "6222021234567890128");
    let node = world.alipay_with(TRANSFER, other, &own).await;
    assert_eq!(node["sub_code"], "PAYMENT_INFO_INCONSISTENCY");
    world.wait(14 * 3_600).await;
    let node = world.alipay_with(QUERY, asked("T4"), &own).await;
    assert_eq!(node["status"], "REFUND");
    let seen = "/control/transfers?channel=alipay&request_no=T4";
    let seen = world.control("GET", seen, "").await.json();
    assert_eq!(seen["requests"][0]["state"], "returned");
}
