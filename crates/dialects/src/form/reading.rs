//! The parameters of a request that comes as a form: in its body, and behind its address.
//!
//! Liberal in what it reads, since published samples of old wires print bodies that nobody encoded:
//! split at `&`, then at the first `=`, decoded once; an invalid `%` stays as it is. Raw UTF-8,
//! JSON with its quotes and blanks, and `multipart/form-data` with text parts are read too. Line
//! ends behind a body are none of it (ruling 58).

use std::fmt;

use heliu_ports::wire::WireRequest;
use heliu_trade::error::{ErrorCode, TradeError};
use percent_encoding::percent_decode_str;

use crate::lexical::BYTE_ORDER_MARK;
use crate::multipart;

/// The parameter with the signature, in every dialect of forms.
pub(crate) const SIGN: &str = "sign";
/// Shorter values are no secrets, in bytes; masking them would blot out half the log.
pub(crate) const SECRET_LENGTH_MIN: usize = 3;
/// Longest name that an error repeats, in characters.
const NAME_TOLD_MAX: usize = 64;
/// Most parameters of a request, in its body and behind its address.
const PAIRS_MAX: usize = 256;

/// How the text of a parameter is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoding {
    /// As forms have it: escapes are decoded, a literal `+` is a space.
    Form,
    /// The same, but a literal `+` is itself, as clients mean it that encode nothing.
    PlusKept,
    /// As it was sent, as clients mean it whose text was encoded before they signed it.
    AsSent,
}

/// How much of a request is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Body and address.
    Whole,
    /// The body alone: what stands behind the address may be a router's or proxy's.
    BodyAlone,
    /// Body and address, without the blanks that the body ends in.
    EndTrimmed,
}

/// Why a request is no form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Its bytes are not UTF-8, before or after decoding.
    NotUtf8,
    /// It calls itself `multipart/form-data` and is none.
    NotMultipart(&'static str),
    /// It has more than [`PAIRS_MAX`] parameters.
    TooMany,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the parameters are not UTF-8"),
            Self::NotMultipart(why) => write!(f, "the multipart body cannot be read: {why}"),
            Self::TooMany => write!(f, "there are more than {PAIRS_MAX} parameters"),
        }
    }
}

/// Where a parameter stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    Query,
}

#[derive(Debug)]
struct Pair {
    name: String,
    value: String,
    place: Place,
}

/// A form. Each name has one value: the body's if it has one, else the query's.
#[derive(Debug)]
pub(crate) struct Form {
    /// One pair a name, in the order of the names' bytes.
    pairs: Vec<Pair>,
    /// Names that stand more than once in one place.
    repeated: Vec<String>,
    /// Names that stand more than once in one place, with different values.
    ambiguous: Vec<String>,
}

impl Form {
    /// Reads the parameters of a request.
    pub(crate) fn read(request: &WireRequest, decoding: Decoding) -> Result<Self, Unreadable> {
        Self::read_of(request, decoding, Extent::Whole)
    }

