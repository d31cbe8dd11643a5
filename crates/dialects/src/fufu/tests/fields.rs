//! Tables of amounts, lengths, forms and presence.

use heliu_ports::dialect::{Signer, Surface as _};
use heliu_trade::command::{Command, PrepayScene};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;
use heliu_trade::life::Life;
use heliu_trade::money::Currency;
use heliu_trade::wallet::WalletKind;

use super::super::trade::Trade;
use super::samples::{decode, path, request, signed, undecoded};

const ORDER: &[(&str, &str)] = &[
    ("busi_id", "\"880010000000001\""),
    ("total_fee", "158"),
    ("channel_type", "1"),
    ("auth_code", "\"284214903060794755\""),
    ("out_trade_no", "\"T-1\""),
    ("pay_subject", "\"s\""),
];
const PRE_ORDER: &[(&str, &str)] = &[
    ("busi_id", "\"880010000000001\""),
    ("total_fee", "158"),
    ("channel_type", "2"),
    ("out_trade_no", "\"T-1\""),
    ("pay_subject", "\"s\""),
    ("openId", "\"o\""),
    ("subAppId", "\"wx\""),
];
const REFUND: &[(&str, &str)] = &[
    ("busi_id", "\"880010000000001\""),
    ("operator_id", "\"o\""),
    ("terminal_id", "\"t\""),
    ("refund_fee", "1"),
    ("refund_subject", "\"s\""),
    ("out_trade_no", "\"T-1\""),
    ("out_refund_no", "\"R-1\""),
];

/// The members, with one of them changed, added, or left out.
fn body(members: &[(&str, &str)], name: &str, value: Option<&str>) -> String {
    let others = members.iter().filter(|(other, _)| *other != name).copied();
    let all = others.chain(value.map(|value| (name, value)));
    let texts: Vec<_> = all
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", texts.join(","))
}

fn with(interface: &str, name: &str, value: Option<&str>) -> Result<Command, TradeError> {
    let members = match interface {
        path::ORDER => ORDER,
        path::PRE_ORDER => PRE_ORDER,
        _ => REFUND,
    };
    decode(&signed(interface, &body(members, name, value))).command
}

fn code(result: Result<Command, TradeError>) -> Option<ErrorCode> {
    result.err().map(|error| {
        assert!(error.field.is_some() && !error.message.is_empty());
        error.code
    })
}

#[test]
fn amounts_are_read_from_their_raw_text() {
    let (wrong, illegal) = (ErrorCode::InvalidAmount, ErrorCode::InvalidParameter);
    for (raw, expected) in [
        ("1", Ok(1)),
        ("\"1\"", Ok(1)),
        ("\"007\"", Ok(7)),
        ("\"00000000000000000000000001\"", Ok(1)),
        ("9999999999", Ok(9_999_999_999)),
        ("\"9999999999\"", Ok(9_999_999_999)),
        ("\"\\u0031\"", Ok(1)),
        ("10000000000", Err(wrong)),
        ("9223372036854775808", Err(wrong)),
        ("0", Err(wrong)),
        ("\"0\"", Err(wrong)),
        ("-1", Err(wrong)),
        ("\"-1\"", Err(wrong)),
        ("\"+1\"", Err(wrong)),
        ("1.0", Err(wrong)),
        ("\"1.58\"", Err(wrong)),
        ("1e2", Err(wrong)),
        ("\" 1\"", Err(wrong)),
        ("\"１\"", Err(wrong)),
        ("\"abc\"", Err(wrong)),
        ("\"0x1\"", Err(wrong)),
        ("true", Err(wrong)),
        ("{}", Err(wrong)),
        ("[1]", Err(wrong)),
        ("null", Err(illegal)),
        ("\"\"", Err(illegal)),
        ("\"1\\u0000\"", Err(illegal)),
    ] {
        let amount = match with(path::ORDER, "total_fee", Some(raw)) {
            Ok(Command::Pay(pay)) => Ok(pay.order.amount_minor),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.code),
        };
        assert_eq!(amount, expected, "{raw}");
        let amount = with(path::REFUND, "refund_fee", Some(raw));
        assert_eq!(
            amount.map(drop).map_err(|e| e.code),
            expected.map(drop),
            "{raw}"
        );
    }
    assert_eq!(code(with(path::ORDER, "total_fee", None)), Some(illegal));
}

