//! MD5 over `name=value` of all values that are not empty, sorted by name, and `&key=` with the
//! agent's key. Source: Chaoying v2.5.3, sections 2.1 and 2.2; readings: rulings 28, 33 and 58.

use std::borrow::Cow;
use std::sync::Arc;

use heliu_ports::signature::{KeyRole, Outgoing, Readings, Rendering, SignatureSpec};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Extent, Form};
use crate::lexical::trimmed;
use crate::signature::{self, Decodings, Presented, of_pairs};

use super::attribute::AGENT_ID;

pub(super) use crate::form::SIGN;

/// Type of the signed forms that we make: notifications, and requests tried by hand.
pub(super) const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

/// Ways in which clients sort and trim, the description's first; the second half of each half only
/// where a literal `+` stands in the request, the second half only where something stands behind
/// the address beside a body that names its agent.
const NAMES: [&str; 16] = [
    "ascii_trimmed",
    "ascii_untrimmed",
    "any_case_trimmed",
    "any_case_untrimmed",
    "ascii_trimmed_plus_kept",
    "ascii_untrimmed_plus_kept",
    "any_case_trimmed_plus_kept",
    "any_case_untrimmed_plus_kept",
    "ascii_trimmed_body_alone",
    "ascii_untrimmed_body_alone",
    "any_case_trimmed_body_alone",
    "any_case_untrimmed_body_alone",
    "ascii_trimmed_plus_kept_body_alone",
    "ascii_untrimmed_plus_kept_body_alone",
    "any_case_trimmed_plus_kept_body_alone",
    "any_case_untrimmed_plus_kept_body_alone",
];
/// The names that take `+` for a space, over the whole request.
const USUAL: &[&str] = &[
    "ascii_trimmed",
    "ascii_untrimmed",
    "any_case_trimmed",
    "any_case_untrimmed",
];

/// The ways that can make a difference to a request.
fn names(has_plus: bool, is_added_to: bool) -> Cow<'static, [&'static str]> {
    if !has_plus && !is_added_to {
        return Cow::Borrowed(USUAL);
    }
    let may_count = |name: &&str| {
        let (decoding, extent) = way(name);
        (decoding == Decoding::Form || has_plus) && (extent == Extent::Whole || is_added_to)
    };
    Cow::Owned(NAMES.into_iter().filter(may_count).collect())
}

/// How a reading decodes, and how much it covers.
fn way(reading: &str) -> (Decoding, Extent) {
    let decoding = if reading.contains("_plus_kept") {
        Decoding::PlusKept
    } else {
        Decoding::Form
    };
    let extent = if reading.ends_with("_body_alone") {
        Extent::BodyAlone
    } else {
        Extent::Whole
    };
    (decoding, extent)
}

/// In which order names are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameOrder {
    /// By their bytes.
    Ascii,
    /// Without regard to case.
    AnyCase,
}

/// The signature of a request, and the readings of what it may cover.
pub(super) fn presented(request: &WireRequest, form: &Arc<Form>) -> Presented {
    let signature = trimmed(form.get(SIGN).unwrap_or_default());
    signature::presented(form, signature, || {
        let is_added_to = !request.query.is_empty() && form.is_in_body(AGENT_ID);
        let names = names(form::has_plus(request), is_added_to);
        let others = (names.len() > USUAL.len()).then(|| request.clone());
        FormReadings {
            forms: Decodings::new(Arc::clone(form), others),
            names,
        }
    })
}

/// How this reading reads a request, if that gives its values another meaning than they usually
/// have.
pub(super) fn reads_otherwise(reading: &str) -> Option<(Decoding, Extent)> {
    let way = way(reading);
    (way != (Decoding::Form, Extent::Whole)).then_some(way)
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
        let name = self.names.get(index).copied().unwrap_or_default();
        let (decoding, extent) = way(name);
        let order = if name.starts_with("any_case") {
            NameOrder::AnyCase
        } else {
            NameOrder::Ascii
        };
        let trims = !name.contains("_untrimmed");
        of_form(self.forms.get(decoding, extent), order, trims)
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
    of_pairs(signed, KeyRole::AGENT, Rendering::UpperHex)
}

/// A request as the description signs it.
pub(super) fn request(request: WireRequest) -> Outgoing<WireRequest> {
    form::signed(request, SIGN, FORM, |form| {
        form.map_or_else(
            || spec(std::iter::empty(), NameOrder::Ascii),
            |form| of_form(form, NameOrder::Ascii, true),
        )
    })
}
