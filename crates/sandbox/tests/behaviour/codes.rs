//! `/control/codes`: every effect for exactly one code, of either wallet and of a face.

use serde_json::{Value, json};

use crate::world::World;

/// Digits that mean "pays", so that whatever else happens was set.
const WECHAT: &str = "134567890123456789";
const ALIPAY: &str = "284214903060794755";
const FACE: &str = "120061098828009406";

async fn set(world: &World, body: Value) -> Value {
    let answer = world
        .control("POST", "/control/codes", &body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn alipay(world: &World, number: &str) -> Value {
    let content = json!({
        "out_trade_no": number, "scene": "bar_code", "auth_code": ALIPAY, "subject": "tea", "total_amount": "1.00",
    });
    world.alipay("alipay.trade.pay", content).await
}

async fn face(world: &World, number: &str) -> std::collections::BTreeMap<String, String> {
    let fields = [
        ("body", "tea"),
        ("out_trade_no", number),
        ("total_fee", "100"),
        ("fee_type", "CNY"),
        ("spbill_create_ip", "127.0.0.1"),
        ("face_code", FACE),
    ];
    world.v2_raw("/pay/facepay", &fields, true).await.0
}

#[tokio::test(start_paused = true)]
async fn definite_effects_reach_all_three() {
    let world = World::new();
    for (index, (effect, wechat, alipay_code)) in [
        (
            "not_enough_money",
            "NOTENOUGH",
            "ACQ.BUYER_BALANCE_NOT_ENOUGH",
        ),
        (
            "code_expired",
            "AUTHCODEEXPIRE",
            "ACQ.SOUNDWAVE_PARSER_FAIL",
        ),
        (
            "system_error_but_paid",
            "SYSTEMERROR",
            "aop.ACQ.SYSTEM_ERROR",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        for code in [WECHAT, ALIPAY, FACE] {
            let told = set(&world, json!({"code": code, "effect": effect})).await;
            assert_eq!(told["effect"], effect);
        }
        let paper = world.micropay(&format!("W{index}"), WECHAT, "100").await;
        assert_eq!(paper["err_code"], wechat);
        assert_eq!(face(&world, &format!("F{index}")).await["err_code"], wechat);
        let refused = alipay(&world, &format!("A{index}")).await;
        assert_eq!(refused["sub_code"], alipay_code);
    }
}

#[tokio::test(start_paused = true)]
async fn a_payer_confirms_after_as_long_as_was_set() {
    let world = World::new();
    for (name, effect, ms, before, after) in [
        (
            "C",
            "confirms_later",
            json!(90_000),
            "USERPAYING",
            "SUCCESS",
        ),
        (
            "D",
            "declines_later",
            json!(90_000),
            "USERPAYING",
            "PAYERROR",
        ),
        (
            "N",
            "never_confirms",
            Value::Null,
            "USERPAYING",
            "USERPAYING",
        ),
    ] {
        for code in [WECHAT, ALIPAY, FACE] {
            set(&world, json!({"code": code, "effect": effect, "ms": ms})).await;
        }
        let (paper, shown, trade) = (format!("{name}W"), format!("{name}F"), format!("{name}A"));
        world.micropay(&paper, WECHAT, "100").await;
        assert_eq!(face(&world, &shown).await["err_code"], "USERPAYING");
        assert_eq!(alipay(&world, &trade).await["code"], "10003");
        world.wait(89).await;
        for number in [&paper, &shown] {
            assert_eq!(world.order(number).await["state"], before);
        }
        world.wait(1).await;
        for number in [&paper, &shown] {
            assert_eq!(world.order(number).await["state"], after, "{effect}");
        }
        let state = world.order(&trade).await["state"].clone();
        let expected = match after {
            "SUCCESS" => "TRADE_SUCCESS",
            "PAYERROR" => "TRADE_CLOSED",
            _ => "WAIT_BUYER_PAY",
        };
        assert_eq!(state, expected, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_discount_is_as_large_as_was_set() {
    let world = World::new();
    for code in [WECHAT, ALIPAY, FACE] {
        let body = json!({"code": code, "effect": "pays_with_discount", "discount_fen": 7});
        assert_eq!(set(&world, body).await["discount_fen"], 7);
    }
    let paid = world.micropay("DW", WECHAT, "100").await;
    assert_eq!(
        (paid["coupon_fee"].as_str(), paid["cash_fee"].as_str()),
        ("7", "93")
    );
    assert_eq!(face(&world, "DF").await["coupon_fee"], "7");
    let trade = alipay(&world, "DA").await;
    assert_eq!(
        (&trade["receipt_amount"], &trade["total_amount"]),
        (&json!("0.93"), &json!("1.00"))
    );
    let small = world.micropay("DS", WECHAT, "3").await;
    assert_eq!(small["cash_fee"], "1", "never down to nothing");
    let late = json!({"code": WECHAT, "effect": "confirms_later", "ms": 1000, "discount_fen": 8});
    set(&world, late).await;
    world.micropay("DL", WECHAT, "100").await;
    world.wait(1).await;
    assert_eq!(world.query("DL").await["coupon_fee"], "8");
    set(&world, json!({"code": WECHAT, "digits": "98"})).await;
    assert_eq!(
        world.micropay("DT", WECHAT, "100").await["coupon_fee"],
        "10"
    );
}

#[tokio::test(start_paused = true)]
async fn silence_and_a_wrong_signature_can_be_set_too() {
    let world = World::new();
    for (number, effect, state) in [
        ("S1", "silent_but_paid", Some("SUCCESS")),
        ("S2", "silent_and_lost", None),
        ("S3", "wrong_signature_but_paid", Some("SUCCESS")),
    ] {
        set(&world, json!({"code": FACE, "effect": effect})).await;
        let answer = face(&world, number).await;
        let key = &world.wechat.api_v2_key;
        let proper = answer.get("sign") == Some(&crate::world::v2_sign(&answer, key, true));
        assert!(!proper, "{effect}");
        assert_eq!(world.order(number).await["state"].as_str(), state);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_set_is_listed_cleared_and_checked() {
    let world = World::new();
    let told = set(&world, json!({"code": FACE, "digits": "91"})).await;
    let expected =
        json!({"code": FACE, "effect": "never_confirms", "ms": null, "discount_fen": null});
    assert_eq!(
        (&told["digits"], &told["effect"]),
        (&json!("91"), &expected["effect"])
    );
    let listed = world.control("GET", "/control/codes", "").await.json();
    assert_eq!(listed["codes"], json!([expected]));
    let cleared = world.control("DELETE", "/control/codes", "").await.json();
    assert_eq!(cleared, json!({"cleared": 1, "codes": []}));
    assert_eq!(face(&world, "X1").await["result_code"], "SUCCESS");
    for bad in [
        json!({"code": FACE}),
        json!({"code": FACE, "digits": "9"}),
        json!({"code": FACE, "digits": "91", "effect": "pays"}),
        json!({"code": FACE, "effect": "flies"}),
        json!({"code": FACE, "effect": "pays", "ms": 5}),
        json!({"code": FACE, "effect": "pays", "discount_fen": 0}),
        json!({"code": "", "effect": "pays"}),
    ] {
        let answer = world
            .control("POST", "/control/codes", &bad.to_string())
            .await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}
