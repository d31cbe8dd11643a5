//! MD5 over `name=value` of the pairs sorted by name, and `&key=` with a key: the trade key for
//! requests and answers, the notify key for notifications. Source: Leshua trade services, sections
//! 2.1 and 2.2; readings: rulings 28, 58 and 69.

use std::borrow::Cow;
use std::sync::Arc;

use heliu_ports::signature::{KeyRole, Outgoing, Readings, Rendering, SignatureSpec};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Extent, Form};
use crate::lexical::{is_blank, trimmed};
use crate::signature::{self, Decodings, Presented, of_pairs};

use super::attribute::MERCHANT_ID;

pub(super) use crate::form::SIGN;
/// Tells whether the gateway understood; answers sign everything but this.
pub(super) const RESP_CODE: &str = "resp_code";
/// Tells why the business failed; notifications do not sign it.
pub(super) const ERROR_CODE: &str = "error_code";
/// Type of every request and notification.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// A way in which clients make the text.
struct Way {
    name: &'static str,
    values: Values,
    decoding: Decoding,
    extent: Extent,
}

/// Which values are part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    /// All but the empty ones.
    EmptyDropped,
    /// All.
    EmptyIncluded,
    /// All but those without anything to read in them, which count as empty (ruling 69).
    BlankDropped,
}

const fn way(name: &'static str, values: Values, decoding: Decoding, extent: Extent) -> Way {
    Way {
        name,
        values,
        decoding,
        extent,
    }
}

/// All ways. The first two are everybody's; which of the others a request may have, [`names`] says.
static WAYS: [Way; 15] = {
    use Decoding::{AsSent, Form, PlusKept};
    use Extent::{BodyAlone, EndTrimmed, Whole};
    use Values::{BlankDropped, EmptyDropped, EmptyIncluded};
    [
        way("empty_dropped", EmptyDropped, Form, Whole),
        way("empty_included", EmptyIncluded, Form, Whole),
        way("empty_dropped_plus_kept", EmptyDropped, PlusKept, Whole),
        way("empty_included_plus_kept", EmptyIncluded, PlusKept, Whole),
        way("empty_dropped_as_sent", EmptyDropped, AsSent, Whole),
        way("empty_included_as_sent", EmptyIncluded, AsSent, Whole),
        way("blank_dropped", BlankDropped, Form, Whole),
        way("empty_dropped_end_trimmed", EmptyDropped, Form, EndTrimmed),
        way(
            "empty_included_end_trimmed",
            EmptyIncluded,
            Form,
            EndTrimmed,
        ),
        way("empty_dropped_body_alone", EmptyDropped, Form, BodyAlone),
        way("empty_included_body_alone", EmptyIncluded, Form, BodyAlone),
        way(
            "empty_dropped_plus_kept_body_alone",
            EmptyDropped,
            PlusKept,
            BodyAlone,
        ),
        way(
            "empty_included_plus_kept_body_alone",
            EmptyIncluded,
            PlusKept,
            BodyAlone,
        ),
        way(
            "empty_dropped_as_sent_body_alone",
            EmptyDropped,
            AsSent,
            BodyAlone,
        ),
        way(
            "empty_included_as_sent_body_alone",
            EmptyIncluded,
            AsSent,
            BodyAlone,
        ),
    ]
};

/// The names of the first two ways.
const USUAL: &[&str] = &["empty_dropped", "empty_included"];

/// The ways that can make a difference to a request, strictest first: one more pair where a literal
/// `+` stands in it, where an escape does, where something stands behind the address beside a body
/// that names its merchant; and one where a value is blank or the body ends in blanks.
fn names(request: &WireRequest, form: &Form) -> Cow<'static, [&'static str]> {
    let (has_plus, has_escape) = (form::has_plus(request), form::has_escape(request));
    let is_added_to = !request.query.is_empty() && form.is_in_body(MERCHANT_ID);
    let has_blank = form
        .pairs()
        .any(|(_, value)| !value.is_empty() && is_blank(value));
    let ends_in_blanks = form::ends_in_blanks(request);
    let may_count = |way: &&Way| {
        let is_decoded_so = match way.decoding {
            Decoding::Form => true,
            Decoding::PlusKept => has_plus,
            Decoding::AsSent => has_escape,
        };
        let is_read_so = match way.extent {
            Extent::Whole => true,
            Extent::EndTrimmed => ends_in_blanks,
            Extent::BodyAlone => is_added_to,
        };
        is_decoded_so && is_read_so && (way.values != Values::BlankDropped || has_blank)
    };
    if has_plus || has_escape || is_added_to || has_blank || ends_in_blanks {
        let counting = WAYS.iter().filter(may_count).map(|way| way.name);
        Cow::Owned(counting.collect())
    } else {
        Cow::Borrowed(USUAL)
    }
}

fn way_of(reading: &str) -> &'static Way {
    let [first, ..] = &WAYS;
    WAYS.iter().find(|way| way.name == reading).unwrap_or(first)
}

/// How this reading reads a request, if that gives its values another meaning than they usually
/// have.
pub(super) fn reads_otherwise(reading: &str) -> Option<(Decoding, Extent)> {
    let Way {
        decoding, extent, ..
    } = way_of(reading);
    let is_usual = (*decoding, *extent) == (Decoding::Form, Extent::Whole);
    (!is_usual).then_some((*decoding, *extent))
}

/// The signature of a request, and the readings of what it may cover.
pub(super) fn presented(request: &WireRequest, form: &Arc<Form>) -> Presented {
    let signature = trimmed(form.get(SIGN).unwrap_or_default());
    signature::presented(form, signature, || {
        let names = names(request, form);
        let others = (names.len() > USUAL.len()).then(|| request.clone());
        FormReadings {
            forms: Decodings::new(Arc::clone(form), others),
            names,
        }
    })
}

struct FormReadings {
    forms: Decodings,
    names: Cow<'static, [&'static str]>,
}

impl Readings for FormReadings {
    fn names(&self) -> &[&'static str] {
        &self.names
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let way = way_of(self.names.get(index).unwrap_or(&""));
        of_form(self.forms.get(way.decoding, way.extent), way.values)
    }
}

fn of_form(form: &Form, values: Values) -> SignatureSpec {
    let takes_part = |value: &str| match values {
        Values::EmptyDropped => !value.is_empty(),
        Values::EmptyIncluded => true,
        Values::BlankDropped => !is_blank(value),
    };
    let signed = form
        .pairs()
        .filter(|(name, value)| *name != SIGN && takes_part(value));
    of_pairs(signed, KeyRole::TRADE, Rendering::UpperHex)
}

/// The signature of an answer: everything but the signature and `resp_code`.
pub(super) fn of_answer<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> SignatureSpec {
    let mut signed: Vec<_> = pairs.filter(|(name, _)| *name != RESP_CODE).collect();
    signed.sort_unstable();
    of_pairs(signed, KeyRole::TRADE, Rendering::UpperHex)
}

/// The signature of a notification, whose pairs are sorted: everything but the signature and
/// `error_code`.
pub(super) fn of_notification<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> SignatureSpec {
    let signed = pairs.filter(|(name, _)| *name != ERROR_CODE);
    of_pairs(signed, KeyRole::NOTIFY, Rendering::LowerHex)
}

/// A request as the description signs it.
pub(super) fn request(request: WireRequest) -> Outgoing<WireRequest> {
    form::signed(request, SIGN, FORM, |form| match form {
        Some(form) => of_form(form, Values::EmptyDropped),
        None => of_pairs(std::iter::empty(), KeyRole::TRADE, Rendering::UpperHex),
    })
}
