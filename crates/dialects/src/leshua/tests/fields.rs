//! Tables of amounts, lengths, forms and presence; what is masked.

use heliu_trade::command::{
    Command, OrderReference, Pay, Prepay, PrepayScene, Reference, RefundReference,
};
use heliu_trade::error::TradeError;
use heliu_trade::goods::WalletTerms;
use heliu_trade::id::OrderNo;
use heliu_trade::life::Life;
use heliu_trade::wallet::WalletKind;

use super::samples::{Pairs, code, decode, echo, encode, request, signed, value};

const ORDER: &Pairs<'_> = &[
    ("service", "get_tdcode"),
    ("pay_way", "WXZF"),
    ("third_order_id", "order_1"),
    ("amount", "4"),
    ("jspay_flag", "1"),
    ("sub_openid", "o1"),
];
const PAY: &Pairs<'_> = &[
    ("service", "upload_authcode"),
    ("third_order_id", "order_1"),
    ("auth_code", "134567890123456789"),
    ("amount", "4"),
];
const REFUND: &Pairs<'_> = &[
    ("service", "unified_refund"),
    ("third_order_id", "order_1"),
    ("merchant_refund_id", "r"),
    ("refund_amount", "4"),
];
const OPENID: &Pairs<'_> = &[
    ("service", "query_openid"),
    ("auth_code", "134567890123456789"),
    ("appid", "wx1"),
];
const USERID: &Pairs<'_> = &[("service", "query_userid"), ("user_auth_code", "c1")];

/// What a request comes to with one field set or, with `None`, left out.
fn read(pairs: &Pairs<'_>, field: &str, value: Option<&str>) -> Result<Command, TradeError> {
    let others = pairs.iter().filter(|(name, _)| *name != field).copied();
    let all: Vec<_> = others.chain(value.map(|value| (field, value))).collect();
    decode(&signed(&all)).command
}

/// Which field is refused, and what the wire says about it.
fn refusal(pairs: &Pairs<'_>, field: &str, value: Option<&str>) -> String {
    match read(pairs, field, value) {
        Ok(_) => "taken".to_owned(),
        Err(error) => {
            assert_eq!(error.field.as_deref(), Some(field), "{error}");
            code(&encode(&echo(pairs[0].1), Err(&error)))
        }
    }
}

const BAD: &str = "0 1 -20001";
const BAD_ORDER_NUMBER: &str = "0 1 -20003";
const BAD_PAY_WAY: &str = "0 1 -20008";
const BAD_AMOUNT: &str = "0 1 -20009";
const BAD_FLAG: &str = "0 1 -20015";
const BAD_REFUND_NUMBER: &str = "0 1 -20022";
const NO_NUMBER: &str = "0 1 -20024";
const MISSING: &str = "3 - -";

#[test]
fn mandatory_fields_are_those_of_the_tables() {
    for (pairs, fields) in [
        (
            ORDER,
            &["service", "pay_way", "third_order_id", "amount"][..],
        ),
        (PAY, &["auth_code", "third_order_id", "amount"]),
        (REFUND, &["merchant_refund_id", "refund_amount"]),
        (OPENID, &["auth_code", "appid"]),
        (USERID, &["user_auth_code"]),
    ] {
        for field in fields {
            assert_eq!(refusal(pairs, field, None), MISSING, "{field}");
            // Nothing to read is nothing (ruling 69).
            for blank in ["", " ", "\t", "\u{3000}\u{feff}"] {
                assert_eq!(refusal(pairs, field, Some(blank)), MISSING, "{field}");
            }
        }
        assert_eq!(refusal(pairs, "nonce_str", Some("")), MISSING);
        let long = "n".repeat(64);
        assert_eq!(refusal(pairs, "nonce_str", Some(&long)), "taken");
    }
    assert_eq!(refusal(ORDER, "service", Some("get_tdcodes")), "4 - -");
    assert_eq!(refusal(ORDER, "service", Some("GET_TDCODE")), "4 - -");
    for missing in [None, Some(""), Some(" ")] {
        assert_eq!(refusal(ORDER, "sub_openid", missing), BAD);
    }
}

