//! Readings of the signature: order, trimming, `+`; where a form is read from; and our own signing.

use heliu_ports::dialect::Surface as _;
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::ErrorCode;
use heliu_trade::time::Timestamp;

use super::super::trade::TRADE;
use super::samples::{
    AGENT, Asked, GATEWAY, KEY, body, compute, decode, encode, md5, of_vector, reading, request,
    signed, undecoded, vector,
};

/// A request for `pay` with this raw text added, signed over this string.
fn with(added: &str, signed: &str) -> WireRequest {
    let sign = md5(format!("{signed}&key={KEY}").as_bytes());
    let body = format!("agent_id={AGENT}&method=pay&{added}&sign={sign}");
    request(GATEWAY, "", body)
}

fn read(added: &str, signed: &str) -> Option<&'static str> {
    reading(&decode(&with(added, signed)), KEY)
}

#[test]
fn the_readings_are_what_their_names_say() {
    let head = format!("agent_id={AGENT}");
    for (added, signed, expected) in [
        ("x=%20a%20", "method=pay&x=a", Some("ascii_trimmed")),
        ("x=%20a%20", "method=pay&x= a ", Some("ascii_untrimmed")),
        ("x=%20", "method=pay&x= ", Some("ascii_untrimmed")),
        ("x=%E3%80%80a", "method=pay&x=a", Some("ascii_trimmed")),
        ("x=", "method=pay&x=", None),
        ("x=1%2B1", "method=pay&x=1+1", Some("ascii_trimmed")),
        ("x=1+1", "method=pay&x=1 1", Some("ascii_trimmed")),
        ("x=1+1", "method=pay&x=1+1", Some("ascii_trimmed_plus_kept")),
        (
            "x=1+1+",
            "method=pay&x=1+1+",
            Some("ascii_trimmed_plus_kept"),
        ),
        (
            "x=1+&y=%20",
            "method=pay&x=1+&y= ",
            Some("ascii_untrimmed_plus_kept"),
        ),
    ] {
        assert_eq!(
            read(added, &format!("{head}&{signed}")),
            expected,
            "{added} {signed}"
        );
    }
    for (added, signed, expected) in [
        ("B=1&c=2", "B=1&{head}&c=2&method=pay", "ascii_trimmed"),
        ("B=1&c=2", "{head}&B=1&c=2&method=pay", "any_case_trimmed"),
        (
            "B=%201&c=2",
            "{head}&B= 1&c=2&method=pay",
            "any_case_untrimmed",
        ),
        (
            "B=1+",
            "{head}&B=1+&method=pay",
            "any_case_trimmed_plus_kept",
        ),
    ] {
        assert_eq!(
            read(added, &signed.replace("{head}", &head)),
            Some(expected),
            "{signed}"
        );
    }
}

#[test]
fn what_is_done_is_what_was_signed() {
    let pairs = "auth_code=134567890123456789&body=8+&mch_id=m&out_trade_no=order1&pid=p&total_fee=1&version=1";
    let kept = with(
        pairs,
        &format!(
            "agent_id={AGENT}&auth_code=134567890123456789&body=8+&mch_id=m&method=pay&out_trade_no=order1&pid=p&total_fee=1&version=1"
        ),
    );
    let decoded = decode(&kept);
    let reading = reading(&decoded, KEY).expect("it holds");
    let subject = |command| match command {
        Ok(Command::Pay(pay)) => pay.order.subject,
        other => panic!("{other:?}"),
    };
    assert_eq!(subject(decoded.command), "8");
    let meant = TRADE
        .command_of_reading(&kept, reading)
        .expect("another meaning");
    assert_eq!(subject(meant), "8+");
    assert_eq!(TRADE.command_of_reading(&kept, "ascii_trimmed"), None);
}

#[test]
fn a_missing_double_or_malformed_sign_has_no_reading() {
    let base = format!("agent_id={AGENT}&method=pay");
    let hash = "0".repeat(32);
    for tail in [
        String::new(),
        "&sign=".to_owned(),
        format!("&sign={hash}0"),
        format!("&sign={}g", "0".repeat(31)),
        format!("&sign={hash}&sign={hash}"),
        format!("&sign={hash}&sign={}", "1".repeat(32)),
        format!("&Sign={hash}"),
    ] {
        let decoded = decode(&request(GATEWAY, "", format!("{base}{tail}")));
        assert_eq!(decoded.readings.names().len(), 0, "{tail}");
    }
    let fine = decode(&request(GATEWAY, "", format!("{base}&sign={hash}")));
    assert_eq!(fine.readings.names().len(), 4);
    for (query, added, count) in [("", "&x=+", 8), ("_t=1", "", 8), ("_t=1", "&x=+", 16)] {
        let fine = decode(&request(
            GATEWAY,
            query,
            format!("{base}{added}&sign={hash}"),
        ));
        assert_eq!(fine.readings.names().len(), count, "{query} {added}");
    }
}

