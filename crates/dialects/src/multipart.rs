//! Bodies of `multipart/form-data` with text parts, read strictly and within bounds (RFC 7578).
//!
//! The whole body is in memory already, within its dialect's limit, so a small reader over the
//! bytes is enough; files are refused.

use http::HeaderMap;

/// Most parts of a body.
const PARTS_MAX: usize = 256;
/// Longest headers of a part, in bytes.
const HEADERS_MAX: usize = 1024;
/// Longest boundary, in bytes (RFC 2046).
const BOUNDARY_MAX: usize = 70;

/// The boundary that a request of this type names; `None` if it is of another type.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary").unwrap_or_default();
    Some(boundary.to_owned())
}

/// Name and value of a part.
type Part<'a> = (&'a [u8], &'a [u8]);

/// The parts of a body, in their order.
pub(crate) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, &'static str> {
    if boundary.is_empty() || boundary.len() > BOUNDARY_MAX {
        return Err("its boundary is missing or too long");
    }
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let mut rest = after_preamble(body, &delimiter).ok_or("its boundary is nowhere in it")?;
    let mut found = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(found);
        }
        rest = without_padding(rest)
            .strip_prefix(b"\r\n")
            .ok_or("a boundary does not end its line")?;
        if found.len() == PARTS_MAX {
            return Err("it has too many parts");
        }
        let end = find(rest, b"\r\n\r\n").ok_or("a part has no empty line after its headers")?;
        if end > HEADERS_MAX {
            return Err("a part's headers are too long");
        }
        let (headers, content) = rest.split_at(end);
        let content = content.get(4..).unwrap_or_default();
        let length = find(content, &delimiter).ok_or("a part is not ended by the boundary")?;
        let (value, after) = content.split_at(length);
        found.push((name(headers)?, value));
        rest = after.get(delimiter.len()..).unwrap_or_default();
    }
}

/// What follows the first boundary: it begins the body or a line, and what stands before it means
/// nothing (RFC 2046, section 5.1.1).
fn after_preamble<'a>(body: &'a [u8], delimiter: &[u8]) -> Option<&'a [u8]> {
    let opening = delimiter.get(2..)?;
    if let Some(rest) = body.strip_prefix(opening) {
        return Some(rest);
    }
    let start = find(body, delimiter)?;
    body.get(start + delimiter.len()..)
}

/// Blanks behind a boundary are padding of the transport's (RFC 2046, section 5.1.1).
fn without_padding(rest: &[u8]) -> &[u8] {
    let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
    rest.get(padding.count()..).unwrap_or_default()
}

/// The name that a part's `Content-Disposition` gives.
fn name(headers: &[u8]) -> Result<&[u8], &'static str> {
    let text = std::str::from_utf8(headers).map_err(|_| "a part's headers are not UTF-8")?;
    let value = text
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
        .map(|(_, value)| value)
        .ok_or("a part has no Content-Disposition")?;
    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err("a part is no form-data");
    }
    if parameter(parameters, "filename").is_some() || parameter(parameters, "filename*").is_some() {
        return Err("a part is a file");
    }
    let name = parameter(parameters, "name").ok_or("a part has no name")?;
    Ok(name.as_bytes())
}

/// A parameter of a header, without its quotes; a quoted one holds neither quotes nor backslashes.
fn parameter<'a>(parameters: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = parameters;
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_start_matches([' ', ';']).trim();
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => {
                let (value, next) = after.split_once(';').unwrap_or((after, ""));
                (value.trim(), next)
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return (!value.contains('\\')).then_some(value);
        }
        rest = next;
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(content_type: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().expect("a header"));
        headers
    }

    #[test]
    fn the_type_names_its_boundary() {
        for (content_type, expected) in [
            ("multipart/form-data; boundary=abc", Some("abc")),
            (
                "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"",
                Some("a b"),
            ),
            ("multipart/form-data", Some("")),
            ("application/x-www-form-urlencoded; boundary=abc", None),
        ] {
            assert_eq!(boundary(&typed(content_type)).as_deref(), expected);
        }
        assert_eq!(boundary(&HeaderMap::new()), None);
    }

    fn part(headers: &str, value: &str) -> String {
        format!("--x\r\n{headers}\r\n\r\n{value}\r\n")
    }

    const NAMED: &str = "Content-Disposition: form-data; name=\"a\"";

    #[test]
    fn text_parts_are_read_as_they_are() {
        let second = "content-type: text/plain\r\ncontent-disposition: form-data; name=b";
        let body = part(NAMED, "1+1 %41\r\n&=") + &part(second, "") + "--x--\r\n";
        let found = parts(body.as_bytes(), "x").expect("parts");
        assert_eq!(found, [(&b"a"[..], &b"1+1 %41\r\n&="[..]), (b"b", b"")]);
        assert_eq!(parts(b"--x--", "x"), Ok(Vec::new()));
    }

    #[test]
    fn what_stands_before_the_first_boundary_means_nothing() {
        let body = part(NAMED, "1") + "--x--\r\n";
        let expected = parts(body.as_bytes(), "x").expect("parts");
        assert_eq!(expected, [(&b"a"[..], &b"1"[..])]);
        for preamble in [
            "\r\n",
            "\r\n\r\n",
            "This is a message in parts.\r\n",
            "a=b\r\nnot --x\r\n",
        ] {
            let body = format!("{preamble}{body}");
            let found = parts(body.as_bytes(), "x");
            assert_eq!(found, Ok(expected.clone()), "{preamble:?}");
        }
        let padded = body.replace("--x\r\n", "--x \t\r\n");
        assert_eq!(parts(padded.as_bytes(), "x"), Ok(expected));
    }

    #[test]
    fn anything_else_is_refused() {
        let ended = |part: String| part + "--x--";
        for body in [
            String::new(),
            "a=b".to_owned(),
            "a=b --x--".to_owned(),
            "--x\r\n".to_owned(),
            part(NAMED, "open"),
            ended(part("Content-Disposition: form-data", "")),
            ended(part("Content-Disposition: attachment; name=a", "")),
            ended(part("Content-Type: text/plain", "")),
            ended(part(&format!("{NAMED}; filename=\"f\""), "")),
            ended(part(&format!("{NAMED}\r\nX: {}", "y".repeat(2000)), "")),
            ended(part(NAMED, "").repeat(PARTS_MAX + 1)),
        ] {
            assert!(parts(body.as_bytes(), "x").is_err(), "{body}");
        }
        assert!(parts(b"----", "").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in prop::collection::vec(prop::sample::select(b"--x\r\n:;=\"a".to_vec()), 0..200)) {
            let _ = parts(&bytes, "x");
        }
    }
}
