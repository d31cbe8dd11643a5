//! Brings texts into the forms that wires take.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All that RFC 3986 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// As a part of a path or a value of a query.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Names and values as the query of an address.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let parts: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    parts.join("&")
}

/// An identifier for a wire that has room for `chars_max` characters; none if it is empty or
/// longer, since a cut one would name something else.
pub(crate) fn identifier(text: Option<&str>, chars_max: usize) -> Option<&str> {
    text.filter(|text| !text.is_empty() && text.chars().count() <= chars_max)
}

/// Without the characters that XML cannot carry.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

/// Cleaned and cut to at most `bytes_max` bytes, between characters; `fallback` if nothing is left.
pub(crate) fn cut(text: &str, bytes_max: usize, fallback: &str) -> String {
    let clean = clean(text);
    let trimmed = clean.trim();
    let mut end = trimmed.len().min(bytes_max);
    while !trimmed.is_char_boundary(end) {
        end -= 1;
    }
    match trimmed.get(..end).map(str::trim_end) {
        Some(kept) if !kept.is_empty() => kept.to_owned(),
        _ => fallback.to_owned(),
    }
}

/// A bank's text with its account numbers masked: six digits, nine stars, four digits; of shorter
/// runs that may be one, nothing is left. Codes of up to seven digits stay.
pub(crate) fn mask_accounts(text: &str) -> String {
    const CODE_DIGITS_MAX: usize = 7;
    const MASKED_DIGITS_MIN: usize = 12;
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit());
        let (digits, after) = from.split_at(end.unwrap_or(from.len()));
        masked.push_str(before);
        match digits.len() {
            ..=CODE_DIGITS_MAX => masked.push_str(digits),
            MASKED_DIGITS_MIN.. => {
                masked.push_str(&digits[..6]);
                masked.push_str("*********");
                masked.push_str(&digits[digits.len() - 4..]);
            }
            _ => masked.push_str("*********"),
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("咖啡", 6, "-"), "咖啡");
        assert_eq!(cut("咖啡", 5, "-"), "咖");
        assert_eq!(cut("咖啡", 2, "-"), "-");
        assert_eq!(cut(" a\u{0}\u{1b}b\n", 128, "-"), "ab");
        assert_eq!(cut("", 128, "-"), "-");
    }

    #[test]
    fn identifiers_are_whole_or_absent() {
        for (text, found) in [
            (Some("门店01"), Some("门店01")),
            (Some("门店012"), None),
            (Some(""), None),
            (None, None),
        ] {
            assert_eq!(identifier(text, 4), found);
        }
    }

    #[test]
    fn account_numbers_in_texts_are_masked() {
        for (text, masked) in [
            ("非本行帐户", "非本行帐户"),
            ("请确认后输入[1000014]", "请确认后输入[1000014]"),
            (
                "账号6200000000000000752不符[24]",
                "账号620000*********0752不符[24]",
            ),
            ("户12345678", "户*********"),
            (
                "622202123456/755912345610701",
                "622202*********3456/755912*********0701",
            ),
        ] {
            assert_eq!(mask_accounts(text), masked);
        }
    }

    #[test]
    fn queries_are_encoded_value_by_value() {
        assert_eq!(query(&[("a", "1&b=2"), ("c", "")]), "a=1%26b%3D2&c=");
    }

    #[test]
    fn values_are_encoded_as_rfc_3986_says() {
        assert_eq!(
            encode("http://a/b?c=d&e 中~"),
            "http%3A%2F%2Fa%2Fb%3Fc%3Dd%26e%20%E4%B8%AD~"
        );
    }
}