#[test]
fn an_order_or_refund_without_any_number_has_a_code_of_its_own() {
    for service in [
        "query_status",
        "close_order",
        "unified_refund",
        "unified_query_refund",
    ] {
        for order in ["", "  "] {
            let pairs = [
                ("service", service),
                ("third_order_id", order),
                ("leshua_order_id", order),
                ("refund_amount", "1"),
                (
                    "merchant_refund_id",
                    if service == "unified_refund" { "r" } else { "" },
                ),
            ];
            let error = decode(&signed(&pairs)).command.expect_err("whose?");
            let answer = encode(&echo(service), Err(&error));
            assert_eq!(code(&answer), NO_NUMBER, "{service}");
            let pay_way = if service == "query_status" {
                "UNKNOWN"
            } else {
                "-"
            };
            assert_eq!(value(&answer, "pay_way"), pay_way, "{service}");
            let detail = answer.headers["x-error-detail"].to_str().expect("a text");
            for field in ["leshua_order_id", "third_order_id"] {
                assert!(detail.contains(field), "{detail}");
            }
        }
    }
}

#[test]
fn blank_texts_are_absent() {
    let Ok(Command::Prepay(prepay)) = read(ORDER, "attach", Some(" ")) else {
        panic!("no order")
    };
    assert_eq!(prepay.order.attributes.get("attach"), None);
    for field in [
        "notify_url",
        "limit_pay",
        "order_expiration",
        "goods_detail",
    ] {
        assert_eq!(refusal(ORDER, field, Some(" ")), "taken", "{field}");
    }
    let Ok(Command::Prepay(prepay)) = read(ORDER, "body", Some("\u{3000}")) else {
        panic!("no order")
    };
    assert_eq!(prepay.order.subject, "商品");
}

#[test]
fn service_is_looked_at_before_the_fields() {
    let first = |pairs: &Pairs<'_>| {
        let error = decode(&signed(pairs)).command.expect_err("refused");
        error.field
    };
    let nothing = &[("service", ""), ("nonce_str", "")];
    assert_eq!(first(nothing).as_deref(), Some("service"));
    let nothing = &[("service", "x"), ("nonce_str", "")];
    assert_eq!(first(nothing).as_deref(), Some("service"));
    let nothing = &[("service", "query_status"), ("nonce_str", "")];
    assert_eq!(first(nothing).as_deref(), Some("nonce_str"));
}

#[test]
fn amounts_are_whole_fen() {
    for (pairs, field, bad) in [
        (ORDER, "amount", BAD_AMOUNT),
        (PAY, "amount", BAD_AMOUNT),
        (REFUND, "refund_amount", BAD),
    ] {
        for amount in ["1", "0001", "9999999999", "0009999999999"] {
            assert_eq!(refusal(pairs, field, Some(amount)), "taken", "{amount}");
        }
        for amount in [
            "0",
            "-1",
            "+1",
            "1.0",
            "1e2",
            " 1",
            "1 ",
            "１",
            "x",
            "10000000000",
        ] {
            assert_eq!(refusal(pairs, field, Some(amount)), bad, "{amount}");
        }
    }
}

#[test]
fn numbers_have_letters_digits_and_two_marks() {
    for (pairs, field, bad) in [
        (ORDER, "third_order_id", BAD_ORDER_NUMBER),
        (PAY, "third_order_id", BAD_ORDER_NUMBER),
        (REFUND, "merchant_refund_id", BAD_REFUND_NUMBER),
    ] {
        let longest = "a".repeat(64);
        for number in ["a", "A-z_09", &longest] {
            assert_eq!(refusal(pairs, field, Some(number)), "taken", "{number}");
        }
        let long = "a".repeat(65);
        for number in [" a", "a.b", "a&b", "a=b", "单号", "a/b", &long] {
            assert_eq!(refusal(pairs, field, Some(number)), bad, "{number}");
        }
    }
}

