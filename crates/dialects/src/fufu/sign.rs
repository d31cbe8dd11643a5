//! The signature: `MD5(timestamp + key + stripped body)` in hexadecimal, a colon, the timestamp; in
//! the query, never in the body. Source: Fufu V1.1.1, section 1 (signature); ruling 28 for the
//! readings.

use std::borrow::Cow;

use bytes::Bytes;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Outgoing, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::WireRequest;
use heliu_trade::time::Timestamp;

use crate::lexical::{BYTE_ORDER_MARK, is_white_space};
use crate::signature::{is_hash, told};

const TIMESTAMP_DIGITS_MAX: usize = 20;

/// Ways in which clients strip the body, the ancestor SDK's first.
const NAMES: [&str; 4] = [
    "ascii_white_space",
    "space_cr_lf",
    "unstripped",
    "unicode_white_space",
];

/// The body without its byte order mark, which nobody signs (ruling 33); shares the bytes.
pub(super) fn without_mark(body: &Bytes) -> Bytes {
    let skipped = if body.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    body.slice(skipped..)
}

/// What the query says.
pub(super) struct Presented {
    /// The hash; of a malformed signature whatever stood there.
    pub(super) signature: String,
    /// When the sender signed.
    pub(super) issued_at: Option<Timestamp>,
    /// What may have been signed.
    pub(super) readings: Box<dyn Readings>,
}

/// Reads the query of a request with this body (without byte order mark). Missing, twice, or not of
/// the form hash, colon, timestamp: no reading.
pub(super) fn presented(query: &str, body: &Bytes) -> Presented {
    let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "sign");
    let value = found.next().map_or(Cow::Borrowed(""), |(_, value)| value);
    if found.next().is_none()
        && let Some((hash, timestamp)) = split(&value)
    {
        return Presented {
            signature: hash.to_owned(),
            issued_at: timestamp.parse().ok().map(Timestamp::from_ms),
            readings: Box::new(StrippedBodies {
                timestamp: Bytes::copy_from_slice(timestamp.as_bytes()),
                body: body.clone(),
            }),
        };
    }
    Presented {
        signature: told(&value),
        issued_at: None,
        readings: Box::new(NoReadings),
    }
}

fn split(value: &str) -> Option<(&str, &str)> {
    let (hash, timestamp) = value.split_once(':')?;
    let is_timestamp = (1..=TIMESTAMP_DIGITS_MAX).contains(&timestamp.len())
        && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    (is_hash(hash) && is_timestamp).then_some((hash, timestamp))
}

/// A request as the ancestor SDK signs it; a sign that is there already gives way.
pub(super) fn request(mut request: WireRequest, now: Timestamp) -> Outgoing<WireRequest> {
    let timestamp = now.as_ms().to_string();
    let spec = outgoing(&timestamp, &without_mark(&request.body));
    let place = Box::new(move |hash: String| {
        let kept = request.query.split('&').filter(|pair| !pair.is_empty());
        let others = kept.filter(|pair| *pair != "sign" && !pair.starts_with("sign="));
        let sign = format!("sign={hash}:{timestamp}");
        let pairs: Vec<&str> = others.chain([sign.as_str()]).collect();
        request.query = pairs.join("&");
        request
    });
    Outgoing::Sign { spec, place }
}

/// The signature to make for a body of ours.
pub(super) fn outgoing(timestamp: &str, body: &Bytes) -> SignatureSpec {
    spec(
        Bytes::copy_from_slice(timestamp.as_bytes()),
        strip(body, is_ascii_white_space),
    )
}

fn spec(timestamp: Bytes, stripped: Bytes) -> SignatureSpec {
    SignatureSpec {
        algorithm: Algorithm::Md5,
        pieces: vec![
            Piece::Text(timestamp),
            Piece::Key(KeyRole::TRADE),
            Piece::Text(stripped),
        ],
        rendering: Rendering::LowerHex,
    }
}

struct StrippedBodies {
    timestamp: Bytes,
    body: Bytes,
}

impl Readings for StrippedBodies {
    fn names(&self) -> &[&'static str] {
        &NAMES
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let stripped = match index {
            0 => strip(&self.body, is_ascii_white_space),
            1 => strip(&self.body, |byte| matches!(byte, b' ' | b'\r' | b'\n')),
            3 => strip_unicode(&self.body),
            _ => self.body.clone(),
        };
        spec(self.timestamp.clone(), stripped)
    }
}

/// What `\s` means in Java: space, tab, LF, VT, FF, CR.
fn is_ascii_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The body without such bytes, wherever they stand; the same bytes if there are none.
fn strip(body: &Bytes, is_stripped: impl Fn(u8) -> bool) -> Bytes {
    if !body.iter().any(|byte| is_stripped(*byte)) {
        return body.clone();
    }
    let mut stripped = Vec::with_capacity(body.len());
    stripped.extend(body.iter().copied().filter(|byte| !is_stripped(*byte)));
    Bytes::from(stripped)
}

/// The body is UTF-8: one that is not has been refused before.
fn strip_unicode(body: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(body);
    if !text.contains(is_white_space) {
        return body.clone();
    }
    Bytes::from(
        text.chars()
            .filter(|character| !is_white_space(*character))
            .collect::<String>(),
    )
}
