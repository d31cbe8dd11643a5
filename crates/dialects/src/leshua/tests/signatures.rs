//! Readings of the signature: empties, `+`, escapes; where a form is read from; and our own
//! signing.

use heliu_ports::dialect::Surface as _;
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::{Command, Reference};
use heliu_trade::error::ErrorCode;
use heliu_trade::time::Timestamp;

use super::super::trade::Trade;
use super::samples::{
    GATEWAY, MERCHANT, TRADE_KEY, compute, decode, encode_as, md5, reading, request, undecoded,
    value,
};

/// A query with this raw text added, signed over this string.
fn with(added: &str, signed: &str) -> WireRequest {
    let sign = md5(format!("{signed}&key={TRADE_KEY}").as_bytes());
    let head = format!("merchant_id={MERCHANT}&nonce_str=n&service=query_status");
    request("", format!("{head}&{added}&sign={sign}"))
}

fn head() -> String {
    format!("merchant_id={MERCHANT}&nonce_str=n&service=query_status")
}

#[test]
fn the_readings_are_what_their_names_say() {
    for (added, signed, expected) in [
        ("x=a", "x=a", Some("empty_dropped")),
        ("x=&y=a", "y=a", Some("empty_dropped")),
        ("x=&y=a", "x=&y=a", Some("empty_included")),
        ("x=%20a%20", "x= a ", Some("empty_dropped")),
        ("x=%20a%20", "x=a", None),
        ("x=%20", "x= ", Some("empty_dropped")),
        // Nothing to read counts as empty: dropped or included as it is (ruling 69).
        ("x=%20&y=&z=a", "z=a", Some("blank_dropped")),
        ("x=%20&y=&z=a", "x= &y=&z=a", Some("empty_included")),
        ("x=1%2B1", "x=1+1", Some("empty_dropped")),
        ("x=1+1", "x=1 1", Some("empty_dropped")),
        ("x=1+1", "x=1+1", Some("empty_dropped_plus_kept")),
        ("x=1+1&y=", "x=1+1&y=", Some("empty_included_plus_kept")),
        ("x=%41+", "x=A+", Some("empty_dropped_plus_kept")),
        ("x=%41", "x=%41", Some("empty_dropped_as_sent")),
        ("x=%41+&y=", "x=%41+", Some("empty_dropped_as_sent")),
        ("x=%41+&y=", "x=%41+&y=", Some("empty_included_as_sent")),
        ("x=%zz", "x=%zz", Some("empty_dropped")),
        ("X=1&a=2", "a=2", None),
    ] {
        let decoded = decode(&with(added, &format!("{}&{signed}", head())));
        assert_eq!(reading(&decoded, TRADE_KEY), expected, "{added} {signed}");
    }
    // Upper case sorts before lower case.
    let decoded = decode(&with("X=1", &format!("X=1&{}", head())));
    assert_eq!(reading(&decoded, TRADE_KEY), Some("empty_dropped"));
}

#[test]
fn what_is_done_is_what_was_signed() {
    let order = |added: &str, signed: &str| {
        let pairs = "merchant_id=9605000011&nonce_str=n&pay_way=WXZF&service=get_tdcode";
        let sign =
            md5(format!("amount=1&{signed}&{pairs}&third_order_id=a&key={TRADE_KEY}").as_bytes());
        request(
            "",
            format!("{pairs}&third_order_id=a&amount=1&{added}&sign={sign}"),
        )
    };
    for (added, signed, subject) in [
        ("body=8%2B", "body=8+", "8+"),
        ("body=8+", "body=8 ", "8 "),
        ("body=8+", "body=8+", "8+"),
        ("body=8%2B", "body=8%2B", "8%2B"),
    ] {
        let request = order(added, signed);
        let decoded = decode(&request);
        let reading = reading(&decoded, TRADE_KEY).expect("it holds");
        let command = Trade.command_of_reading(&request, reading);
        match command.unwrap_or(decoded.command) {
            Ok(Command::Prepay(prepay)) => assert_eq!(prepay.order.subject, subject, "{signed}"),
            other => panic!("{other:?}"),
        }
    }
    let request = order("body=8+", "body=8+");
    for same in ["empty_dropped", "empty_included", "no such reading"] {
        assert_eq!(Trade.command_of_reading(&request, same), None);
    }
}

#[test]
fn a_missing_double_or_malformed_sign_has_no_reading() {
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
        let decoded = decode(&request("", format!("{}{tail}", head())));
        assert_eq!(decoded.readings.names().len(), 0, "{tail}");
    }
    for (added, count) in [
        ("", 2),
        ("&x=a+", 4),
        ("&x=%41", 4),
        ("&x=%41+", 6),
        ("&x=+", 5),
        ("&x= &y=a", 3),
    ] {
        let body = format!("{}{added}&sign={hash}", head());
        let decoded = decode(&request("", body));
        assert_eq!(decoded.readings.names().len(), count, "{added}");
    }
    // Blanks around the signature are no part of anything.
    let decoded = decode(&request("", format!("{}&sign=+{hash}+", head())));
    assert!(!decoded.readings.names().is_empty());
}