    /// Reads the parameters of this much of a request.
    pub(crate) fn read_of(
        request: &WireRequest,
        decoding: Decoding,
        extent: Extent,
    ) -> Result<Self, Unreadable> {
        let mut pairs = Vec::with_capacity(24);
        let body = body(request);
        match multipart::boundary(&request.headers) {
            Some(boundary) => {
                let parts = multipart::parts(body, &boundary).map_err(Unreadable::NotMultipart)?;
                for (name, value) in parts {
                    let utf8 = |bytes: &[u8]| match std::str::from_utf8(bytes) {
                        Ok(text) => Ok(text.to_owned()),
                        Err(_) => Err(Unreadable::NotUtf8),
                    };
                    pairs.push(Pair {
                        name: utf8(name)?,
                        value: utf8(value)?,
                        place: Place::Body,
                    });
                }
            }
            None => {
                let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotUtf8)?;
                let text = match extent {
                    Extent::EndTrimmed => text.trim_end_matches([' ', '\t', '\r', '\n']),
                    Extent::Whole | Extent::BodyAlone => without_line_ends(text),
                };
                split(text, decoding, Place::Body, &mut pairs)?;
            }
        }
        if extent != Extent::BodyAlone {
            split(&request.query, decoding, Place::Query, &mut pairs)?;
        }
        Ok(Self::of(pairs))
    }

    fn of(mut all: Vec<Pair>) -> Self {
        // Stable, so that of one name the body's first value comes first.
        all.sort_by(|one, other| one.name.cmp(&other.name));
        let mut form = Self {
            pairs: Vec::with_capacity(all.len()),
            repeated: Vec::new(),
            ambiguous: Vec::new(),
        };
        for pair in all {
            let Some(kept) = form.pairs.last().filter(|kept| kept.name == pair.name) else {
                form.pairs.push(pair);
                continue;
            };
            // Another place's value is no second one, but a signature stands in one place only
            // (ruling 33).
            if kept.place != pair.place && pair.name != SIGN {
                continue;
            }
            let (noted, is_other) = (&pair.name, kept.value != pair.value);
            if form.repeated.last() != Some(noted) {
                form.repeated.push(noted.clone());
            }
            if is_other && form.ambiguous.last() != Some(noted) {
                form.ambiguous.push(noted.clone());
            }
        }
        form
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.binary_search_by(|pair| (*pair.name).cmp(name));
        let pair = found.ok().and_then(|index| self.pairs.get(index))?;
        Some(&pair.value)
    }

    /// Whether the body has this name.
    pub(crate) fn is_in_body(&self, name: &str) -> bool {
        let found = self.pairs.binary_search_by(|pair| (*pair.name).cmp(name));
        let pair = found.ok().and_then(|index| self.pairs.get(index));
        pair.is_some_and(|pair| pair.place == Place::Body)
    }

    /// Names and values, in the order of the names' bytes.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (&*pair.name, &*pair.value))
    }

    /// Refuses what no reading makes sense of: a name with several values, and U+0000.
    pub(crate) fn check_plain(&self) -> Result<(), TradeError> {
        if let Some(name) = self.ambiguous.first() {
            let name: String = name.chars().take(NAME_TOLD_MAX).collect();
            let problem = format!("{name} stands twice with different values");
            return Err(TradeError::field(
                ErrorCode::InvalidParameter,
                &name,
                problem,
            ));
        }
        let mut pairs = self.pairs();
        let holds_nul = |(name, value): &(&str, &str)| name.contains('\0') || value.contains('\0');
        if let Some((name, _)) = pairs.find(holds_nul) {
            let name = name.replace('\0', "");
            let name: String = name.chars().take(NAME_TOLD_MAX).collect();
            let problem = format!("{name} must not hold U+0000");
            return Err(TradeError::field(
                ErrorCode::InvalidParameter,
                &name,
                problem,
            ));
        }
        Ok(())
    }

    /// Whether a name stands more than once in one place.
    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// Names that stand more than once in one place, with different values.
    pub(crate) fn ambiguous(&self) -> &[String] {
        &self.ambiguous
    }
}

/// The body without a byte order mark.
fn body(request: &WireRequest) -> &[u8] {
    request
        .body
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(&request.body)
}

/// Whether a literal `+` stands where it can mean two things.
pub(crate) fn has_plus(request: &WireRequest) -> bool {
    has(request, b'+')
}

/// Whether an escape stands where it can be meant as it is.
pub(crate) fn has_escape(request: &WireRequest) -> bool {
    has(request, b'%')
}

/// Whether the body ends in blanks, line ends aside.
pub(crate) fn ends_in_blanks(request: &WireRequest) -> bool {
    let end = request.body.iter().rev();
    let last = end.copied().find(|byte| !matches!(byte, b'\r' | b'\n'));
    matches!(last, Some(b' ' | b'\t')) && multipart::boundary(&request.headers).is_none()
}

