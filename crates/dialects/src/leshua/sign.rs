//! MD5 over `name=value` of the pairs sorted by name, and `&key=` with a key: the trade key for requests and
//! answers, the notify key for notifications. Source: Leshua trade services, sections 2.1 and 2.2; readings:
//! ruling 28.

use std::sync::Arc;

use heliu_ports::signature::{KeyRole, Outgoing, Readings, Rendering, SignatureSpec};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Form};
use crate::signature::{self, Decodings, Presented, of_pairs};

pub(super) use crate::form::SIGN;
/// Tells whether the gateway understood; answers sign everything but this.
pub(super) const RESP_CODE: &str = "resp_code";
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

/// The signature of a request, and the readings of what it may cover.
pub(super) fn presented(request: &WireRequest, form: &Arc<Form>) -> Presented {
    let signature = form.get(SIGN).unwrap_or_default();
    signature::presented(form, signature, || {
        let names = names(form::has_plus(request), form::has_escape(request));
        let others = (names.len() > 2).then(|| request.clone());
        FormReadings {
            forms: Decodings::new(Arc::clone(form), others),
            names,
        }
    })
}

struct FormReadings {
    forms: Decodings,
    names: &'static [&'static str],
}

impl Readings for FormReadings {
    fn names(&self) -> &[&'static str] {
        self.names
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let way = self.names.get(index).and_then(|name| way(name));
        let (decoding, has_empty) =
            way.map_or((Decoding::Form, false), |way| (way.decoding, way.has_empty));
        of_form(self.forms.get(decoding), has_empty)
    }
}

fn of_form(form: &Form, has_empty: bool) -> SignatureSpec {
    let signed = form
        .pairs()
        .filter(|(name, value)| *name != SIGN && (has_empty || !value.is_empty()));
    of_pairs(signed, KeyRole::TRADE, Rendering::UpperHex)
}

/// The signature of an answer: everything but the signature and `resp_code`.
pub(super) fn of_answer<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> SignatureSpec {
    let mut signed: Vec<_> = pairs.filter(|(name, _)| *name != RESP_CODE).collect();
    signed.sort_unstable();
    of_pairs(signed, KeyRole::TRADE, Rendering::UpperHex)
}

/// The signature of a notification, whose pairs are sorted.
pub(super) fn of_notification<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> SignatureSpec {
    of_pairs(pairs, KeyRole::NOTIFY, Rendering::LowerHex)
}

/// A request as the description signs it.
pub(super) fn request(request: WireRequest) -> Outgoing<WireRequest> {
    form::signed(request, SIGN, FORM, |form| match form {
        Some(form) => of_form(form, false),
        None => of_pairs(std::iter::empty(), KeyRole::TRADE, Rendering::UpperHex),
    })
}
