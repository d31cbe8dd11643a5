//! MD5 over `name=value` of all values that are not empty, sorted by name, and `&key=` with the agent's
//! key. Source: Chaoying v2.5.3, sections 2.1 and 2.2; readings: rulings 28 and 33.

use std::sync::Arc;

use heliu_ports::signature::{KeyRole, Outgoing, Readings, Rendering, SignatureSpec};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Extent, Form};
use crate::lexical::trimmed;
use crate::signature::{self, Decodings, Presented, of_pairs};

pub(super) use crate::form::SIGN;

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

/// The signature of a request, and the readings of what it may cover.
pub(super) fn presented(request: &WireRequest, form: &Arc<Form>) -> Presented {
    let signature = trimmed(form.get(SIGN).unwrap_or_default());
    signature::presented(form, signature, || {
        let others = form::has_plus(request).then(|| request.clone());
        let has_others = others.is_some();
        FormReadings(Decodings::new(Arc::clone(form), others), has_others)
    })
}

/// Whether this reading takes a literal `+` for itself.
pub(super) fn keeps_plus(reading: &str) -> bool {
    NAMES.iter().skip(SPACED).any(|name| *name == reading)
}

/// The forms, and whether there is more than one.
struct FormReadings(Decodings, bool);

impl Readings for FormReadings {
    fn names(&self) -> &[&'static str] {
        let count = if self.1 { NAMES.len() } else { SPACED };
        NAMES.get(..count).unwrap_or_default()
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let decoding = if index < SPACED {
            Decoding::Form
        } else {
            Decoding::PlusKept
        };
        let order = if index % SPACED < 2 {
            NameOrder::Ascii
        } else {
            NameOrder::AnyCase
        };
        of_form(
            self.0.get(decoding, Extent::Whole),
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
    of_pairs(signed, KeyRole::AGENT, Rendering::UpperHex)
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
