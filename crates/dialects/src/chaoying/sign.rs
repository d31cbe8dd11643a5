//! MD5 over `name=value` of all values that are not empty, sorted by name, and `&key=` with the agent's
//! key. Source: Chaoying v2.5.3, sections 2.1 and 2.2; readings: rulings 28 and 33.

use std::sync::Arc;

use bytes::Bytes;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Outgoing, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Form};
use crate::lexical::trimmed;

pub(super) use crate::form::SIGN;
const HASH_DIGITS: usize = 32;

/// Ways in which clients sort and trim, the description's first; the second half only where a literal
/// `+` stands in the request.
const NAMES: [&str; 8] = [
    "ascii_trimmed",
    "ascii_untrimmed",
    "any_case_trimmed",
    "any_case_untrimmed",
    "ascii_trimmed_plus_kept",
    "ascii_untrimmed_plus_kept",
    "any_case_trimmed_plus_kept",
    "any_case_untrimmed_plus_kept",
];
/// How many of them take `+` for a space.
const SPACED: usize = 4;

/// In which order names are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameOrder {
    /// By their bytes.
    Ascii,
    /// Without regard to case.
    AnyCase,
}

/// What a request says about its signature.
pub(super) struct Presented {
    /// The hash; of a malformed signature whatever stood there.
    pub(super) signature: String,
    /// What may have been signed.
    pub(super) readings: Box<dyn Readings>,
}

/// Missing, twice, or not of 32 hexadecimal digits: no reading.
pub(super) fn presented(request: &WireRequest, form: &Arc<Form>) -> Presented {
    let signature = trimmed(form.get(SIGN).unwrap_or_default());
    let is_hash =
        signature.len() == HASH_DIGITS && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash || form.is_repeated(SIGN) {
        return Presented {
            signature: signature.chars().take(128).collect(),
            readings: Box::new(NoReadings),
        };
    }
    Presented {
        signature: signature.to_owned(),
        readings: Box::new(FormReadings {
            form: Arc::clone(form),
            with_plus: form::has_plus(request).then(|| request.clone()),
        }),
    }
}

/// Whether this reading takes a literal `+` for itself.
pub(super) fn keeps_plus(reading: &str) -> bool {
    NAMES.iter().skip(SPACED).any(|name| *name == reading)
}

struct FormReadings {
    form: Arc<Form>,
    /// The request, if it can be decoded in a second way.
    with_plus: Option<WireRequest>,
}

impl Readings for FormReadings {
    fn names(&self) -> &'static [&'static str] {
        let count = if self.with_plus.is_some() {
            NAMES.len()
        } else {
            SPACED
        };
        NAMES.get(..count).unwrap_or_default()
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let kept = self
            .with_plus
            .as_ref()
            .filter(|_| index >= SPACED)
            .and_then(|request| Form::read(request, Decoding::PlusKept).ok());
        let order = if index % SPACED < 2 {
            NameOrder::Ascii
        } else {
            NameOrder::AnyCase
        };
        of_form(
            kept.as_ref().unwrap_or(&self.form),
            order,
            index.is_multiple_of(2),
        )
    }
}

fn of_form(form: &Form, order: NameOrder, trims: bool) -> SignatureSpec {
    let value = |value| if trims { trimmed(value) } else { value };
    let pairs = form.pairs().map(|(name, text)| (name, value(text)));
    spec(pairs, order)
}

/// The signature over these pairs; empty values and `sign` take no part.
pub(super) fn spec<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    order: NameOrder,
) -> SignatureSpec {
    let mut signed: Vec<_> = pairs
        .filter(|(name, value)| !value.is_empty() && *name != SIGN)
        .collect();
    match order {
        NameOrder::Ascii => signed.sort_unstable(),
        NameOrder::AnyCase => signed.sort_by_cached_key(|(name, _)| (name.to_lowercase(), *name)),
    }
    let mut text = String::with_capacity(512);
    for (name, value) in signed {
        text.push_str(name);
        text.push('=');
        text.push_str(value);
        text.push('&');
    }
    text.push_str("key=");
    SignatureSpec {
        algorithm: Algorithm::Md5,
        pieces: vec![Piece::Text(Bytes::from(text)), Piece::Key(KeyRole::AGENT)],
        rendering: Rendering::UpperHex,
    }
}

/// A request as the description signs it.
pub(super) fn request(request: WireRequest) -> Outgoing<WireRequest> {
    form::signed(request, SIGN, super::notify::CONTENT_TYPE, |form| {
        form.map_or_else(
            || spec(std::iter::empty(), NameOrder::Ascii),
            |form| of_form(form, NameOrder::Ascii, true),
        )
    })
}
