//! The promotion of `CY_PROMOTION_001`: on every way to pay, in answers, queries, notifications and
//! refunds.

use serde_json::{Value, json};

use crate::world::{World, from_xml};

const TAG: (&str, &str) = ("goods_tag", "CY_PROMOTION_001");
const TWO_OF_ONE: &str = r#"{"goods_detail":[{"goods_id":"CY000000","goods_name":"促销单品-01","quantity":1,"price":2},{"goods_id":"CY000001","goods_name":"促销单品-02","quantity":1,"price":2}]}"#;
/// Byte for byte what merchants' vectors carry.
const TOLD: &str = r#"{"promotion_detail":[{"promotion_id":"6348960001","name":"满4减2分","scope":"SINGLE","type":"DISCOUNT","amount":2,"activity_id":"9447001","wxpay_contribute":0,"merchant_contribute":2,"other_contribute":0,"goods_detail":[{"goods_id":"CY000000","quantity":1,"price":2,"discount_amount":1,"goods_remark":"单品券活动No.002"},{"goods_id":"CY000001","quantity":1,"price":2,"discount_amount":1,"goods_remark":"单品券活动No.002"}]}]}"#;

async fn micropay(
    world: &World,
    number: &str,
    fen: &str,
    detail: &str,
) -> std::collections::BTreeMap<String, String> {
    let mut fields = World::micropay_fields(number, "134567890123456701", fen).to_vec();
    fields.extend([TAG, ("detail", detail)]);
    world.v2("/pay/micropay", &fields).await
}

#[tokio::test(start_paused = true)]
async fn two_fen_come_off_the_goods_and_refunds_are_split() {
    let world = World::new();
    let paid = micropay(&world, "P1", "4", TWO_OF_ONE).await;
    let seen = world.query("P1").await;
    for told in [&paid, &seen] {
        assert_eq!(told["promotion_detail"], TOLD);
        for (name, value) in [
            ("total_fee", "4"),
            ("cash_fee", "2"),
            ("coupon_fee", "2"),
            ("settlement_total_fee", "2"),
            ("coupon_count", "1"),
            ("coupon_id_0", "6348960001"),
            ("coupon_fee_0", "2"),
        ] {
            assert_eq!(told[name], value, "{name}");
        }
    }
    micropay(&world, "P8", "8", TWO_OF_ONE).await;
    let refund = [
        ("out_trade_no", "P8"),
        ("out_refund_no", "PR8"),
        ("total_fee", "8"),
        ("refund_fee", "2"),
    ];
    let refunded = world.v2("/secapi/pay/refund", &refund).await;
    assert_eq!(
        (
            refunded["cash_refund_fee"].as_str(),
            refunded["coupon_refund_fee"].as_str()
        ),
        ("1", "1")
    );
    let look = format!(
        "/v3/refund/domestic/refunds/PR8?sub_mchid={}",
        world.wechat.sub_mchid
    );
    let object = world.v3("GET", &look, "", 0).await.json();
    assert_eq!(object["amount"]["discount_refund"], 1);
    assert_eq!(object["promotion_detail"][0]["promotion_id"], "6348960001");
}

