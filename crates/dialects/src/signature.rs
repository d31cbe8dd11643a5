//! Signatures over forms: what a request presents, the forms under which it may have been signed,
//! and the text of pairs that the hash is made of. Which pairs, and in which order, is each
//! dialect's own.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::WireRequest;

use crate::form::{Decoding, Extent, Form, SIGN};

/// Length of an MD5 in hexadecimal.
const HASH_DIGITS: usize = 32;
/// How much of a malformed signature is told, in characters.
const TOLD_MAX: usize = 128;

/// What a request says about its signature.
pub(crate) struct Presented {
    /// The hash; of a malformed signature whatever stood there.
    pub(crate) signature: String,
    /// What may have been signed.
    pub(crate) readings: Box<dyn Readings>,
}

/// The signature of a form, as its dialect found it there. Missing, twice, or not of 32 hexadecimal
/// digits: no reading.
pub(crate) fn presented<R: Readings + 'static>(
    form: &Form,
    signature: &str,
    readings: impl FnOnce() -> R,
) -> Presented {
    if !is_hash(signature) || form.is_repeated(SIGN) {
        return Presented {
            signature: told(signature),
            readings: Box::new(NoReadings),
        };
    }
    Presented {
        signature: signature.to_owned(),
        readings: Box::new(readings()),
    }
}

/// Whether a text has the form of an MD5 in hexadecimal.
pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What is told of a malformed signature.
pub(crate) fn told(signature: &str) -> String {
    signature.chars().take(TOLD_MAX).collect()
}

/// The forms that a request makes when it is read in one way or another. Readings are tried one
/// after the other before anybody is verified, so each form is read once at most.
pub(crate) struct Decodings {
    /// The whole request, decoded as forms are.
    form: Arc<Form>,
    /// The others, if there are any.
    others: Option<Box<Others>>,
}

struct Others {
    request: WireRequest,
    /// One for each decoding and extent.
    forms: [OnceLock<Option<Form>>; 9],
}

impl Decodings {
    pub(crate) fn new(form: Arc<Form>, request: Option<WireRequest>) -> Self {
        let others = request.map(|request| {
            Box::new(Others {
                request,
                forms: std::array::from_fn(|_| OnceLock::new()),
            })
        });
        Self { form, others }
    }

    /// The form in this decoding, of this much of the request; the usual one where it cannot be
    /// read otherwise.
    pub(crate) fn get(&self, decoding: Decoding, extent: Extent) -> &Form {
        let index = decoding as usize * 3 + extent as usize;
        let Some(others) = self.others.as_deref().filter(|_| index > 0) else {
            return &self.form;
        };
        let read = || Form::read_of(&others.request, decoding, extent).ok();
        let other = others.forms.get(index);
        other
            .and_then(|other| other.get_or_init(read).as_ref())
            .unwrap_or(&self.form)
    }
}

/// MD5 over `name=value` of these pairs in their order, `&` between them, and `&key=` with a key.
pub(crate) fn of_pairs<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::shared::request;

    #[test]
    fn each_form_is_read_once() {
        let request = request("/", "c=3", "a=1+%41&b= \n");
        let form = Arc::new(Form::read(&request, Decoding::Form).expect("a form"));
        let forms = Decodings::new(Arc::clone(&form), Some(request));
        for (decoding, value) in [
            (Decoding::Form, "1 A"),
            (Decoding::PlusKept, "1+A"),
            (Decoding::AsSent, "1+%41"),
        ] {
            for (extent, b, c) in [
                (Extent::Whole, " ", Some("3")),
                (Extent::BodyAlone, " ", None),
                (Extent::EndTrimmed, "", Some("3")),
            ] {
                let first = forms.get(decoding, extent);
                assert_eq!(first.get("a"), Some(value));
                assert_eq!((first.get("b"), first.get("c")), (Some(b), c));
                assert!(std::ptr::eq(first, forms.get(decoding, extent)));
            }
        }
        let only = Decodings::new(Arc::clone(&form), None);
        assert!(std::ptr::eq(
            only.get(Decoding::PlusKept, Extent::BodyAlone),
            &*form
        ));
    }
}