fn has(request: &WireRequest, byte: u8) -> bool {
    request.query.as_bytes().contains(&byte)
        || (request.body.contains(&byte) && multipart::boundary(&request.headers).is_none())
}

/// A body's text without the line ends behind it, which clients' libraries and files add.
pub(super) fn without_line_ends(text: &str) -> &str {
    text.trim_end_matches(['\r', '\n'])
}

/// The texts of a name, however that is spelt, as they stand in body and query, not decoded; for
/// masking.
pub(crate) fn raw_values<'a>(
    request: &'a WireRequest,
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    let body = std::str::from_utf8(&request.body).unwrap_or_default();
    let pieces = body.split('&').chain(request.query.split('&'));
    pieces
        .filter_map(|piece| piece.split_once('='))
        .filter(move |(found, _)| reads_as(found, name))
        .map(|(_, value)| value)
}

/// Whether a name, as it stands, is read as `name`.
fn reads_as(found: &str, name: &str) -> bool {
    let found = found.strip_prefix('\u{feff}').unwrap_or(found);
    found == name
        || found.contains(['%', '+'])
            && decoded(found, Decoding::Form).is_ok_and(|decoded| decoded == name)
}

fn split(
    text: &str,
    decoding: Decoding,
    place: Place,
    into: &mut Vec<Pair>,
) -> Result<(), Unreadable> {
    for piece in text.split('&').filter(|piece| !piece.is_empty()) {
        if into.len() == PAIRS_MAX {
            return Err(Unreadable::TooMany);
        }
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        into.push(Pair {
            name: decoded(name, decoding)?,
            value: decoded(value, decoding)?,
            place,
        });
    }
    Ok(())
}

