//! Tables of amounts, lengths, forms and presence; what is masked.

use heliu_trade::command::{
    Command, OrderReference, PayerName, PrepayScene, Reference, RefundReference,
};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::OrderNo;
use heliu_trade::life::Life;
use heliu_trade::wallet::WalletKind;

use super::samples::{
    AGENT, GATEWAY, Pairs, at, decode, md5, of_vector, request, signed, text, undecoded, vector,
};

const PAY: &Pairs<'_> = &[
    ("method", "pay"),
    ("mch_id", "m1"),
    ("out_trade_no", "order_1"),
    ("auth_code", "134567890123456789"),
    ("body", "s"),
    ("total_fee", "4"),
];
const REFUND: &Pairs<'_> = &[
    ("method", "refund"),
    ("mch_id", "m1"),
    ("paytype", "WECHAT"),
    ("out_trade_no", "order_1"),
    ("out_refund_no", "r"),
    ("total_fee", "4"),
    ("refund_fee", "4"),
];
const PRE_ORDER: &Pairs<'_> = &[
    ("mch_id", "m1"),
    ("out_trade_no", "order_1"),
    ("body", "s"),
    ("total_fee", "4"),
    ("trade_type", "JSPAY"),
    ("sub_appid", "wx1"),
    ("buyer_id", "o1"),
];
const WECHAT: &str = "/Open/WECHAT_PreOrder";
const ALIPAY: &str = "/Open/ALIPAY_PreOrder";

/// What a request comes to with one field set or, with `None`, left out.
fn read(
    path: &str,
    pairs: &Pairs<'_>,
    field: &str,
    value: Option<&str>,
) -> Result<Command, String> {
    let others = pairs.iter().filter(|(name, _)| *name != field).copied();
    let all: Vec<_> = others.chain(value.map(|value| (field, value))).collect();
    let error = |error: TradeError| error.field.unwrap_or(error.message);
    decode(&signed(path, &all)).command.map_err(error)
}

fn is_refused(path: &str, pairs: &Pairs<'_>, field: &str, value: &str) -> bool {
    match read(path, pairs, field, Some(value)) {
        Ok(_) => false,
        Err(named) => {
            assert_eq!(named, field);
            true
        }
    }
}

#[test]
fn mandatory_fields_are_those_of_the_tables() {
    let tables = [
        (GATEWAY, PAY, &["auth_code"][..]),
        (
            GATEWAY,
            REFUND,
            &["paytype", "out_trade_no", "out_refund_no", "refund_fee"],
        ),
        (WECHAT, PRE_ORDER, &["trade_type", "sub_appid", "buyer_id"]),
        (ALIPAY, PRE_ORDER, &["trade_type", "buyer_id"]),
    ];
    for (path, pairs, own) in tables {
        let common = ["mch_id", "total_fee"];
        for field in own.iter().chain(&common) {
            assert_eq!(
                read(path, pairs, field, None).err().as_deref(),
                Some(*field),
                "{path}"
            );
            let blank = read(path, pairs, field, Some(" \u{3000}"));
            assert_eq!(blank.err().as_deref(), Some(*field), "{path}");
        }
        for field in ["version", "pid"] {
            assert_eq!(
                read(path, pairs, field, Some("")).err().as_deref(),
                Some(field)
            );
        }
    }
    for optional in ["op_user_id", "device_info", "attach", "goods_detail"] {
        assert!(read(GATEWAY, PAY, optional, None).is_ok());
    }
}

#[test]
fn checks_come_in_their_order() {
    let first = |pairs: &Pairs<'_>| {
        let error = decode(&signed(GATEWAY, pairs))
            .command
            .expect_err("refused");
        error.field
    };
    assert_eq!(
        first(&[("version", ""), ("pid", "")]).as_deref(),
        Some("version")
    );
    assert_eq!(first(&[("pid", "")]).as_deref(), Some("pid"));
    assert_eq!(first(&[("method", "")]).as_deref(), Some("method"));
    assert_eq!(first(&[("method", "x")]).as_deref(), Some("method"));
    assert_eq!(first(&[("method", "pay")]).as_deref(), Some("mch_id"));
}

#[test]
fn nobody_is_asked_for_a_key_without_one_agent() {
    for body in [
        "",
        "agent_id=",
        "agent_id=%20",
        "agent_id=1&agent_id=2",
        "agent_id=a%26b",
    ] {
        let undecoded = undecoded(&request(GATEWAY, "", body));
        assert_eq!(undecoded.error.code, ErrorCode::InvalidParameter, "{body}");
        assert_eq!(undecoded.error.field.as_deref(), Some("agent_id"), "{body}");
    }
    for body in [&b"agent_id=1&x=\xff"[..], b"agent_id=1&x=%ff"] {
        let undecoded = undecoded(&request(GATEWAY, "", body.to_vec()));
        assert_eq!(undecoded.error.code, ErrorCode::InvalidParameter);
    }
}

