//! Forms of texts that several wires share: whole numbers, web addresses, white space, query
//! values.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// Left as they are in an address.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// U+FEFF in UTF-8: a mark of the byte order, which nobody signs (ruling 33).
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Decimal digits only, at most `max` of them without leading zeros.
pub(crate) fn digits(text: &str, max: usize) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let significant = text.trim_start_matches('0');
    if !is_number || significant.len() > max {
        return None;
    }
    if significant.is_empty() {
        Some(0)
    } else {
        significant.parse().ok()
    }
}

/// Whether a text has the form of an http or https address. Only its form: where it may lead is the
/// transport's business.
pub(crate) fn is_web_address(url: &str) -> bool {
    let has_host = url.split_once("://").is_some_and(|(scheme, rest)| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        is_web && !host.is_empty()
    });
    has_host && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether a path is this one: doubled slashes and one at its end mean nothing (ruling 58).
pub(crate) fn is_path(path: &str, wanted: &str) -> bool {
    path == wanted || steps(path).eq(steps(wanted))
}

/// The same, where paths have no case.
pub(crate) fn is_path_in_any_case(path: &str, wanted: &str) -> bool {
    let mut wanted = steps(wanted);
    let mut found = steps(path);
    found.all(|step| {
        wanted
            .next()
            .is_some_and(|own| own.eq_ignore_ascii_case(step))
    }) && wanted.next().is_none()
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !step.is_empty())
}

/// Whether there is nothing to read in a text.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_white_space)
}

/// White_Space of Unicode, and U+FEFF, which JavaScript counts too (ruling 33).
pub(crate) fn is_white_space(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// A text without white space around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_white_space)
}

/// Whether a text holds what an identifier must not: it goes into texts that are signed with `&`
/// and `=` between values (ruling 29); quotes, backslashes, white space and control characters are
/// refused so that masking finds it.
pub(crate) fn is_no_identifier(text: &str) -> bool {
    text.contains(|c: char| {
        matches!(c, '&' | '=' | '"' | '\\') || c.is_whitespace() || c.is_control()
    })
}

/// Whether a text is longer than `max` characters.
pub(crate) fn is_longer(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().count() > max
}

/// A text as a value in an address.
pub(crate) fn query_value(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, KEPT)
}

/// The value of a name in a query; `None` if it is absent, empty or stands twice.
pub(crate) fn only_value(query: &str, wanted: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
    let (_, value) = values.next()?;
    (values.next().is_none() && !value.is_empty()).then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_more_or_less_make_no_other_path() {
        for path in ["/a/b", "//a/b", "/a//b", "/a/b/", "///a//b//"] {
            assert!(is_path(path, "/a/b"), "{path}");
            let upper = path.to_ascii_uppercase();
            assert!(is_path_in_any_case(&upper, "/a/b"), "{upper}");
            assert!(!is_path(&upper, "/a/b"), "{upper}");
        }
        for path in ["", "/", "/a", "/ab", "/a/b/c", "/b/a"] {
            assert!(!is_path(path, "/a/b"), "{path}");
            assert!(!is_path_in_any_case(path, "/a/b"), "{path}");
        }
    }
}
