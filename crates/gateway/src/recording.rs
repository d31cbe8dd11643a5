//! The exchange log's two halves, and answers as the server sends them.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::Response;
use heliu_ports::exchange::{ExchangeRequest, Secret};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::id::{AppId, DialectId, PlatformNo};
use heliu_trade::time::Timestamp;
use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::verification::masked;

/// What is kept of a refused request's body, in bytes (ruling 31).
const REFUSED_BYTES_MAX: usize = 4096;
/// Digits in a row that may be a payment code, in a body that nobody could read.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 16..=24;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request half of a request that was understood.
pub(crate) fn request_half(
    exchange_no: PlatformNo,
    at: Timestamp,
    dialect: &'static str,
    app: Option<AppId>,
    request: &WireRequest,
    secrets: &[Secret],
) -> ExchangeRequest {
    ExchangeRequest {
        exchange_no,
        at,
        dialect_id: DialectId::from(dialect),
        app_id: app,
        path: request.path.clone(),
        query: masked(request.query.as_str().into(), secrets),
        body: masked(text_of(&request.body), secrets),
        peer: request.peer.to_string(),
    }
}

/// Bytes as text. Nearly all are UTF-8, which is checked several times faster than it is searched for what
/// is not.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The request half of one that was refused: only the beginning of its body.
pub(crate) fn refused_half(mut half: ExchangeRequest, is_understood: bool) -> ExchangeRequest {
    if !is_understood {
        half.body = mask_codes(&half.body);
        half.query = mask_codes(&half.query);
    }
    if half.body.len() > REFUSED_BYTES_MAX {
        let mut end = REFUSED_BYTES_MAX;
        while !half.body.is_char_boundary(end) {
            end -= 1;
        }
        half.body.truncate(end);
        half.body.push('…');
    }
    half
}

/// Masks every run of digits that has a payment code's length.
fn mask_codes(text: &str) -> String {
    let mut masked_text = String::with_capacity(text.len());
    let mut digits = String::new();
    for character in text.chars().chain(std::iter::once('\n')) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        if CODE_DIGITS.contains(&digits.len()) {
            masked_text.push_str(&heliu_ports::exchange::mask(&digits));
        } else {
            masked_text.push_str(&digits);
        }
        digits.clear();
        masked_text.push(character);
    }
    masked_text.pop();
    masked_text
}

/// An answer as the server sends it.
pub(crate) fn response(answer: WireResponse) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = answer.headers;
    response
}

/// The same with its request id.
pub(crate) fn response_to(answer: WireResponse, exchange_no: PlatformNo) -> Response {
    let mut response = response(answer);
    if let Ok(value) = HeaderValue::from_str(&exchange_no.to_string()) {
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
    use super::mask_codes;

    #[test]
    fn payment_codes_in_unreadable_bodies_are_masked() {
        assert_eq!(
            mask_codes("{\"auth_code\":\"284214903060794755\", broken, 158"),
            "{\"auth_code\":\"28************4755\", broken, 158"
        );
        assert_eq!(mask_codes("134886863488188613"), "13************8613");
    }
}