#[test]
fn texts_have_their_lengths_and_one_line() {
    for (field, max) in [
        ("body", 256),
        ("attach", 96),
        ("goods_tag", 32),
        ("shop_no", 16),
        ("pos_no", 16),
        ("client_ip", 45),
    ] {
        for pairs in [ORDER, PAY] {
            let (fits, long) = ("字".repeat(max), "字".repeat(max + 1));
            assert_eq!(refusal(pairs, field, Some(&fits)), "taken", "{field}");
            assert_eq!(refusal(pairs, field, Some(&long)), BAD, "{field}");
            for odd in ["a\nb", "a\rb", "a\u{7f}", "a\u{ffff}"] {
                assert_eq!(refusal(pairs, field, Some(odd)), BAD, "{field}");
            }
        }
    }
    let nul = read(ORDER, "zz", Some("a\0")).expect_err("no document can hold it");
    assert_eq!(code(&encode(&echo("get_tdcode"), Err(&nul))), BAD);
}

#[test]
fn flags_limits_and_instalments_are_words_of_the_tables() {
    for flag in ["4", "00", "x", " 1"] {
        let found = refusal(ORDER, "jspay_flag", Some(flag));
        assert_eq!(found, BAD_FLAG, "{flag}");
    }
    for pay_way in ["WXZF", "ZFBZF", "UPSMZF", "wxzf"] {
        assert_eq!(refusal(ORDER, "pay_way", Some(pay_way)), "taken");
    }
    for pay_way in ["DCPAY", "WX", "微信"] {
        assert_eq!(refusal(ORDER, "pay_way", Some(pay_way)), BAD_PAY_WAY);
    }
    for (field, fine, odd) in [
        ("limit_pay", &["0", "1"][..], "no_credit"),
        ("hb_fq_num", &["3", "6", "12"], "9"),
        ("order_expiration", &["1", "60", "999999999"], "0"),
    ] {
        for value in fine {
            assert_eq!(refusal(ORDER, field, Some(value)), "taken", "{field}");
        }
        assert_eq!(refusal(ORDER, field, Some(odd)), BAD, "{field}");
    }
    let union = [
        ("service", "get_tdcode"),
        ("pay_way", "UPSMZF"),
        ("third_order_id", "a"),
        ("amount", "4"),
        ("jspay_flag", "3"),
        ("sub_openid", "o1"),
    ];
    assert_eq!(refusal(&union, "pay_way", Some("UPSMZF")), BAD_PAY_WAY);
}

#[test]
fn only_simple_pay_leaves_the_wallet_open_and_leads_back() {
    let open = &[
        ("service", "get_tdcode"),
        ("third_order_id", "a"),
        ("amount", "4"),
        ("jspay_flag", "2"),
    ];
    let url = "https://merchant.example/done?a=b";
    let Ok(Command::Prepay(prepay)) = read(open, "jump_url", Some(url)) else {
        panic!("no order")
    };
    assert_eq!(prepay.scene, PrepayScene::Qr { wallet: None });
    assert_eq!(prepay.order.return_url.as_deref(), Some(url));
    assert_eq!(prepay.life, Life::Default);
    let Ok(Command::Prepay(prepay)) = read(ORDER, "jump_url", Some(url)) else {
        panic!("no order")
    };
    assert_eq!(prepay.order.return_url, None);
}