#[tokio::test(start_paused = true)]
async fn other_baskets_are_spread_or_the_whole_order_is_meant() {
    let world = World::new();
    for (number, fen, goods, expected) in [
        (
            "B1",
            "4",
            json!([{"goods_id":"A","quantity":2,"price":2}]),
            json!([1]),
        ),
        (
            "B2",
            "5",
            json!([{"goods_id":"A","quantity":1,"price":5}]),
            json!([2]),
        ),
        (
            "B3",
            "9",
            json!([{"goods_id":"A","quantity":3,"price":3}]),
            Value::Null,
        ),
        ("B4", "9", json!([]), Value::Null),
    ] {
        let detail = json!({"goods_detail": goods}).to_string();
        let paid = micropay(&world, number, fen, &detail).await;
        assert_eq!(paid["coupon_fee"], "2", "{number}");
        let told: Value = serde_json::from_str(&paid["promotion_detail"]).unwrap();
        let promotion = &told["promotion_detail"][0];
        let off: Option<Value> = promotion["goods_detail"].as_array().map(|lines| {
            lines
                .iter()
                .map(|line| line["discount_amount"].clone())
                .collect()
        });
        assert_eq!(off.unwrap_or_default(), expected, "{number}");
        let scope = if expected.is_null() {
            "GLOBAL"
        } else {
            "SINGLE"
        };
        assert_eq!(promotion["scope"], scope, "{number}");
        assert_eq!(promotion["merchant_contribute"], 2);
    }
    let nothing = micropay(&world, "B5", "2", TWO_OF_ONE).await;
    assert!(!nothing.contains_key("coupon_fee") && !nothing.contains_key("promotion_detail"));
    let whole = world.micropay("B6", "134567890123456798", "100").await;
    assert!(
        whole["promotion_detail"].contains("GLOBAL"),
        "98 is as it was"
    );
    for detail in [
        r#"{"goods_detail":[{"goods_id":"A","quantity":0,"price":2}]}"#,
        r#"{"goods_detail":[{"goods_id":"A B","quantity":1,"price":2}]}"#,
        r#"{"goods_detail":{"goods_id":"A","quantity":1,"price":2}}"#,
        r#"[{"goods_id":"A","quantity":1,"price":2}]"#,
    ] {
        let refused = micropay(&world, "B7", "4", detail).await;
        assert_eq!(refused["err_code"], "PARAM_ERROR", "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_face_and_every_v2_prepay_take_part() {
    let world = World::new();
    *world.outside.default.lock().unwrap() =
        "<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>".into();
    let common = [
        ("body", "tea"),
        ("total_fee", "4"),
        ("spbill_create_ip", "127.0.0.1"),
        TAG,
        ("detail", TWO_OF_ONE),
        ("limit_pay", "no_credit"),
        ("device_info", "till-1"),
        ("attach", "table 12"),
        ("time_start", "20260101100000"),
        ("time_expire", "20260101100500"),
    ];
    let mut fields = common.to_vec();
    fields.extend([
        ("out_trade_no", "FACE1"),
        ("fee_type", "CNY"),
        ("face_code", "120061098828009406"),
    ]);
    let (paid, _) = world.v2_raw("/pay/facepay", &fields, true).await;
    assert_eq!(paid["promotion_detail"], TOLD);
    for (number, trade_type) in [("U1", "JSAPI"), ("U2", "NATIVE"), ("U3", "APP")] {
        let mut fields = common.to_vec();
        fields.extend([
            ("out_trade_no", number),
            ("trade_type", trade_type),
            ("notify_url", "http://127.0.0.1:8080/n/2"),
            ("product_id", "p-1"),
            ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        ]);
        let made = world.v2("/pay/unifiedorder", &fields).await;
        assert_eq!(made["trade_type"], trade_type);
        let code = made.get("code_url").unwrap_or(&made["prepay_id"]);
        assert_eq!(
            code.starts_with("weixin://wxpay/bizpayurl?pr="),
            trade_type == "NATIVE"
        );
        let pay = json!({"code": code}).to_string();
        let told = world.control("POST", "/control/pay", &pay).await.json();
        assert_eq!(told["discount_fen"], 2, "{trade_type}");
        let seen = world.query(number).await;
        assert_eq!(seen["promotion_detail"], TOLD);
        assert_eq!(
            (seen["trade_type"].as_str(), seen["cash_fee"].as_str()),
            (trade_type, "2")
        );
    }
    world.wait(1).await;
    let seen = world.outside.seen.lock().unwrap();
    assert_eq!(seen.len(), 3, "a face is not notified");
    for notification in seen.iter() {
        let fields = from_xml(std::str::from_utf8(notification.body()).unwrap());
        assert_eq!(fields["promotion_detail"], TOLD);
        assert_eq!(
            (fields["total_fee"].as_str(), fields["coupon_fee"].as_str()),
            ("4", "2")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn v3_says_it_in_its_own_words() {
    let world = World::new();
    let native = "/v3/pay/partner/transactions/native";
    let mut body = json!({
        "sp_appid": world.wechat.sp_appid, "sp_mchid": world.wechat.sp_mchid, "sub_mchid": world.wechat.sub_mchid,
        "description": "tea", "out_trade_no": "V3PROMO", "notify_url": "http://127.0.0.1:8080/n/1",
        "amount": {"total": 4}, "goods_tag": "CY_PROMOTION_001",
        "detail": {"goods_detail": [
            {"merchant_goods_id": "CY000000", "quantity": 1, "unit_price": 2},
            {"merchant_goods_id": "CY000001", "quantity": 1, "unit_price": 2},
        ]},
    });
    let made = world.v3("POST", native, &body.to_string(), 0).await.json();
    let pay = json!({"code": made["code_url"]}).to_string();
    world.control("POST", "/control/pay", &pay).await;
    let look = format!(
        "/v3/pay/partner/transactions/out-trade-no/V3PROMO?sp_mchid={}&sub_mchid={}",
        world.wechat.sp_mchid, world.wechat.sub_mchid
    );
    let seen = world.v3("GET", &look, "", 0).await.json();
    assert_eq!(seen["amount"]["payer_total"], 2);
    assert_eq!(
        seen["promotion_detail"],
        json!([{
            "coupon_id": "6348960001", "name": "满4减2分", "scope": "SINGLE", "type": "NOCASH", "amount": 2,
            "stock_id": "9447001", "wechatpay_contribute": 0, "merchant_contribute": 2, "other_contribute": 0,
            "currency": "CNY", "goods_detail": [
                {"goods_id": "CY000000", "quantity": 1, "unit_price": 2, "discount_amount": 1, "goods_remark": "单品券活动No.002"},
                {"goods_id": "CY000001", "quantity": 1, "unit_price": 2, "discount_amount": 1, "goods_remark": "单品券活动No.002"},
            ],
        }])
    );
    body["out_trade_no"] = json!("V3PROMO2");
    body["detail"] = json!({"goods_detail": [{"goods_id": "A", "quantity": 1, "price": 2}]});
    let refused = world.v3("POST", native, &body.to_string(), 0).await;
    assert_eq!(refused.json()["code"], "PARAM_ERROR", "v2's words");
}