#[test]
fn a_name_that_stands_twice_has_one_value() {
    let hash = "0".repeat(32);
    let body = format!("agent_id={AGENT}&agent_id={AGENT}&mch_id=1&mch_id=2&sign={hash}");
    let error = decode(&request(GATEWAY, "", body))
        .command
        .expect_err("refused");
    assert_eq!(error.field.as_deref(), Some("mch_id"));
    let nul = decode(&signed(GATEWAY, &[("method", "pay"), ("x", "a\0")]));
    assert_eq!(
        nul.command.expect_err("refused").code,
        ErrorCode::InvalidParameter
    );
}

#[test]
fn amounts_are_whole_fen() {
    for (value, fen) in [
        ("1", 1),
        ("007", 7),
        ("9999999999", 9_999_999_999),
        (" 5 ", 5),
    ] {
        let Ok(Command::Pay(pay)) = read(GATEWAY, PAY, "total_fee", Some(value)) else {
            panic!("{value}")
        };
        assert_eq!(pay.order.amount_minor, fen);
    }
    for value in [
        "0",
        "-1",
        "+1",
        "1.0",
        "0.04",
        "1e2",
        "10000000000",
        "1 0",
        "一",
        "0x1",
    ] {
        assert!(is_refused(GATEWAY, PAY, "total_fee", value), "{value}");
        assert!(is_refused(GATEWAY, REFUND, "refund_fee", value), "{value}");
    }
}

#[test]
fn numbers_of_merchants_have_a_form() {
    for value in ["12345", "a_b_c", &"x".repeat(32), "ABCde"] {
        assert!(!is_refused(GATEWAY, PAY, "out_trade_no", value), "{value}");
    }
    for value in ["1234", &"x".repeat(33), "a-bcd", "a bcde", "订单号一二三"] {
        assert!(is_refused(GATEWAY, PAY, "out_trade_no", value), "{value}");
    }
    for value in ["1", "a-b_c|d*e@f", &"x".repeat(32)] {
        assert!(
            !is_refused(GATEWAY, REFUND, "out_refund_no", value),
            "{value}"
        );
    }
    for value in [&*"x".repeat(33), "a b", "a/b", "退"] {
        assert!(
            is_refused(GATEWAY, REFUND, "out_refund_no", value),
            "{value}"
        );
    }
}

#[test]
fn references_keep_their_order_and_foreign_ones_are_no_errors() {
    let query = |pairs: &Pairs<'_>| {
        let common = [
            ("method", "orderquery"),
            ("mch_id", "m"),
            ("paytype", "ANY"),
        ];
        let all = [&common, pairs].concat();
        match decode(&signed(GATEWAY, &all)).command {
            Ok(Command::Query(query)) => Ok(query.order.candidates),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.field),
        }
    };
    let (merchant, platform) = (
        ("out_trade_no", "x y"),
        ("transaction_id", "0000000000000007"),
    );
    let by_merchant = vec![Reference::Merchant("x y".to_owned())];
    let by_platform = vec![Reference::Platform(Some(OrderNo::from_u64(7)))];
    assert_eq!(query(&[merchant, platform]), Ok(by_merchant.clone()));
    assert_eq!(query(&[platform]), Ok(by_platform.clone()));
    assert_eq!(query(&[]), Err(Some("out_trade_no".to_owned())));
    let Ok(Command::Refund(refund)) = read(GATEWAY, REFUND, platform.0, Some(platform.1)) else {
        panic!("no refund")
    };
    assert_eq!(refund.order.candidates, by_platform);

    let refund = |pairs: &Pairs<'_>| {
        let common = [
            ("method", "refundquery"),
            ("mch_id", "m"),
            ("paytype", "WCHAT"),
        ];
        match decode(&signed(GATEWAY, &[&common, pairs].concat())).command {
            Ok(Command::QueryRefund(query)) => query.refund,
            other => panic!("{other:?}"),
        }
    };
    let by_number = ("out_refund_no", "r");
    let foreign = RefundReference::Platform(None);
    assert_eq!(refund(&[by_number, ("refund_id", "7"), merchant]), foreign);
    let by_ours = RefundReference::Merchant("r".to_owned());
    assert_eq!(refund(&[by_number, merchant]), by_ours);
    let of_order = |candidates| {
        RefundReference::OfOrder(OrderReference {
            candidates,
            falls_back: false,
        })
    };
    assert_eq!(refund(&[platform, merchant]), of_order(by_merchant));
    assert_eq!(refund(&[platform]), of_order(by_platform));
}