/// A router or proxy may add to an address what its client never signed.
#[test]
fn what_a_proxy_added_to_the_address_is_signed_by_nobody() {
    let original = of_vector(&vector("pay-alipay"));
    let command = decode(&original).command;
    let body = original.body.clone();
    for added in ["_t=1", "_t=1&total_fee=9", "attach=x&mch_id=another"] {
        let both = request(GATEWAY, added, body.clone());
        let decoded = decode(&both);
        let reading = reading(&decoded, KEY).expect("the body holds");
        assert_eq!(reading, "ascii_trimmed_body_alone", "{added}");
        let meant = TRADE.command_of_reading(&both, reading);
        assert_eq!(meant, Some(command.clone()), "{added}");
    }
    // Nothing counts that stands in the address alone, not even whose business it is.
    let pairs = [
        ("method", "orderquery"),
        ("paytype", "WECHAT"),
        ("out_trade_no", "a"),
    ];
    let mut nobodys = signed(GATEWAY, &pairs);
    "mch_id=m".clone_into(&mut nobodys.query);
    let reading = self::reading(&decode(&nobodys), KEY).expect("the body holds");
    let meant = TRADE
        .command_of_reading(&nobodys, reading)
        .expect("another meaning");
    let error = meant.expect_err("whose order?");
    assert_eq!(error.field.as_deref(), Some("mch_id"));
    // Nor is an agent named there whom the body does not name.
    let text = std::str::from_utf8(&body).expect("UTF-8");
    let rest = text.replace(&format!("agent_id={AGENT}&"), "");
    let named = request(GATEWAY, &format!("agent_id={AGENT}&_t=1"), rest);
    assert_eq!(self::reading(&decode(&named), KEY), None);
}

#[test]
fn line_ends_and_blanks_behind_a_body_are_forgiven() {
    let original = of_vector(&vector("pay-alipay"));
    let command = decode(&original).command;
    for end in ["\r\n", "\n", " ", " \r\n"] {
        let body = [&original.body[..], end.as_bytes()].concat();
        let decoded = decode(&request(GATEWAY, "", body));
        assert_eq!(reading(&decoded, KEY), Some("ascii_trimmed"), "{end:?}");
        assert_eq!(decoded.command, command, "{end:?}");
    }
}

#[test]
fn a_body_of_another_kind_is_told_as_that() {
    for (body, kind) in [
        ("{\"agent_id\":\"1\"}", "JSON"),
        ("<xml><agent_id>1</agent_id></xml>", "XML"),
    ] {
        let undecoded = undecoded(&request(GATEWAY, "", body));
        let asked = Asked {
            cannot_sign: true,
            ..Asked::default()
        };
        let answer = encode(&undecoded.echo, Err(&undecoded.error), &asked);
        let expected = format!(
            r#"{{"state":"FAIL","code":"20004","msg":"参数错误：请求体是{kind}，应为表单（application/x-www-form-urlencoded）"}}"#
        );
        assert_eq!(self::body(&answer), expected);
        let detail = answer.headers["x-error-detail"].to_str().expect("a text");
        assert!(
            detail.starts_with(&format!("the body is {kind}")),
            "{detail}"
        );
    }
    let missing = undecoded(&request(GATEWAY, "", "method=pay"));
    assert_eq!(missing.error.field.as_deref(), Some("agent_id"));
}

#[test]
fn parameters_may_stand_behind_the_address_or_in_parts() {
    let original = of_vector(&vector("pay-alipay"));
    let command = decode(&original).command;
    let body = std::str::from_utf8(&original.body).expect("UTF-8");
    let in_query = request(GATEWAY, body, "");
    assert_eq!(decode(&in_query).command, command);
    assert_eq!(reading(&decode(&in_query), KEY), Some("ascii_trimmed"));
    let overruled = request(GATEWAY, "method=refund&total_fee=9", body.to_owned());
    assert_eq!(decode(&overruled).command, command);
    assert_eq!(reading(&decode(&overruled), KEY), Some("ascii_trimmed"));
    let parts: String = form_urlencoded::parse(body.as_bytes())
        .map(|(name, value)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    let mut in_parts = request(GATEWAY, "", parts + "--b--\r\n");
    let kind = "multipart/form-data; boundary=b".parse().expect("a header");
    in_parts.headers.insert("content-type", kind);
    assert_eq!(decode(&in_parts).command, command);
    assert_eq!(reading(&decode(&in_parts), KEY), Some("ascii_trimmed"));
    in_parts.body = "--b\r\n".into();
    assert_eq!(undecoded(&in_parts).error.code, ErrorCode::InvalidParameter);
}

#[test]
fn paths_and_methods_have_no_case_and_names_have() {
    let pairs = [
        ("method", "OrderQuery"),
        ("mch_id", "m"),
        ("paytype", "WECHAT"),
        ("out_trade_no", "a"),
    ];
    for path in [
        "/unifiedpay/gateway",
        "/UNIFIEDPAY/GATEWAY/",
        "//UnifiedPay//Gateway",
    ] {
        let decoded = decode(&signed(path, &pairs));
        assert!(matches!(decoded.command, Ok(Command::Query(_))), "{path}");
        assert_eq!(decoded.echo.route, GATEWAY);
    }
    let decoded = decode(&signed(
        GATEWAY,
        &[("Method", "orderquery"), ("mch_id", "m")],
    ));
    let error = decoded.command.expect_err("no method");
    assert_eq!(error.field.as_deref(), Some("method"));
    let foreign = undecoded(&signed("/UnifiedPay/Gateways", &pairs));
    assert_eq!(foreign.error.code, ErrorCode::InvalidParameter);
}

#[test]
fn a_request_that_we_sign_verifies() {
    let body = format!("method=Pay&agent_id={AGENT}&body=a+b&sign=old&x=");
    let bare = request(GATEWAY, "sign=older&y=1", body);
    let Outgoing::Sign { spec, place } = TRADE.sign_request(bare, Timestamp::from_ms(17)) else {
        panic!("unsigned")
    };
    assert!(
        spec.masked().ends_with("&y=1&key=***agent key***"),
        "{}",
        spec.masked()
    );
    let request = place(compute(&spec, KEY));
    assert_eq!(request.query, "y=1");
    assert!(request.headers.contains_key("content-type"));
    assert_eq!(reading(&decode(&request), KEY), Some("ascii_trimmed"));
}
