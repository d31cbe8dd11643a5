//! Known-answer vectors of the texts to sign (channel notes, section 8).

use aws_lc_rs::{digest, hmac};
use md5::{Digest as _, Md5};

use super::*;

const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
const NONCE: &str = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes to sign, with the key where it goes.
fn text(spec: &SignatureSpec) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in &spec.pieces {
        match piece {
            Piece::Text(bytes) => text.extend_from_slice(bytes),
            Piece::Key(_) => text.extend_from_slice(KEY.as_bytes()),
        }
    }
    text
}

fn sha256(spec: &SignatureSpec) -> String {
    hex(digest::digest(&digest::SHA256, &text(spec)).as_ref())
}

fn fields() -> BTreeMap<String, String> {
    [
        ("appid", "wxd930ea5d5a258f4f"),
        ("mch_id", "10000100"),
        ("device_info", "1000"),
        ("body", "test"),
        ("nonce_str", "ibuaiVcKdpRxkhJA"),
        ("attach", ""),
        ("sign", "is not signed"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

#[test]
fn v2_md5() {
    let spec = v2(&fields(), V2Digest::Md5);
    assert_eq!(spec.rendering, Rendering::UpperHex);
    assert_eq!(
        hex(&Md5::digest(text(&spec))).to_uppercase(),
        "9A0A8659F005D6984697E2CA0A9CF3B7"
    );
}

#[test]
fn v2_hmac_sha256() {
    let spec = v2(&fields(), V2Digest::HmacSha256);
    assert_eq!(spec.algorithm, Algorithm::HmacSha256(API_V2));
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    assert_eq!(
        hex(hmac::sign(&key, &text(&spec)).as_ref()).to_uppercase(),
        "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
    );
}

#[test]
fn v3_requests() {
    let body = "{\"sp_mchid\":\"1900000001\"}";
    let path = "/v3/pay/partner/transactions/native";
    assert_eq!(
        sha256(&v3_request("POST", path, 1_700_000_000, NONCE, body)),
        "cc0e5afe410a583b1898986db840aa86c32e851b48262ca306c2084a206d5023"
    );
    let path =
        "/v3/pay/partner/transactions/out-trade-no/T1?sp_mchid=1900000001&sub_mchid=1900000109";
    assert_eq!(
        sha256(&v3_request("GET", path, 1_700_000_000, NONCE, "")),
        "7e5b1aec3f9bdeb2685f991a59f86fe952fa7a7df5c1562fd2d2eef73aa18efd"
    );
}

#[test]
fn v3_messages() {
    assert_eq!(
        sha256(&v3_message(
            "1700000000",
            "abc123",
            b"{\"code_url\":\"weixin://x\"}"
        )),
        "a1b6e49c117c3863e1e8e4c31f6c2efaa186e1395457164fbb40a2185a3f750a"
    );
    assert_eq!(
        sha256(&v3_message("1700000000", "abc123", b"")),
        "f9acfe27404b8d80068e8b590052e73e8c75001570a36a78c4b1d6b57b8296b8"
    );
}

#[test]
fn v3_invocations() {
    let spec = v3_invocation(
        "wx2421b1c4370ec43b",
        "1554208460",
        "593BEC0C930BF1AFEB40B4A08C8FB242",
        "prepay_id=wx201410272009395522657a690389285100",
    );
    assert_eq!(spec.algorithm, Algorithm::RsaSha256(MERCHANT_PRIVATE));
    assert_eq!(
        sha256(&spec),
        "bf5c0eab11b7710ea376aaa5038ad079fb8175af60d6cbf676fa3bcc4d218bcb"
    );
}
