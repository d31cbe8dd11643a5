//! What Alipay tells of a trade and its payer, and the members of a trade that are only checked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::World;

const NOTIFY: (&str, &str) = ("notify_url", "http://127.0.0.1:8080/n/3");

fn trade(number: &str, more: &Value) -> Value {
    let mut content = json!({
        "out_trade_no": number, "subject": "茶", "total_amount": "0.04", "body": "two cups",
        "goods_detail": [
            {"goods_id": "CY000000", "goods_name": "促销单品-01", "quantity": 1, "price": "0.02"},
            {"goods_id": "CY000001", "goods_name": "促销单品-02", "quantity": "1", "price": 0.02},
        ],
        "promo_params": {"actual_order_time": "2026-01-01 10:00:00"},
        "disable_pay_channels": "pcredit,credit_group",
    });
    for (name, value) in more.as_object().unwrap() {
        content[name] = value.clone();
    }
    content
}

fn last_notification(world: &World) -> BTreeMap<String, String> {
    let seen = world.outside.seen.lock().unwrap();
    form_urlencoded::parse(seen.last().unwrap().body())
        .into_owned()
        .collect()
}

#[tokio::test(start_paused = true)]
async fn answer_query_and_notification_name_the_payer_and_the_funds() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    let shown = json!({"scene": "bar_code", "auth_code": "284214903060794701"});
    let paid = world
        .alipay_with("alipay.trade.pay", trade("T1", &shown), &[NOTIFY])
        .await;
    assert_eq!(paid["code"], "10000", "{paid}");
    let seen = world
        .alipay("alipay.trade.query", json!({"out_trade_no": "T1"}))
        .await;
    for told in [&paid, &seen] {
        assert_eq!(told["buyer_logon_id"], "159****5620");
        let buyer = told["buyer_user_id"].as_str().unwrap();
        assert!(buyer.starts_with("2088") && buyer.len() == 16);
        assert_eq!(told["fund_bill_list"][0]["amount"], "0.04");
        assert!(told["fund_bill_list"][0]["fund_channel"].is_string());
        for name in [
            "total_amount",
            "receipt_amount",
            "buyer_pay_amount",
            "invoice_amount",
        ] {
            assert_eq!(told[name], "0.04", "{name}");
        }
    }
    assert!(paid["gmt_payment"].is_string() && seen["send_pay_date"].is_string());
    world.wait(1).await;
    let told = last_notification(&world);
    for (name, value) in [
        ("trade_status", "TRADE_SUCCESS"),
        ("buyer_logon_id", "159****5620"),
        ("buyer_id", paid["buyer_user_id"].as_str().unwrap()),
        ("trade_no", paid["trade_no"].as_str().unwrap()),
        ("body", "two cups"),
        ("invoice_amount", "0.04"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    let funds: Value = serde_json::from_str(&told["fund_bill_list"]).unwrap();
    assert_eq!(
        funds,
        json!([{"amount": "0.04", "fundChannel": paid["fund_bill_list"][0]["fund_channel"]}])
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_is_scanned_and_tells_the_same() {
    let world = World::new();
    *world.outside.default.lock().unwrap() = "success".into();
    let made = world
        .alipay_with("alipay.trade.precreate", trade("T2", &json!({})), &[NOTIFY])
        .await;
    let code = made["qr_code"].as_str().unwrap();
    assert!(code.starts_with("https://qr.alipay.com/"));
    let pay = json!({"code": code}).to_string();
    let paid = world.control("POST", "/control/pay", &pay).await.json();
    assert_eq!(paid["state"], "TRADE_SUCCESS");
    let seen = world
        .alipay("alipay.trade.query", json!({"out_trade_no": "T2"}))
        .await;
    assert_eq!(seen["trade_no"], paid["transaction_id"]);
    assert!(seen["buyer_user_id"].is_string() && seen["fund_bill_list"].is_array());
    world.wait(1).await;
    assert_eq!(
        last_notification(&world)["buyer_id"],
        seen["buyer_user_id"].as_str().unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn a_payer_can_be_named_by_how_they_sign_in() {
    let world = World::new();
    let create = async |number: &str, payer: Value| {
        world
            .alipay("alipay.trade.create", trade(number, &payer))
            .await
    };
    let by_name = create("T3", json!({"buyer_logon_id": "13800000001"})).await;
    let pay = json!({"code": by_name["trade_no"]}).to_string();
    world.control("POST", "/control/pay", &pay).await;
    let seen = world
        .alipay("alipay.trade.query", json!({"out_trade_no": "T3"}))
        .await;
    assert_eq!(seen["buyer_logon_id"], "138****0001");
    assert!(seen["buyer_user_id"].as_str().unwrap().starts_with("2088"));
    let both = json!({"buyer_id": "2088822494420001", "buyer_logon_id": "13800000001"});
    create("T4", both).await;
    let order = world.order("T4").await;
    assert_eq!(order["openid"], "2088822494420001", "the id wins");
    let nobody = create("T5", json!({})).await;
    assert_eq!(nobody["sub_code"], "ACQ.INVALID_PARAMETER");
}

#[tokio::test(start_paused = true)]
async fn malformed_members_are_refused() {
    let world = World::new();
    for more in [
        json!({"goods_detail": "tea"}),
        json!({"goods_detail": [{"goods_id": "A", "goods_name": "tea", "quantity": 0, "price": "1"}]}),
        json!({"goods_detail": [{"goods_id": "A", "goods_name": "tea", "quantity": 1, "price": "0.001"}]}),
        json!({"goods_detail": [{"goods_id": "A", "quantity": 1, "price": "1"}]}),
        json!({"promo_params": "x"}),
        json!({"enable_pay_channels": "balance"}),
        json!({"disable_pay_channels": "pcredit,"}),
        json!({"disable_pay_channels": 1}),
    ] {
        let refused = world
            .alipay("alipay.trade.precreate", trade("T6", &more))
            .await;
        assert_eq!(refused["sub_code"], "ACQ.INVALID_PARAMETER", "{more}");
    }
    let enabled = json!({"enable_pay_channels": "balance,moneyFund", "disable_pay_channels": ""});
    let made = world
        .alipay("alipay.trade.precreate", trade("T7", &enabled))
        .await;
    assert_eq!(made["code"], "10000", "{made}");
}
