//! Known-answer vector of the text to sign (channel notes, section 8: "ACP inner hex").

use aws_lc_rs::digest;

use super::*;

/// The sample's members, out of order, some of them as a JSON interface could have them.
const MEMBERS: [Member<'_>; 16] = [
    ("version", "5.1.0"),
    ("signature", "is not signed"),
    ("accessType", "0"),
    ("bizType", "000000"),
    ("certId", "69026276696"),
    ("channelType", "08"),
    ("currencyCode", "156"),
    ("encoding", "UTF-8"),
    ("merId", "777290058110048"),
    ("orderId", "20260101100000001"),
    ("qrNo", "6220485073630469936"),
    ("signMethod", "01"),
    ("termId", "00000001"),
    ("txnAmt", "1"),
    ("txnSubType", "06"),
    ("txnTime", "20260101100000"),
];

#[test]
fn members_are_sorted_and_joined() {
    let members = MEMBERS.into_iter().chain([("txnType", "01")]);
    let spec = request(members);
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
        "32e4ad4422089b4397bbae3698be3cd035943e8b8efd63fa65af9b5c11a8c4a5"
    );
}

#[test]
fn empty_values_stand_in_the_text() {
    let spec = message([("b", ""), ("a", "1"), ("signature", "s")].into_iter());
    assert_eq!(spec.algorithm, Algorithm::RsaSha256OfHex(UNIONPAY_PUBLIC));
    assert_eq!(spec.masked(), "a=1&b=");
}
