//! The sign parameter in all its forms, and what may have been signed.

use heliu_ports::dialect::Surface as _;
use heliu_ports::signature::{Outgoing, Piece};
use heliu_trade::time::Timestamp;

use super::super::trade::Trade;
use super::samples::{KEY, compute, decode, md5, of_vector, reading, request, vector};

const BODY: &str = r#"{"busi_id":"880010000000001","out_trade_no":"a"}"#;
const QUERY: &str = "/gateway/pay/query";

fn hash() -> String {
    md5(format!("17{KEY}{BODY}").as_bytes())
}

#[test]
fn the_colon_may_be_percent_encoded_and_the_hash_of_any_case() {
    let hash = hash();
    for query in [
        format!("sign={hash}:17"),
        format!("sign={hash}%3A17"),
        format!("sign={hash}%3a17&_type=json"),
        format!("_type=json&sign={}:17&x", hash.to_uppercase()),
    ] {
        let decoded = decode(&request(QUERY, &query, BODY));
        assert_eq!(reading(&decoded, KEY), Some("ascii_white_space"), "{query}");
        assert_eq!(decoded.issued_at, Some(Timestamp::from_ms(17)));
    }
}

#[test]
fn a_missing_double_or_malformed_sign_has_no_reading() {
    let hash = hash();
    for query in [
        String::new(),
        "sign=".to_owned(),
        format!("Sign={hash}:17"),
        format!("sign={hash}"),
        format!("sign={hash}:"),
        format!("sign={hash}:17a"),
        format!("sign={hash}:-17"),
        format!("sign={hash}: 17"),
        format!("sign={hash}:{}", "1".repeat(21)),
        format!("sign={}:17", &hash[1..]),
        format!("sign={}g:17", &hash[1..]),
        format!("sign={hash}:17&sign={hash}:17"),
        format!("sign={hash}:17&sign="),
        format!("sign={}", "é".repeat(9000)),
    ] {
        let decoded = decode(&request(QUERY, &query, BODY));
        assert!(decoded.readings.names().is_empty(), "{query}");
        assert_eq!(decoded.issued_at, None);
        assert!(decoded.presented.chars().count() <= 128);
    }
    let decoded = decode(&request(
        QUERY,
        &format!("sign={hash}:99999999999999999999"),
        BODY,
    ));
    assert_eq!(
        (decoded.readings.names().len(), decoded.issued_at),
        (4, None)
    );
}

fn stripped(body: &str) -> Vec<String> {
    let query = format!("sign={}:17", hash());
    let decoded = decode(&request(QUERY, &query, body.to_owned()));
    let texts = (0..decoded.readings.names().len()).map(|index| {
        let spec = decoded.readings.spec(index);
        match spec.pieces.last() {
            Some(Piece::Text(bytes)) => String::from_utf8(bytes.to_vec()).expect("UTF-8"),
            other => panic!("{other:?}"),
        }
    });
    texts.collect()
}

#[test]
fn the_four_readings_strip_what_their_names_say() {
    let object = |text: &str| format!(r#"{{"busi_id":"8","x":"{text}"}}"#);
    let sent = "{ \"busi_id\":\"8\",\r\n\t\"x\":\"a\u{3000}b\u{a0}c\u{feff}d\u{2028}e f\"}";
    let kept = "a\u{3000}b\u{a0}c\u{feff}d\u{2028}ef";
    let texts = stripped(sent);
    assert_eq!(texts[0], object(kept));
    assert_eq!(texts[1], object(kept).replace(",\"x", ",\t\"x"));
    assert_eq!(texts[2], sent);
    assert_eq!(texts[3], object("abcdef"));
    assert_eq!(
        stripped(&object(r"a\n\t\u3000b")),
        vec![object(r"a\n\t\u3000b"); 4]
    );
}

#[test]
fn a_compact_body_is_shared_and_never_copied() {
    let request = of_vector(&vector("order-alipay-success"));
    let decoded = decode(&request);
    for index in 0..4 {
        let spec = decoded.readings.spec(index);
        let Some(Piece::Text(bytes)) = spec.pieces.last() else {
            panic!("no text")
        };
        assert_eq!(bytes.as_ptr(), request.body.as_ptr(), "reading {index}");
    }
}

#[test]
fn the_masked_text_shows_everything_but_the_key() {
    let request = of_vector(&vector("order-alipay-success"));
    let masked = Trade
        .decode(&request)
        .ok()
        .expect("decodes")
        .readings
        .spec(0)
        .masked();
    assert!(
        masked.starts_with("1768442400001***trade key***{\"busi_id\""),
        "{masked}"
    );
    assert!(!masked.contains(KEY));
}

#[test]
fn a_request_that_we_sign_verifies() {
    let body = "{ \"busi_id\": \"880010000000001\",\t\"out_trade_no\": \"a\" }";
    for (query, signed) in [("", "sign="), ("_type=json&sign=old", "_type=json&sign=")] {
        let request = request(QUERY, query, body);
        let Outgoing::Sign { spec, place } = Trade.sign_request(request, Timestamp::from_ms(17))
        else {
            panic!("unsigned")
        };
        let request = place(compute(&spec, KEY));
        assert!(request.query.starts_with(signed) && request.query.ends_with(":17"));
        assert_eq!(reading(&decode(&request), KEY), Some("ascii_white_space"));
    }
}
