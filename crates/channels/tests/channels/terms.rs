//! What is sold and on which terms, in both channels' words. The whole requests stand in `golden/`.

use heliu_trade::goods::{Goods, SaleTerms, WalletTerms};
use heliu_trade::wallet::{Scene, WalletKind};
use serde_json::{Value, json};

use crate::support::alipay::sent_content;
use crate::support::orders::{Case, terms};
use crate::support::wechat::{Fields, sent_fields};
use crate::support::{Fake, Reply, alipay, run, wechat};

fn micropay(case: &Case) -> Fields {
    let fake = Fake::new([Reply::NoAnswer]);
    run(wechat::channel().pay(&fake, &case.order(), "134567890123456700"));
    sent_fields(&fake.only().body)
}

fn facepay(case: &Case) -> Fields {
    let mut case = case.clone();
    let route = std::sync::Arc::make_mut(&mut case.attempt.route);
    route.scene = Scene::Face;
    "face".clone_into(&mut route.api);
    micropay(&case)
}

fn native(case: &Case) -> Value {
    let fake = Fake::new([Reply::NoAnswer]);
    run(wechat::channel().prepay(&fake, &case.order()));
    serde_json::from_slice(&fake.only().body).expect("JSON")
}

fn stated(terms: SaleTerms) -> Case {
    let mut case = wechat::case("v2", Scene::Barcode);
    case.terms = terms;
    case
}