fn decoded(text: &str, decoding: Decoding) -> Result<String, Unreadable> {
    let spaced = match decoding {
        Decoding::Form => text.replace('+', " "),
        Decoding::PlusKept | Decoding::AsSent => text.to_owned(),
    };
    if decoding == Decoding::AsSent || !spaced.contains('%') {
        return Ok(spaced);
    }
    let bytes = percent_decode_str(&spaced).collect::<Vec<u8>>();
    String::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(body: impl Into<bytes::Bytes>, query: &str) -> WireRequest {
        WireRequest {
            method: http::Method::POST,
            path: String::new(),
            query: query.to_owned(),
            headers: http::HeaderMap::new(),
            body: body.into(),
            peer: std::net::IpAddr::from([127, 0, 0, 1]),
        }
    }

    fn read(body: &str) -> Form {
        Form::read(&request(body.to_owned(), ""), Decoding::Form).expect("a form")
    }

    #[test]
    fn bodies_are_read_encoded_or_not() {
        for (body, value) in [
            ("a=%E6%B5%8B+1", "测 1"),
            ("a=测 1", "测 1"),
            ("a=[{\"b\":\"c\", \"d\":1}]", "[{\"b\":\"c\", \"d\":1}]"),
            ("a=b=c", "b=c"),
            ("a=50%&b", "50%"),
            ("a=%zz%2", "%zz%2"),
            ("\u{feff}a=x", "x"),
            ("&&a=x&", "x"),
            ("a", ""),
        ] {
            assert_eq!(read(body).get("a"), Some(value), "{body}");
        }
        let kept = Form::read(&request("a=1+1", ""), Decoding::PlusKept).expect("a form");
        assert_eq!(kept.get("a"), Some("1+1"));
        let sent = Form::read(&request("a=1+%41&b=", ""), Decoding::AsSent).expect("a form");
        assert_eq!((sent.get("a"), sent.get("b")), (Some("1+%41"), Some("")));
    }

    #[test]
    fn line_ends_behind_a_body_are_none_of_it_and_blanks_are() {
        for (body, value) in [
            ("a=1\r\n", "1"),
            ("a=1\n\r\n", "1"),
            ("a=1 \r\n", "1 "),
            ("a=1\r\n&a=1\r\n", "1\r\n"),
        ] {
            assert_eq!(read(body).get("a"), Some(value), "{body:?}");
        }
        for (body, ends_in_blanks_too) in [("a=1 \r\n", true), ("a=1\t", true), ("a=1\n", false)] {
            let request = request(body, "");
            assert_eq!(ends_in_blanks(&request), ends_in_blanks_too, "{body:?}");
            let trimmed = Form::read_of(&request, Decoding::Form, Extent::EndTrimmed);
            assert_eq!(trimmed.expect("a form").get("a"), Some("1"), "{body:?}");
        }
    }

    #[test]
    fn the_body_is_read_alone_where_a_proxy_added_to_the_address() {
        let request = request("a=1&b=2", "b=9&_t=3");
        let whole = Form::read(&request, Decoding::Form).expect("a form");
        assert_eq!((whole.get("b"), whole.get("_t")), (Some("2"), Some("3")));
        assert!(whole.is_in_body("b") && !whole.is_in_body("_t") && !whole.is_in_body("c"));
        let alone = Form::read_of(&request, Decoding::Form, Extent::BodyAlone);
        let alone = alone.expect("a form");
        assert_eq!((alone.get("b"), alone.get("_t")), (Some("2"), None));
    }

    #[test]
    fn the_body_wins_over_the_query_and_doubles_are_known() {
        let of = |body: &str, query| {
            Form::read(&request(body.to_owned(), query), Decoding::Form).expect("a form")
        };
        let form = of("a=1&b=2&b=2", "a=9&c=3&c=4");
        assert_eq!((form.get("a"), form.get("c")), (Some("1"), Some("3")));
        assert_eq!(form.ambiguous(), ["c"]);
        assert!(form.is_repeated("b") && form.is_repeated("c") && !form.is_repeated("a"));
        assert_eq!(of("c=1", "c=3&c=4").ambiguous(), Vec::<String>::new());
        assert_eq!(of("b=1&b=1&b=2", "").ambiguous(), ["b"]);
        assert!(of("sign=1", "sign=1").is_repeated(SIGN));
    }

    #[test]
    fn what_is_not_utf_8_is_refused() {
        for body in [&b"a=%ff"[..], b"a=\xff", b"%ff=a"] {
            let read = Form::read(&request(body.to_vec(), ""), Decoding::Form);
            assert_eq!(read.err(), Some(Unreadable::NotUtf8));
        }
        assert!(Form::read(&request("", "a=%ff"), Decoding::Form).is_err());
    }

    #[test]
    fn texts_to_be_masked_are_found_under_every_spelling_of_their_name() {
        let request = request(
            "\u{feff}auth%5Fcode=%32%38&a=1&%61uth_code=29&auth_code=30&auth_codes=31",
            "auth%5fcode=32",
        );
        let found: Vec<&str> = raw_values(&request, "auth_code").collect();
        assert_eq!(found, ["%32%38", "29", "30", "32"]);
    }

    #[test]
    fn parameters_are_counted() {
        let body = "a=1&".repeat(PAIRS_MAX);
        assert_eq!(read(&body).get("a"), Some("1"));
        let error = Form::read(&request(body, "b=1"), Decoding::Form).err();
        assert_eq!(error, Some(Unreadable::TooMany));
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(
            body in prop::collection::vec(any::<u8>(), 0..300),
            query in "[ -~]{0,80}",
        ) {
            for decoding in [Decoding::Form, Decoding::PlusKept, Decoding::AsSent] {
                let _ = Form::read(&request(body.clone(), &query), decoding);
            }
        }

        #[test]
        fn pairs_survive_encoding(
            pairs in prop::collection::btree_map("\\PC{1,12}", "\\PC{0,20}", 0..12),
        ) {
            let mut body = form_urlencoded::Serializer::new(String::new());
            let body = body.extend_pairs(&pairs).finish();
            let form = read(&body);
            let found: Vec<_> = form.pairs().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(found, pairs.into_iter().collect::<Vec<_>>());
        }
    }
}
