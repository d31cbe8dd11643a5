//! The exchange log's two halves, and answers as the server sends them.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use heliu_ports::dialect::Recording;
use heliu_ports::exchange::{ExchangeRequest, Secret, beginning};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::id::{DialectId, PlatformNo};
use heliu_trade::time::Timestamp;
use http::header::{CONTENT_LENGTH, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::verification::masked;

/// Digits in a row that may be a payment code, in a body that nobody could read.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 16..=24;

/// Bytes of a file that are read at once.
const PIECE_BYTES: usize = 64 * 1024;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request half of an exchange, as the surface's rule lets it be kept. `secrets` are those of
/// a request that was understood; `None` for one that was not.
pub(crate) fn request_half(
    exchange_no: PlatformNo,
    at: Timestamp,
    dialect: &'static str,
    rule: Recording,
    request: &WireRequest,
    secrets: Option<&[Secret]>,
) -> ExchangeRequest {
    let known = secrets.unwrap_or_default();
    let is_private = secrets.is_none() && rule != Recording::Text;
    ExchangeRequest {
        exchange_no,
        at,
        dialect_id: DialectId::from(dialect),
        app_id: None,
        path: request.path.clone(),
        query: if is_private {
            String::new()
        } else {
            masked(request.query.as_str().into(), known)
        },
        body: if is_private || rule == Recording::Size {
            format!("({} bytes, not kept)", request.body.len())
        } else {
            masked(text_of(&request.body), known)
        },
        peer: request.peer.to_string(),
    }
}

/// Bytes as text. Nearly all are UTF-8, which is checked several times faster than it is searched
/// for what is not.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The request half of one that was refused: only the beginnings of its texts.
pub(crate) fn refused_half(mut half: ExchangeRequest, is_understood: bool) -> ExchangeRequest {
    if !is_understood {
        half.body = mask_codes(&half.body);
        half.query = mask_codes(&half.query);
    }
    half.body = kept(half.body);
    half.query = kept(half.query);
    half
}

/// Only the beginning of a text.
pub(crate) fn kept(text: String) -> String {
    match beginning(&text) {
        Cow::Owned(cut) => cut,
        Cow::Borrowed(_) => text,
    }
}

/// Masks every run of digits that has a payment code's length, also where digits are escaped as in
/// addresses (`%32`) or in JSON (`\\u0032`).
fn mask_codes(text: &str) -> String {
    let mut masked_text = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let mut digits = String::new();
        let mut end = 0;
        while let Some((digit, length)) = rest.get(end..).and_then(digit) {
            digits.push(digit);
            end += length;
        }
        let (run, behind) = rest.split_at(end);
        if CODE_DIGITS.contains(&digits.len()) {
            masked_text.push_str(&heliu_ports::exchange::mask(&digits));
        } else {
            masked_text.push_str(run);
        }
        let mut characters = behind.chars();
        masked_text.extend(characters.next());
        rest = characters.as_str();
    }
    masked_text
}

/// The digit at the beginning of a text, and how many bytes it takes there.
fn digit(text: &str) -> Option<(char, usize)> {
    let (before, length) = match text.as_bytes() {
        [b'0'..=b'9', ..] => ("", 1),
        [b'%', b'3', ..] => ("%3", 3),
        [b'\\', b'u', b'0', b'0', b'3', ..] => ("\\u003", 6),
        _ => return None,
    };
    let digit = text.strip_prefix(before)?.chars().next()?;
    digit.is_ascii_digit().then_some((digit, length))
}

/// An answer as the server sends it.
pub(crate) fn response(answer: WireResponse) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = answer.headers;
    response
}

/// An answer in whose place a file is sent, as large as it may be: its body is read while it goes
/// out.
pub(crate) fn file_response(answer: WireResponse, path: &Path, bytes: u64) -> Response {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) => {
            tracing::error!(%cause, path = %path.display(), "a file cannot be read");
            return plain(500, "a fault on our side");
        }
    };
    let pieces = futures::stream::try_unfold(file, |mut file| async {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE_BYTES];
            let count = file.read(&mut piece)?;
            piece.truncate(count);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((piece, file)))
    });
    let mut response = response(answer);
    *response.body_mut() = Body::from_stream(pieces);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    response
}

/// With its request id.
pub(crate) fn identified(mut response: Response, request_id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(&REQUEST_ID, value);
    }
    response
}

/// A plain text answer outside of any dialect.
pub(crate) fn plain(status: u16, text: &'static str) -> Response {
    response(WireResponse::new(status, "text/plain; charset=utf-8", text))
}

/// The same for whoever is to come again in a while.
pub(crate) fn busy(status: u16, text: &'static str) -> Response {
    let mut response = plain(status, text);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use heliu_ports::dialect::Recording;
    use heliu_ports::exchange::Secret;
    use heliu_ports::wire::WireRequest;
    use heliu_trade::id::PlatformNo;
    use heliu_trade::time::Timestamp;

    use super::{mask_codes, request_half};

    const WHOLE: &str = "(7 bytes, not kept)";

    #[test]
    fn a_rule_says_what_is_kept_of_a_request_that_was_understood_and_of_one_that_was_not() {
        let request = WireRequest {
            method: http::Method::POST,
            path: "/a".to_owned(),
            query: "b=pin".to_owned(),
            headers: http::HeaderMap::new(),
            body: "the pin".into(),
            peer: IpAddr::from([127, 0, 0, 1]),
        };
        let secrets = [Secret::whole("pin")];
        for (rule, is_understood, query, body) in [
            (Recording::Text, true, "b=***", "the ***"),
            (Recording::Text, false, "b=pin", "the pin"),
            (Recording::TextOnceRead, true, "b=***", "the ***"),
            (Recording::TextOnceRead, false, "", WHOLE),
            (Recording::Size, true, "b=***", WHOLE),
            (Recording::Size, false, "", WHOLE),
        ] {
            let known = is_understood.then_some(&secrets[..]);
            let (no, at) = (PlatformNo::from_u64(1), Timestamp::from_ms(0));
            let half = request_half(no, at, "wire", rule, &request, known);
            assert_eq!(
                (&*half.query, &*half.body),
                (query, body),
                "{rule:?} {is_understood}"
            );
            assert_eq!(half.path, "/a");
        }
    }

    #[test]
    fn payment_codes_in_unreadable_bodies_are_masked() {
        assert_eq!(
            mask_codes("{\"auth_code\":\"284214903060794755\", broken, 158"),
            "{\"auth_code\":\"28************4755\", broken, 158"
        );
        assert_eq!(mask_codes("134886863488188613"), "13************8613");
        let escaped = "a=%32%38421490306079475%35&b=1%3a2%";
        assert_eq!(mask_codes(escaped), "a=28************4755&b=1%3a2%");
        let json = r#"{"a":"\u0032\u0038421490306079475\u0035","b":"\u003c1""#;
        assert_eq!(
            mask_codes(json),
            r#"{"a":"28************4755","b":"\u003c1""#
        );
        assert_eq!(
            mask_codes("测1234567890123456789012345试"),
            "测1234567890123456789012345试"
        );
    }
}