#[test]
fn v2_takes_all_terms_it_has_room_for() {
    let sent = micropay(&stated(terms()));
    for (name, value) in [
        ("goods_tag", "SUMMER"),
        ("limit_pay", "no_credit"),
        ("device_info", "T0001"),
        ("spbill_create_ip", "198.51.100.9"),
        ("version", "1.0"),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    let json = |name: &str| serde_json::from_str::<Value>(&sent[name]).expect("JSON");
    assert_eq!(json("scene_info"), json!({"store_info": {"id": "shop-1"}}));
    assert_eq!(
        json("detail"),
        json!({"goods_detail": [
            {"goods_id": "sku-1", "wxpay_goods_id": "1001", "goods_name": "拿铁 \"大\"",
             "quantity": 2, "price": 3000},
            {"goods_id": "sku-2", "quantity": 1, "price": 2888},
        ]})
    );
    assert!(!sent.contains_key("product_id"), "only v2 NATIVE has it");
    // Face pay has neither of these (channel notes 1.21).
    let face = facepay(&stated(terms()));
    assert!(!face.contains_key("scene_info") && !face.contains_key("version"));
    assert_eq!(face["detail"], sent["detail"]);
}

#[test]
fn a_query_asks_for_the_promotions_of_a_basket() {
    let version = |case: &Case| {
        let fake = Fake::new([Reply::NoAnswer]);
        run(wechat::channel().query(&fake, &case.order()));
        sent_fields(&fake.only().body).remove("version")
    };
    assert_eq!(version(&stated(terms())).as_deref(), Some("1.0"));
    assert_eq!(version(&stated(SaleTerms::default())), None);
}

#[test]
fn v3_takes_all_terms_it_has_room_for() {
    let case = wechat::case("v3", Scene::Native).with_terms();
    let sent = native(&case);
    assert_eq!(sent["goods_tag"], "SUMMER");
    assert_eq!(sent["limit_pay"], json!(["no_credit"]));
    assert_eq!(
        sent["scene_info"],
        json!({"payer_client_ip": "198.51.100.9", "device_id": "T0001",
               "store_info": {"id": "shop-1"}})
    );
    assert_eq!(
        sent["detail"],
        json!({"goods_detail": [
            {"merchant_goods_id": "sku-1", "wechatpay_goods_id": "1001",
             "goods_name": "拿铁 \"大\"", "quantity": 2, "unit_price": 3000},
            {"merchant_goods_id": "sku-2", "quantity": 1, "unit_price": 2888},
        ]})
    );
    assert!(sent.get("product_id").is_none() && !sent.to_string().contains("null"));
}

#[test]
fn alipay_takes_all_terms_it_has_room_for() {
    let fake = Fake::new([Reply::NoAnswer]);
    let case = alipay::case("pay").with_terms();
    run(alipay::channel().pay(&fake, &case.order(), "284567890123456700"));
    let sent = sent_content(&fake.only());
    assert_eq!(sent["store_id"], "shop-1");
    assert_eq!(sent["terminal_id"], "T0001");
    assert_eq!(sent["disable_pay_channels"], "credit_group");
    assert_eq!(
        sent["goods_detail"],
        json!([
            {"goods_id": "sku-1", "alipay_goods_id": "1001", "goods_name": "拿铁 \"大\"",
             "quantity": 2, "price": "30.00"},
            {"goods_id": "sku-2", "goods_name": "sku-2", "quantity": 1, "price": "28.88"},
        ])
    );
}

/// What a merchant states in a wallet's own words goes to that wallet as it is, and to no other.
#[test]
fn alipays_own_members_are_handed_on_and_say_nobody_else() {
    let stated_terms = SaleTerms {
        wallet_terms: Some(WalletTerms {
            wallet: WalletKind::Alipay,
            members: [
                ("business_params", r#"{"table":"7","amount":1.10}"#),
                ("goods_detail", r#"[{"goods_id":"theirs"}]"#),
                (
                    "extend_params",
                    r#"{"food_order_type":"qr_order","sys_service_provider_id":"other"}"#,
                ),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        }),
        ..terms()
    };
    let sent_with = |case: Case| {
        let fake = Fake::new([Reply::NoAnswer]);
        let case = Case {
            terms: stated_terms.clone(),
            ..case
        };
        run(alipay::channel().pay(&fake, &case.order(), "284567890123456700"));
        sent_content(&fake.only())
    };
    let sent = sent_with(alipay::case("pay").setting("isv_pid", "2088511833207846"));
    assert_eq!(
        sent["business_params"],
        json!({"table": "7", "amount": 1.10})
    );
    assert_eq!(sent["goods_detail"], json!([{"goods_id": "theirs"}]));
    let expected =
        json!({"food_order_type": "qr_order", "sys_service_provider_id": "2088511833207846"});
    assert_eq!(sent["extend_params"], expected, "who we are is ours to say");
    assert_eq!(sent["store_id"], "shop-1");

    let wechat = micropay(&stated(stated_terms));
    assert!(wechat["detail"].contains("sku-1"), "{wechat:?}");
    assert!(!wechat.contains_key("business_params") && !wechat.contains_key("extend_params"));
}

#[test]
fn what_has_no_room_is_left_out_whole() {
    let long = || Some("x".repeat(33));
    let sent = micropay(&stated(SaleTerms {
        goods_tag: long(),
        shop_id: long(),
        terminal_id: long(),
        terminal_ip: Some("till 7".to_owned()),
        ..SaleTerms::default()
    }));
    assert_eq!(sent["spbill_create_ip"], "203.0.113.7");
    for name in ["goods_tag", "scene_info", "device_info"] {
        assert!(!sent.contains_key(name), "{name}");
    }
    let goods = |number: usize| Goods {
        goods_id: format!("sku-{number:028}"),
        wallet_goods_id: long(),
        name: Some("茶".repeat(300)),
        quantity: 1,
        price_fen: 1,
    };
    let basket = |count: usize| {
        micropay(&stated(SaleTerms {
            goods: (0..count).map(goods).collect(),
            ..SaleTerms::default()
        }))
    };
    let one = basket(1);
    assert!(!one["detail"].contains("wxpay_goods_id"));
    assert!(one["detail"].contains(&"茶".repeat(85)) && !one["detail"].contains(&"茶".repeat(86)));
    for odd in ["", "拿铁", "a b", "a.b", &"x".repeat(33)] {
        let mut odd_basket = terms();
        odd_basket.goods[1].goods_id = odd.to_owned();
        let sent = micropay(&stated(odd_basket));
        assert!(!sent.contains_key("detail"), "{odd}");
        assert_eq!(sent["goods_tag"], "SUMMER");
    }
    let many = basket(100);
    assert!(
        !many.contains_key("detail") && !many.contains_key("version"),
        "a basket of over 6000 characters"
    );
}

#[test]
fn without_terms_nothing_is_added() {
    let sent = micropay(&stated(SaleTerms::default()));
    for name in [
        "goods_tag",
        "detail",
        "version",
        "limit_pay",
        "device_info",
        "scene_info",
    ] {
        assert!(!sent.contains_key(name), "{name}");
    }
}