#[test]
fn only_identifiers_refuse_delimiters() {
    for value in ["a&b", "a=b", "a b", "a\"b", "a\\b"] {
        for field in ["mch_id", "auth_code"] {
            assert!(is_refused(GATEWAY, PAY, field, value), "{field} {value}");
        }
        assert!(is_refused(WECHAT, PRE_ORDER, "buyer_id", value), "{value}");
        for field in ["body", "attach", "op_user_id", "goods_tag"] {
            assert!(!is_refused(GATEWAY, PAY, field, value), "{field} {value}");
        }
    }
}

#[test]
fn lengths_count_characters() {
    for (field, max) in [
        ("body", 128),
        ("attach", 127),
        ("op_shop_id", 32),
        ("goods_detail", 6000),
    ] {
        assert!(
            !is_refused(GATEWAY, PAY, field, &"字".repeat(max)),
            "{field}"
        );
        assert!(
            is_refused(GATEWAY, PAY, field, &"字".repeat(max + 1)),
            "{field}"
        );
    }
}

#[test]
fn pre_orders_follow_their_trade_type() {
    let scene = |path, field, value| match read(path, PRE_ORDER, field, value) {
        Ok(Command::Prepay(prepay)) => Ok(prepay.scene),
        Ok(other) => panic!("{other:?}"),
        Err(field) => Err(field),
    };
    let (wechat, alipay) = (WalletKind::Wechat, WalletKind::Alipay);
    let own = || Some("wx1".to_owned());
    let app = PrepayScene::App {
        wallet: wechat,
        sub_app_id: own(),
    };
    assert_eq!(scene(WECHAT, "trade_type", Some("app")), Ok(app));
    let native = PrepayScene::Native { wallet: wechat };
    assert_eq!(scene(WECHAT, "trade_type", Some("native")), Ok(native));
    let mini = PrepayScene::MiniProgram {
        wallet: wechat,
        payer_id: "o1".to_owned(),
        sub_app_id: own(),
    };
    assert_eq!(scene(WECHAT, "is_minipg", Some("1")), Ok(mini));
    assert_eq!(
        scene(WECHAT, "trade_type", Some("MWEB")),
        Err("trade_type".to_owned())
    );
    let page = |payer| PrepayScene::Jsapi {
        wallet: alipay,
        payer,
        sub_app_id: None,
    };
    let by_id = page(PayerName::Id("o1".to_owned()));
    assert_eq!(scene(ALIPAY, "is_minipg", Some("1")), Ok(by_id));
    let by_name: Vec<_> = PRE_ORDER
        .iter()
        .map(|(name, value)| {
            (
                if *name == "buyer_id" {
                    "buyer_logon_id"
                } else {
                    *name
                },
                *value,
            )
        })
        .collect();
    let Ok(Command::Prepay(prepay)) = decode(&signed(ALIPAY, &by_name)).command else {
        panic!("no order")
    };
    assert_eq!(prepay.scene, page(PayerName::Login("o1".to_owned())));
    assert!(decode(&signed(WECHAT, &by_name)).command.is_err());
}

#[test]
fn what_no_channel_serves_is_a_missing_contract() {
    let code = |path, field, value| {
        let others = PRE_ORDER.iter().filter(|(name, _)| *name != field).copied();
        let all: Vec<_> = others.chain([(field, value)]).collect();
        decode(&signed(path, &all))
            .command
            .err()
            .map(|error| error.code)
    };
    let none = Some(ErrorCode::NoContract);
    assert_eq!(code(ALIPAY, "trade_type", "APP"), none);
    assert_eq!(code(ALIPAY, "trade_type", "APP_BANK"), none);
    assert_eq!(code(WECHAT, "trade_type", "APP_BANK"), none);
    for paytype in ["ALIPAY", "XX"] {
        let face = [
            ("method", "getfaceauth"),
            ("mch_id", "m"),
            ("paytype", paytype),
            ("store_id", "s"),
            ("store_name", "n"),
            ("device_id", "d"),
            ("rawdata", "r=="),
        ];
        let error = decode(&signed(GATEWAY, &face)).command.err();
        assert_eq!(error.map(|error| error.code), none, "{paytype}");
    }
}