#[test]
fn a_wrong_parameter_is_told_before_a_wrong_amount() {
    let text = body(ORDER, "total_fee", Some("0")).replace("\"s\"", "\"\"");
    let error = decode(&signed(path::ORDER, &text))
        .command
        .expect_err("two errors");
    assert_eq!(error.field.as_deref(), Some("pay_subject"));
}

#[test]
fn mandatory_members_are_those_of_the_tables() {
    let cases: [(&str, &[&str]); 5] = [
        (
            path::ORDER,
            &[
                "total_fee",
                "channel_type",
                "auth_code",
                "out_trade_no",
                "pay_subject",
            ],
        ),
        (
            path::PRE_ORDER,
            &[
                "total_fee",
                "channel_type",
                "out_trade_no",
                "pay_subject",
                "openId",
                "subAppId",
            ],
        ),
        (
            path::REFUND,
            &[
                "operator_id",
                "terminal_id",
                "refund_fee",
                "refund_subject",
                "out_trade_no",
                "out_refund_no",
            ],
        ),
        (
            path::CANCEL,
            &["operator_id", "terminal_id", "out_trade_no"],
        ),
        (path::CLOSE, &["operator_id", "terminal_id", "out_trade_no"]),
    ];
    for (interface, names) in cases {
        assert_eq!(code(with(interface, "x", Some("1"))), None, "{interface:?}");
        for name in names {
            for value in [None, Some("null"), Some("\"\"")] {
                let error = with(interface, name, value).expect_err(name);
                assert_eq!(
                    error.code,
                    ErrorCode::InvalidParameter,
                    "{interface:?} {name}"
                );
                assert_eq!(error.field.as_deref(), Some(*name));
            }
        }
    }
}

#[test]
fn nobody_is_asked_for_a_key_without_busi_id() {
    for value in [
        None,
        Some("null"),
        Some("\"\""),
        Some("{}"),
        Some("\"a&b\""),
        Some("\"\\u0000\""),
    ] {
        let undecoded = undecoded(&signed(path::ORDER, &body(ORDER, "busi_id", value)));
        assert_eq!(
            undecoded.error.code,
            ErrorCode::InvalidParameter,
            "{value:?}"
        );
        assert_eq!(undecoded.error.field.as_deref(), Some("busi_id"));
        assert_eq!(undecoded.echo.route, "/gateway/pay/order");
    }
    let number = decode(&signed(path::ORDER, &body(ORDER, "busi_id", Some("88"))));
    assert_eq!(number.signer, Signer::App(AppId::from("88")));
}

#[test]
fn lengths_count_characters() {
    for (interface, name, max) in [
        (path::ORDER, "operator_id", 32),
        (path::ORDER, "terminal_id", 32),
        (path::ORDER, "store_id", 32),
        (path::ORDER, "merchant_param", 127),
        (path::ORDER, "pay_subject", 100),
        (path::ORDER, "time_zone", 64),
        (path::PRE_ORDER, "openId", 128),
        (path::PRE_ORDER, "subAppId", 32),
        (path::REFUND, "refund_subject", 256),
        (path::REFUND, "time_zone", 64),
        (path::QUERY, "time_zone", 64),
        (path::QUERY, "trade_no", 64),
        (path::REFUND_QUERY, "time_zone", 64),
    ] {
        let text = |length| format!("\"{}\"", "付".repeat(length));
        assert_eq!(
            code(with(interface, name, Some(&text(max)))),
            None,
            "{name}"
        );
        let error = with(interface, name, Some(&text(max + 1))).expect_err(name);
        assert_eq!(
            (error.code, error.field.as_deref()),
            (ErrorCode::InvalidParameter, Some(name))
        );
    }
    let url = |length: usize| format!("\"http://a/{}\"", "x".repeat(length - 9));
    assert_eq!(
        code(with(path::PRE_ORDER, "notifyUrl", Some(&url(512)))),
        None
    );
    assert!(with(path::PRE_ORDER, "notifyUrl", Some(&url(513))).is_err());
    let auth_code = |length| format!("\"{}\"", "1".repeat(length));
    assert!(with(path::ORDER, "auth_code", Some(&auth_code(100))).is_ok());
    assert!(with(path::ORDER, "auth_code", Some(&auth_code(101))).is_err());
}

