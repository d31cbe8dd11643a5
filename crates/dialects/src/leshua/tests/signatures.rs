//! Readings of the signature: empties, `+`, escapes; where a form is read from; and our own signing.

use heliu_ports::dialect::Dialect as _;
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::ErrorCode;
use heliu_trade::time::Timestamp;

use super::super::Leshua;
use super::samples::{
    GATEWAY, MERCHANT, TRADE_KEY, compute, decode, md5, reading, request, undecoded,
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
        let command = Leshua.command_of_reading(&request, reading);
        match command.unwrap_or(decoded.command) {
            Ok(Command::Prepay(prepay)) => assert_eq!(prepay.order.subject, subject, "{signed}"),
            other => panic!("{other:?}"),
        }
    }
    let request = order("body=8+", "body=8+");
    for same in ["empty_dropped", "empty_included", "no such reading"] {
        assert_eq!(Leshua.command_of_reading(&request, same), None);
    }
}

#[test]
fn a_missing_double_or_malformed_sign_has_no_reading() {
    let hash = "0".repeat(32);
    for tail in [
        String::new(),
        "&sign=".to_owned(),
        format!("&sign={hash}0"),
        format!("&sign=+{hash}"),
        format!("&sign={}g", "0".repeat(31)),
        format!("&sign={hash}&sign={hash}"),
        format!("&sign={hash}&sign={}", "1".repeat(32)),
        format!("&Sign={hash}"),
    ] {
        let decoded = decode(&request("", format!("{}{tail}", head())));
        assert_eq!(decoded.readings.names().len(), 0, "{tail}");
    }
    for (added, count) in [("", 2), ("&x=+", 4), ("&x=%20", 4), ("&x=%20+", 6)] {
        let body = format!("{}{added}&sign={hash}", head());
        let decoded = decode(&request("", body));
        assert_eq!(decoded.readings.names().len(), count, "{added}");
    }
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
    let Outgoing::Sign { spec, place } = Leshua.sign_request(bare, Timestamp::from_ms(17)) else {
        panic!("unsigned")
    };
    let masked = spec.masked();
    assert!(masked.ends_with("&y=1&key=***trade key***"), "{masked}");
    let request = place(compute(&spec, TRADE_KEY));
    assert_eq!((&*request.query, &*request.path), ("y=1", GATEWAY));
    assert!(request.headers.contains_key("content-type"));
    assert_eq!(reading(&decode(&request), TRADE_KEY), Some("empty_dropped"));
}
