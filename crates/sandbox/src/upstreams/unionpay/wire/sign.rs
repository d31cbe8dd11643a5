//! What RSA signs (channels.md 3.2, 3.8).

use super::Fields;
use crate::crypto::sha256_hex;

/// The lower-case hex SHA-256 of `k=v&k=v`, sorted by name, without `signature`. RSA-SHA256 signs
/// these 64 characters, so the digest is taken twice. Empty texts are kept here, unlike in the ACP
/// interface (3.8).
pub(crate) fn signed_text(fields: &Fields) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(name, _)| *name != "signature")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    sha256_hex(&pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(pairs: &[(&str, &str)]) -> String {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        signed_text(&owned.collect())
    }

    /// channels.md 8, "ACP inner hex"; that text has no empty values, so both interfaces sign it
    /// alike.
    #[test]
    fn known_text() {
        let text = text_of(&[
            ("version", "5.1.0"),
            ("txnType", "01"),
            ("txnTime", "20260101100000"),
            ("txnSubType", "06"),
            ("txnAmt", "1"),
            ("termId", "00000001"),
            ("signature", "x"),
            ("signMethod", "01"),
            ("qrNo", "6220485073630469936"),
            ("orderId", "20260101100000001"),
            ("merId", "777290058110048"),
            ("encoding", "UTF-8"),
            ("currencyCode", "156"),
            ("channelType", "08"),
            ("certId", "69026276696"),
            ("bizType", "000000"),
            ("accessType", "0"),
        ]);
        assert_eq!(
            text,
            "32e4ad4422089b4397bbae3698be3cd035943e8b8efd63fa65af9b5c11a8c4a5"
        );
    }

    #[test]
    fn empty_texts_count() {
        assert_eq!(text_of(&[("a", ""), ("b", "1")]), sha256_hex("a=&b=1"));
    }
}
