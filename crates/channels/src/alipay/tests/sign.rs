//! Known-answer vector of the text to sign (channel notes, section 8).

use aws_lc_rs::digest;

use super::*;

fn parameters() -> BTreeMap<String, String> {
    [
        ("app_auth_token", "tok"),
        ("app_id", "2021000000000001"),
        (
            "biz_content",
            "{\"out_trade_no\":\"T1\",\"scene\":\"bar_code\",\"auth_code\":\"28763443825664394\",\
             \"subject\":\"测试 a&b\",\"total_amount\":\"0.01\"}",
        ),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", "alipay.trade.pay"),
        ("notify_url", ""),
        ("sign", "is not signed"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-01-01 10:00:00"),
        ("version", "1.0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

#[test]
fn requests_sign_their_sign_type() {
    let spec = request(&parameters());
    let [Piece::Text(text)] = spec.pieces.as_slice() else {
        panic!("one piece")
    };
    let digest = digest::digest(&digest::SHA256, text);
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "312902d60e46b3a07c60300f3d860a9ea35a48c8aeb3e09ed8130af4eef11387"
    );
}

#[test]
fn notifications_do_not() {
    let spec = notification(&parameters());
    assert_eq!(spec.algorithm, Algorithm::RsaSha256(ALIPAY_PUBLIC));
    assert!(!spec.masked().contains("sign_type"));
    assert!(
        spec.masked()
            .ends_with("timestamp=2026-01-01 10:00:00&version=1.0")
    );
}