#[test]
fn numbers_of_merchants_have_a_form() {
    let longest = format!("\"{}\"", "a".repeat(64));
    let too_long = format!("\"{}\"", "a".repeat(65));
    for (value, is_valid) in [
        ("\"d2dbe5fb-fc71-4bfe-848f-a24875d9169d\"", true),
        ("\"A_z-9\"", true),
        ("123", true),
        (longest.as_str(), true),
        (too_long.as_str(), false),
        ("\"a b\"", false),
        ("\"a&b\"", false),
        ("\"a=b\"", false),
        ("\"单\"", false),
        ("1.5", false),
        ("[]", false),
    ] {
        assert_eq!(
            with(path::ORDER, "out_trade_no", Some(value)).is_ok(),
            is_valid,
            "{value}"
        );
        assert_eq!(
            with(path::REFUND, "out_refund_no", Some(value)).is_ok(),
            is_valid,
            "{value}"
        );
    }
}

#[test]
fn only_identifiers_refuse_delimiters() {
    for (interface, name) in [
        (path::ORDER, "auth_code"),
        (path::PRE_ORDER, "openId"),
        (path::PRE_ORDER, "subAppId"),
    ] {
        assert!(with(interface, name, Some("\"a&b=c\"")).is_err(), "{name}");
    }
    for name in ["pay_subject", "merchant_param", "operator_id", "store_id"] {
        assert!(
            with(path::ORDER, name, Some("\"a&b=c \\n\"")).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn what_is_not_used_is_not_judged() {
    for (interface, name, value) in [
        (path::ORDER, "discount_amount", "\"-1.5\""),
        (path::ORDER, "notifyUrl", "{\"a\":[1]}"),
        (path::ORDER, "future", "\"\\ud800\""),
        (path::PRE_ORDER, "auth_code", "[\"111\"]"),
        (path::REFUND, "fee_type", "\"CHY&\\u0000\""),
        (path::QUERY, "operator_id", "{}"),
    ] {
        assert_eq!(code(with(interface, name, Some(value))), None, "{name}");
    }
    let text = body(REFUND, "trade_no", Some("\"1\"")).replace("T-1", "not a number");
    assert!(decode(&signed(path::REFUND, &text)).command.is_ok());
    assert!(
        decode(&signed(path::QUERY, &text)).command.is_err(),
        "it falls back"
    );
}

#[test]
fn currencies_default_and_ignore_case() {
    for (value, expected) in [
        (None, Some(Currency::CNY)),
        (Some("\"\""), Some(Currency::CNY)),
        (Some("null"), Some(Currency::CNY)),
        (Some("\"thb\""), "THB".parse().ok()),
        (Some("\"RMBB\""), None),
        (Some("\"1\""), None),
        (Some("156"), None),
    ] {
        let currency = match with(path::ORDER, "fee_type", value) {
            Ok(Command::Pay(pay)) => Some(pay.order.currency),
            _ => None,
        };
        assert_eq!(currency, expected, "{value:?}");
    }
}

#[test]
fn channels_are_the_three_codes() {
    for (value, expected) in [
        ("0", Some(None)),
        ("\"1\"", Some(Some(WalletKind::Alipay))),
        ("2", Some(Some(WalletKind::Wechat))),
        ("3", None),
        ("\"32\"", None),
        ("true", None),
        ("\"alipay\"", None),
    ] {
        let wallet = match with(path::ORDER, "channel_type", Some(value)) {
            Ok(Command::Pay(pay)) => Some(pay.wallet),
            _ => None,
        };
        assert_eq!(wallet, expected, "{value}");
    }
}

#[test]
fn pre_orders_follow_their_mode() {
    let read = |name, value| match with(path::PRE_ORDER, name, Some(value)) {
        Ok(Command::Prepay(prepay)) => Ok(prepay),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.field.unwrap_or_default()),
    };
    let qr = |value| read("trade_type", value).map(|prepay| prepay.scene);
    let wallet = Some(WalletKind::Wechat);
    assert_eq!(qr("\"qrcode\""), Ok(PrepayScene::Qr { wallet }));
    assert!(matches!(qr("\"jsapi\""), Ok(PrepayScene::Jsapi { .. })));
    assert_eq!(qr("\"APP\""), Err("trade_type".to_owned()));
    assert_eq!(
        read("channel_type", "0").err(),
        Some("channel_type".to_owned())
    );
    for (value, minutes) in [
        ("1", Some(1)),
        ("\"1440\"", Some(1440)),
        ("\"\"", None),
        ("\"05\"", Some(5)),
    ] {
        let life = read("time_expire", value).map(|prepay| prepay.life);
        assert_eq!(
            life,
            Ok(minutes.map_or(Life::Default, |minutes: i64| Life::Ms(minutes * 60_000))),
            "{value}"
        );
    }
    for value in ["0", "1441", "-1", "1.5", "\"5m\"", "true", "99999"] {
        assert_eq!(
            read("time_expire", value).err(),
            Some("time_expire".to_owned()),
            "{value}"
        );
    }
    for (value, is_valid) in [
        ("\"\"", true),
        ("\"HTTPS://a.example/b?c=d\"", true),
        ("\"ftp://a/\"", false),
        ("\"http://\"", false),
        ("\"http:///a\"", false),
        ("\"http://a b/\"", false),
        ("\"//a\"", false),
        ("\"javascript:alert(1)\"", false),
    ] {
        assert_eq!(read("notifyUrl", value).is_ok(), is_valid, "{value}");
    }
}

#[test]
fn bodies_that_two_readers_could_read_differently_are_refused() {
    let nested = |depth: usize| {
        format!(
            r#"{{"busi_id":"1","x":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let many: Vec<_> = (0..100).map(|index| format!("\"m{index}\":1")).collect();
    for (text, is_read) in [
        (r#"{"busi_id":"1"}"#.to_owned(), true),
        (" \r\n{\"busi_id\" : 1}\n".to_owned(), true),
        (nested(15), true),
        (nested(16), false),
        (nested(5000), false),
        (
            r#"{"busi_id":"1","x":"[[[[[[[[[[[[[[[[[[[[[[[[\"{{"}"#.to_owned(),
            true,
        ),
        (format!("{{\"busi_id\":\"1\",{}}}", many.join(",")), true),
        (
            format!("{{\"busi_id\":\"1\",{},\"m7\":2}}", many.join(",")),
            false,
        ),
        (r#"{"busi_id":"1","busi_id":"1"}"#.to_owned(), false),
        (r#"{"busi_id":"1","busi_\u0069d":"2"}"#.to_owned(), false),
        (r#"{"busi_id":"1","x":1,"x":1}"#.to_owned(), false),
        (r#"{"busi_id":"1"} x"#.to_owned(), false),
        (r#"{"busi_id":"1"}{}"#.to_owned(), false),
        (r#"[{"busi_id":"1"}]"#.to_owned(), false),
        (r#"{"busi_id":"1",}"#.to_owned(), false),
        ("{\"busi_id\":\"1\n\"}".to_owned(), false),
        ("\u{feff}\u{feff}{\"busi_id\":\"1\"}".to_owned(), false),
        (String::new(), false),
        ("null".to_owned(), false),
    ] {
        let request = signed(path::QUERY, &text);
        let is_decoded = Trade.decode(&request).is_ok();
        assert_eq!(
            is_decoded,
            is_read,
            "{}",
            text.chars().take(60).collect::<String>()
        );
    }
    let not_utf8 = request(
        path::QUERY,
        "",
        b"{\"busi_id\":\"1\",\"x\":\"\xff\"}".to_vec(),
    );
    assert_eq!(undecoded(&not_utf8).error.code, ErrorCode::InvalidParameter);
}

#[test]
fn a_payment_code_is_masked_as_written_and_as_read() {
    let secrets = |value| {
        decode(&signed(path::ORDER, &body(ORDER, "auth_code", Some(value))))
            .secrets
            .iter()
            .map(|secret| secret.text().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(secrets("\"284214903060794755\""), ["284214903060794755"]);
    assert_eq!(secrets("284214903060794755"), ["284214903060794755"]);
    assert_eq!(secrets("\"\\u0032842149\""), ["\\u0032842149", "2842149"]);
    assert!(secrets("\"111\"").is_empty(), "a sample's placeholder");
}