#[test]
fn addresses_are_absolute_and_short_once_decoded() {
    let long = format!("https://merchant.example/{}", "a".repeat(104));
    let fits = format!("https%3A%2F%2Fmerchant.example%2F{}", "a".repeat(103));
    for (pairs, field) in [
        (ORDER, "notify_url"),
        (PAY, "notify_url"),
        (REFUND, "notify_url"),
    ] {
        for url in ["http://a", "HTTPS%3A%2F%2Fa%2Fb%3Fc%3Dd", &fits] {
            assert_eq!(refusal(pairs, field, Some(url)), "taken", "{url}");
        }
        for url in [
            "/notify",
            "merchant.example",
            "ftp://a",
            "javascript:alert(1)",
            "http://a b",
            "ftp%3A%2F%2Fa",
            "http%3A%2F%2Fa%0Ab",
            "http%3A%2F%2Fa%ff",
            &long,
        ] {
            assert_eq!(refusal(pairs, field, Some(url)), BAD, "{url}");
        }
    }
}

#[test]
fn our_number_wins_and_a_foreign_one_is_not_found() {
    let order = |more: &Pairs<'_>| {
        let all: Vec<_> = [("service", "query_status")]
            .iter()
            .chain(more)
            .copied()
            .collect();
        match decode(&signed(&all)).command {
            Ok(Command::Query(query)) => query.order.candidates,
            other => panic!("{other:?}"),
        }
    };
    let both = [
        ("leshua_order_id", "0000000000000007"),
        ("third_order_id", "a"),
    ];
    let ours = Reference::Platform(Some(OrderNo::from_u64(7)));
    assert_eq!(order(&both), [ours]);
    let foreign = [("leshua_order_id", "7"), ("third_order_id", "a")];
    assert_eq!(order(&foreign), [Reference::Platform(None)]);
    let odd = "not / a number of ours";
    let theirs = Reference::Merchant(odd.to_owned());
    assert_eq!(order(&[("third_order_id", odd)]), [theirs]);
}

#[test]
fn a_refund_is_named_by_either_number_or_by_its_order() {
    let asked = |more: &Pairs<'_>| {
        let all: Vec<_> = [("service", "unified_query_refund")]
            .iter()
            .chain(more)
            .copied()
            .collect();
        decode(&signed(&all)).command.map(|command| match command {
            Command::QueryRefund(query) => (query.refund, query.order),
            other => panic!("{other:?}"),
        })
    };
    let order = |number: &str| OrderReference {
        candidates: vec![Reference::Merchant(number.to_owned())],
        falls_back: false,
    };
    let both = [("leshua_refund_id", "7"), ("merchant_refund_id", "r")];
    let found = asked(&both).expect("a refund");
    assert_eq!(found, (RefundReference::Platform(None), None));
    let named = [("merchant_refund_id", "r"), ("third_order_id", "a")];
    let theirs = RefundReference::Merchant("r".to_owned());
    assert_eq!(asked(&named), Ok((theirs, Some(order("a")))));
    let newest = RefundReference::NewestOf(order("a"));
    assert_eq!(asked(&[("third_order_id", "a")]), Ok((newest, None)));
    let error = asked(&[]).expect_err("nothing is named");
    assert_eq!(error.field.as_deref(), Some("leshua_order_id"));
}