#[test]
fn line_ends_and_blanks_behind_a_body_are_forgiven() {
    let head = head();
    let sign = |signed: &str| md5(format!("{signed}&key={TRADE_KEY}").as_bytes());
    let plain = format!("{head}&third_order_id=a");
    for (end, expected) in [
        ("", "empty_dropped"),
        ("\r\n", "empty_dropped"),
        ("\n", "empty_dropped"),
        (" \r\n", "empty_dropped_end_trimmed"),
        ("\t ", "empty_dropped_end_trimmed"),
    ] {
        let body = format!("sign={}&{plain}{end}", sign(&plain));
        let request = request("", body);
        let decoded = decode(&request);
        let found = reading(&decoded, TRADE_KEY);
        assert_eq!(found, Some(expected), "{end:?}");
        let command = Trade.command_of_reading(&request, expected);
        let Ok(Command::Query(query)) = command.unwrap_or(decoded.command) else {
            panic!("no query")
        };
        let theirs = Reference::Merchant("a".to_owned());
        assert_eq!(query.order.candidates, [theirs], "{end:?}");
    }
    // A blank that was signed is part of its value.
    let signed = format!("{plain} ");
    let decoded = decode(&request("", format!("sign={}&{signed}", sign(&signed))));
    assert_eq!(reading(&decoded, TRADE_KEY), Some("empty_dropped"));
}

/// A router or proxy may add to an address what its client never signed.
#[test]
fn what_a_proxy_added_to_the_address_is_signed_by_nobody() {
    let signed = |pairs: &str| {
        let text = format!("{pairs}&key={TRADE_KEY}");
        format!("{pairs}&sign={}", md5(text.as_bytes()))
    };
    let body = signed(&format!("{}&third_order_id=a", head()));
    let both = request("_t=1&third_order_id=b", body);
    let decoded = decode(&both);
    assert_eq!(
        reading(&decoded, TRADE_KEY),
        Some("empty_dropped_body_alone")
    );
    let command = Trade.command_of_reading(&both, "empty_dropped_body_alone");
    let Some(Ok(Command::Query(query))) = command else {
        panic!("no query")
    };
    let theirs = Reference::Merchant("a".to_owned());
    assert_eq!(query.order.candidates, [theirs]);

    // Nothing counts that stands in the address alone.
    let body = signed(&format!(
        "merchant_id={MERCHANT}&nonce_str=n&service=unified_refund"
    ));
    let more = request(
        "third_order_id=b&merchant_refund_id=r&refund_amount=1",
        body,
    );
    let reading = reading(&decode(&more), TRADE_KEY).expect("the body holds");
    let command = Trade
        .command_of_reading(&more, reading)
        .expect("another one");
    assert!(command.is_err(), "{command:?}");
    // Nor is somebody named there whom the body does not name.
    let body = signed("nonce_str=n&service=query_status&third_order_id=a");
    let named = request(&format!("merchant_id={MERCHANT}"), body);
    assert_eq!(self::reading(&decode(&named), TRADE_KEY), None);
}

#[test]
fn a_body_of_another_kind_is_told_as_that() {
    for (body, kind) in [
        ("{\"merchant_id\":\"1\"}", "the body is JSON"),
        ("<xml><merchant_id>1</merchant_id></xml>", "the body is XML"),
    ] {
        let undecoded = undecoded(&request("", body));
        let answer = encode_as(&undecoded.echo, Err(&undecoded.error), false);
        let detail = answer.headers["x-error-detail"].to_str().expect("a text");
        assert!(detail.starts_with(kind), "{detail}");
        assert!(
            detail.contains("form") && !detail.contains("merchant_id"),
            "{detail}"
        );
        assert_eq!(value(&answer, "resp_code"), "3");
    }
    let missing = undecoded(&request("", "nonce_str=n"));
    assert_eq!(missing.error.field.as_deref(), Some("merchant_id"));
}

#[test]
fn nobody_is_asked_for_a_key_without_one_merchant() {
    for (body, code) in [
        ("", ErrorCode::InvalidParameter),
        ("merchant_id=", ErrorCode::InvalidParameter),
        ("merchant_id=1&merchant_id=2", ErrorCode::InvalidParameter),
        ("Merchant_id=1", ErrorCode::InvalidParameter),
        ("{\"merchant_id\":\"1\"}", ErrorCode::InvalidParameter),
        ("merchant_id=%ff", ErrorCode::InvalidParameter),
        ("merchant_id=1%262", ErrorCode::UnknownMerchant),
        (
            "merchant_id=123456789012345678901234567890123",
            ErrorCode::UnknownMerchant,
        ),
    ] {
        assert_eq!(undecoded(&request("", body)).error.code, code, "{body}");
    }
    let mut foreign = request("", "merchant_id=1");
    foreign.path.push('x');
    let error = undecoded(&foreign).error;
    assert_eq!(error.code, ErrorCode::InvalidParameter);
}

#[test]
fn a_request_that_we_sign_verifies() {
    let body = format!("service=Pay&merchant_id={MERCHANT}&body=a+b&sign=old&x=");
    let bare = request("sign=older&y=1", body);
    let Outgoing::Sign { spec, place } = Trade.sign_request(bare, Timestamp::from_ms(17)) else {
        panic!("unsigned")
    };
    let masked = spec.masked();
    assert!(masked.ends_with("&y=1&key=***trade key***"), "{masked}");
    let request = place(compute(&spec, TRADE_KEY));
    assert_eq!((&*request.query, &*request.path), ("y=1", GATEWAY));
    assert!(request.headers.contains_key("content-type"));
    assert_eq!(reading(&decode(&request), TRADE_KEY), Some("empty_dropped"));
}