#[test]
fn an_end_counts_alone_at_wechat_and_with_its_beginning_at_alipay() {
    let life = |path, start, expire| {
        let mut pairs = PRE_ORDER.to_vec();
        pairs.extend([("time_start", start), ("time_expire", expire)]);
        match decode(&signed(path, &pairs)).command {
            Ok(Command::Prepay(prepay)) => Ok(prepay.life),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.field),
        }
    };
    let (early, late) = ("20260115100000", "20260115100500");
    let until = |text| Ok(Life::Until(at(text)));
    assert_eq!(life(WECHAT, "", late), until(late));
    assert_eq!(life(ALIPAY, "", late), Ok(Life::Default));
    for path in [WECHAT, ALIPAY] {
        assert_eq!(life(path, early, late), until(late));
        assert_eq!(life(path, early, ""), Ok(Life::Default));
        let refused = Err(Some("time_expire".to_owned()));
        for (start, expire) in [(late, early), (early, early)] {
            assert_eq!(life(path, start, expire), refused, "{start} {expire}");
        }
        for wrong in ["2026-01-15 10:05:00", "20261315100500", "202601151005", "x"] {
            assert_eq!(life(path, early, wrong), refused, "{wrong}");
            let refused = Err(Some("time_start".to_owned()));
            assert_eq!(life(path, wrong, late), refused, "{wrong}");
        }
        // The last second that the form can name; the engine holds a life to seven days.
        let far = life(path, early, "99991231235959").expect("an end");
        assert!(matches!(far, Life::Until(end) if end > at("99991230000000")));
    }
}

#[test]
fn addresses_and_limits_are_checked() {
    for (value, is_fine) in [
        ("http://a/b", true),
        ("https://a/b?c=d", true),
        ("HTTP://A", true),
        ("ftp://a", false),
        ("//a", false),
        ("http://", false),
        ("http://a b", false),
    ] {
        assert_eq!(
            !is_refused(WECHAT, PRE_ORDER, "notify_url", value),
            is_fine,
            "{value}"
        );
    }
    for (value, refuses) in [("NO_CREDIT", true), ("no_credit", true), ("", false)] {
        let Ok(Command::Prepay(prepay)) = read(WECHAT, PRE_ORDER, "limit_pay", Some(value)) else {
            panic!("{value}")
        };
        assert_eq!(prepay.order.terms.refuses_credit, refuses);
    }
    assert!(is_refused(WECHAT, PRE_ORDER, "limit_pay", "debit"));
}

#[test]
fn baskets_are_read_as_far_as_they_can_be() {
    let basket = |text: &str| match read(GATEWAY, PAY, "goods_detail", Some(text)) {
        Ok(Command::Pay(pay)) => {
            let kept = pay.order.attributes.get("goods_detail").cloned();
            (pay.order.terms.goods.len(), kept)
        }
        other => panic!("{other:?}"),
    };
    let one = r#"{"goods_id":"a-1","quantity":1,"price":2}"#;
    for (text, count) in [
        (format!("[{one}]"), 1),
        (format!("[[{one},{one}]]"), 2),
        (
            r#"[{"goods_id":7,"quantity":"1","price":"0"}]"#.to_owned(),
            1,
        ),
        ("[]".to_owned(), 0),
        (String::new(), 0),
    ] {
        assert_eq!(basket(&text), (count, None), "{text}");
    }
    for text in [
        format!("[[[{one}]]]"),
        format!("{{[{one}]}}"),
        format!("[{one}"),
        one.to_owned(),
        r#"[{"goods_id":"a","quantity":1.5,"price":2}]"#.to_owned(),
        r#"[{"goods_id":"a","quantity":0,"price":2}]"#.to_owned(),
        r#"[{"goods_id":"a b","quantity":1,"price":2}]"#.to_owned(),
        r#"[{"quantity":1,"price":2}]"#.to_owned(),
        "[".repeat(3000),
    ] {
        assert_eq!(basket(&text), (0, Some(text.clone())), "{text}");
    }
}

#[test]
fn secrets_leave_nothing_readable() {
    let masked = |name: &str| {
        let vector = vector(name);
        let mut body = text(&vector, "/request/body").to_owned();
        for secret in decode(&of_vector(&vector)).secrets {
            body = body.replace(secret.text(), &secret.masked());
        }
        body
    };
    let registered = masked("mch-reg");
    assert!(
        registered.contains("FullName=***&") && registered.contains("Mobile=***&"),
        "{registered}"
    );
    assert!(masked("get-mch-id-by-password").contains("password=***&"));
    assert!(masked("get-mch-id-by-sms").contains("valid=***&"));
    assert!(masked("pay-alipay").contains("auth_code=28************4755&"));
    assert!(masked("facepay").contains("face_code=12************9406&"));
    assert!(!masked("wxa-code2session").contains("023jh17A0TI"));
    assert!(!masked("getfaceauth").contains("eNPJNgR26U88"));
    let raw = format!(
        "agent_id={AGENT}&password=%E5%AF%86%E7%A0%81&sign={}",
        md5(b"")
    );
    let secrets = decode(&request("/Mch/GetMchId", "", raw)).secrets;
    assert_eq!(
        secrets,
        ["%E5%AF%86%E7%A0%81", "密码"].map(heliu_ports::exchange::Secret::whole)
    );
}