#[test]
fn what_alipay_takes_for_tables_is_handed_on_and_for_others_ignored() {
    let field = "extend_business_params";
    let order = |pay_way: &'static str| {
        let pairs = ORDER.iter().copied();
        let pairs = pairs.filter(|(name, _)| *name != "pay_way");
        pairs.chain([("pay_way", pay_way)]).collect::<Vec<_>>()
    };
    let terms = |pairs: &Pairs<'_>, text: &str| match read(pairs, field, Some(text)) {
        Ok(Command::Prepay(Prepay { order, .. }) | Command::Pay(Pay { order, .. })) => {
            order.terms.wallet_terms
        }
        other => panic!("{other:?}"),
    };
    let text = r#"{"business_params":{"a": 1.0},"extend_params":"x","goods_detail":[],"other":1}"#;
    let members = [
        ("business_params", "{\"a\": 1.0}"),
        ("extend_params", "\"x\""),
        ("goods_detail", "[]"),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let expected = Some(WalletTerms {
        wallet: WalletKind::Alipay,
        members: members.into(),
    });
    let encoded = text.replace('{', "%7B").replace('"', "%22");
    for pairs in [&order("ZFBZF")[..], PAY] {
        assert_eq!(terms(pairs, text), expected);
        assert_eq!(terms(pairs, &encoded), expected);
        assert_eq!(terms(pairs, "{\"other\":1}"), None);
        for odd in ["[]", "1", "x", "{\"a\":}", "{}x"] {
            assert_eq!(refusal(pairs, field, Some(odd)), BAD, "{odd}");
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(8192));
        assert_eq!(refusal(pairs, field, Some(&long)), BAD);
    }
    for pay_way in ["WXZF", "UPSMZF"] {
        for ignored in [text, "no object"] {
            assert_eq!(terms(&order(pay_way), ignored), None, "{pay_way}");
        }
    }
}

#[test]
fn a_basket_is_read_or_kept() {
    let basket = |text: &str| match read(ORDER, "goods_detail", Some(text)) {
        Ok(Command::Prepay(prepay)) => (
            prepay.order.terms.goods.len(),
            prepay.order.attributes.get("goods_detail").cloned(),
        ),
        other => panic!("{other:?}"),
    };
    let goods = "{\"goods_id\":\"1\",\"quantity\":2,\"price\":\"3\"}";
    assert_eq!(basket(&format!("[{goods},\n{goods}]")), (2, None));
    let whole = format!("{{\"cost_price\":6,\"goods_detail\":[{goods}]}}");
    assert_eq!(basket(&whole), (1, None));
    for odd in ["x", "{}", "[1]", "[{\"goods_id\":\"1\"}]", "%5Bx"] {
        let kept = odd.replace("%5B", "[");
        assert_eq!(basket(odd), (0, Some(kept)));
    }
    let long = "x".repeat(6001);
    assert_eq!(refusal(ORDER, "goods_detail", Some(&long)), BAD);
}

#[test]
fn a_name_twice_with_two_values_is_refused() {
    let body = "merchant_id=1&nonce_str=n&service=query_status&third_order_id=a";
    let same = decode(&request("", format!("{body}&third_order_id=a")));
    assert!(same.command.is_ok());
    let other = decode(&request("", format!("{body}&third_order_id=b")));
    let error = other.command.expect_err("which of them?");
    assert_eq!(error.field.as_deref(), Some("third_order_id"));
    let found = code(&encode(&echo("query_status"), Err(&error)));
    assert_eq!(found, BAD_ORDER_NUMBER);
    let behind = decode(&request("third_order_id=b", body));
    assert!(behind.command.is_ok(), "the body wins");
}

#[test]
fn what_could_not_be_ours_is_not_repeated() {
    let pairs = [
        ("service", "query_order"),
        ("third_order_id", "a]]>b"),
        ("pay_way", "nothing"),
        ("merchant_refund_id", "r_1"),
        ("refund_amount", "007"),
    ];
    let values = decode(&signed(&pairs)).echo.values;
    let names: Vec<&str> = values.iter().map(|(name, _)| &**name).collect();
    let expected = [
        "merchant_id",
        "service",
        "merchant_refund_id",
        "refund_amount",
    ];
    assert_eq!(names, expected);
    assert_eq!((&*values[1].1, &*values[3].1), ("query_status", "7"));
}

#[test]
fn payers_codes_are_masked_as_sent_and_as_read() {
    let body = "merchant_id=1&service=query_userid&user_auth_code=a%2Bbc&auth_code=12&nonce_str=n";
    assert_eq!(
        decode(&request("", body)).secrets,
        ["a%2Bbc", "a+bc"].map(heliu_ports::exchange::Secret::code)
    );
}
