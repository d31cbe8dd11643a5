//! MD5 over `name=value` of the pairs sorted by name, and `&key=` with a key: the trade key for requests and
//! answers, the notify key for notifications. Source: Leshua trade services, sections 2.1 and 2.2; readings:
//! ruling 28.

use std::sync::Arc;

use bytes::Bytes;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Outgoing, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Form};

pub(super) use crate::form::SIGN;
/// Tells whether the gateway understood; answers sign everything but this.
pub(super) const RESP_CODE: &str = "resp_code";
const HASH_DIGITS: usize = 32;
/// Type of every request and notification.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// A way in which clients make the text.
struct Way {
    name: &'static str,
    /// Whether empty values are part of it.
    has_empty: bool,
    decoding: Decoding,
}

/// The description's first. The second pair counts only where a literal `+` stands in the request, the third
/// only where an escape does.
const WAYS: [Way; 6] = [
    Way {
        name: EMPTY_DROPPED,
        has_empty: false,
        decoding: Decoding::Form,
    },
    Way {
        name: EMPTY_INCLUDED,
        has_empty: true,
        decoding: Decoding::Form,
    },
    Way {
        name: EMPTY_DROPPED_PLUS_KEPT,
        has_empty: false,
        decoding: Decoding::PlusKept,
    },
    Way {
        name: EMPTY_INCLUDED_PLUS_KEPT,
        has_empty: true,
        decoding: Decoding::PlusKept,
    },
    Way {
        name: EMPTY_DROPPED_AS_SENT,
        has_empty: false,
        decoding: Decoding::AsSent,
    },
    Way {
        name: EMPTY_INCLUDED_AS_SENT,
        has_empty: true,
        decoding: Decoding::AsSent,
    },
];
const EMPTY_DROPPED: &str = "empty_dropped";
const EMPTY_INCLUDED: &str = "empty_included";
const EMPTY_DROPPED_PLUS_KEPT: &str = "empty_dropped_plus_kept";
const EMPTY_INCLUDED_PLUS_KEPT: &str = "empty_included_plus_kept";
const EMPTY_DROPPED_AS_SENT: &str = "empty_dropped_as_sent";
const EMPTY_INCLUDED_AS_SENT: &str = "empty_included_as_sent";

/// By whether there is a `+`, and whether there is an escape.
const fn names(has_plus: bool, has_escape: bool) -> &'static [&'static str] {
    match (has_plus, has_escape) {
        (false, false) => &[EMPTY_DROPPED, EMPTY_INCLUDED],
        (true, false) => &[
            EMPTY_DROPPED,
            EMPTY_INCLUDED,
            EMPTY_DROPPED_PLUS_KEPT,
            EMPTY_INCLUDED_PLUS_KEPT,
        ],
        (false, true) => &[
            EMPTY_DROPPED,
            EMPTY_INCLUDED,
            EMPTY_DROPPED_AS_SENT,
            EMPTY_INCLUDED_AS_SENT,
        ],
        (true, true) => &[
            EMPTY_DROPPED,
            EMPTY_INCLUDED,
            EMPTY_DROPPED_PLUS_KEPT,
            EMPTY_INCLUDED_PLUS_KEPT,
            EMPTY_DROPPED_AS_SENT,
            EMPTY_INCLUDED_AS_SENT,
        ],
    }
}

fn way(reading: &str) -> Option<&'static Way> {
    WAYS.iter().find(|way| way.name == reading)
}

/// How this reading decodes values.
pub(super) fn decoding_of(reading: &str) -> Decoding {
    way(reading).map_or(Decoding::Form, |way| way.decoding)
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
    let signature = form.get(SIGN).unwrap_or_default();
    let is_hash =
        signature.len() == HASH_DIGITS && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash || form.is_repeated(SIGN) {
        return Presented {
            signature: signature.chars().take(128).collect(),
            readings: Box::new(NoReadings),
        };
    }
    let names = names(form::has_plus(request), form::has_escape(request));
    Presented {
        signature: signature.to_owned(),
        readings: Box::new(FormReadings {
            form: Arc::clone(form),
            names,
            request: (names.len() > 2).then(|| request.clone()),
        }),
    }
}

struct FormReadings {
    /// Decoded as forms are.
    form: Arc<Form>,
    names: &'static [&'static str],
    /// The request, if it can be decoded in another way.
    request: Option<WireRequest>,
}

impl Readings for FormReadings {
    fn names(&self) -> &'static [&'static str] {
        self.names
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let Some(way) = self.names.get(index).and_then(|name| way(name)) else {
            return of_form(&self.form, false);
        };
        let other = self
            .request
            .as_ref()
            .filter(|_| way.decoding != Decoding::Form)
            .and_then(|request| Form::read(request, way.decoding).ok());
        of_form(other.as_ref().unwrap_or(&self.form), way.has_empty)
    }
}

fn of_form(form: &Form, has_empty: bool) -> SignatureSpec {
    let signed = form
        .pairs()
        .filter(|(name, value)| *name != SIGN && (has_empty || !value.is_empty()));
    spec(signed, KeyRole::TRADE, Rendering::UpperHex)
}

/// The signature of an answer: everything but the signature and `resp_code`.
pub(super) fn of_answer<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> SignatureSpec {
    let mut signed: Vec<_> = pairs.filter(|(name, _)| *name != RESP_CODE).collect();
    signed.sort_unstable();
    spec(signed.into_iter(), KeyRole::TRADE, Rendering::UpperHex)
}

/// The signature of a notification, whose pairs are sorted.
pub(super) fn of_notification<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> SignatureSpec {
    spec(pairs, KeyRole::NOTIFY, Rendering::LowerHex)
}

/// The signature over sorted pairs.
fn spec<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    key: KeyRole,
    rendering: Rendering,
) -> SignatureSpec {
    let mut text = String::with_capacity(768);
    for (name, value) in pairs {
        text.push_str(name);
        text.push('=');
        text.push_str(value);
        text.push('&');
    }
    text.push_str("key=");
    SignatureSpec {
        algorithm: Algorithm::Md5,
        pieces: vec![Piece::Text(Bytes::from(text)), Piece::Key(key)],
        rendering,
    }
}

/// A request as the description signs it.
pub(super) fn request(request: WireRequest) -> Outgoing<WireRequest> {
    form::signed(request, SIGN, FORM, |form| match form {
        Some(form) => of_form(form, false),
        None => spec(std::iter::empty(), KeyRole::TRADE, Rendering::UpperHex),
    })
}
