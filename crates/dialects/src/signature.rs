//! Signatures over forms: what a request presents, the forms under which it may have been signed, and the text
//! of pairs that the hash is made of. Which pairs, and in which order, is each dialect's own.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::WireRequest;

use crate::form::{Decoding, Form, SIGN};

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

/// The signature of a form, as its dialect found it there. Missing, twice, or not of 32 hexadecimal digits: no
/// reading.
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

/// The forms that a request makes when it is decoded in one way or another. Readings are tried one after the
/// other before anybody is verified, so each form is read once at most.
pub(crate) struct Decodings {
    /// Decoded as forms are.
    form: Arc<Form>,
    /// The request, if it can be decoded in another way.
    request: Option<WireRequest>,
    plus_kept: OnceLock<Option<Form>>,
    as_sent: OnceLock<Option<Form>>,
}

impl Decodings {
    pub(crate) const fn new(form: Arc<Form>, request: Option<WireRequest>) -> Self {
        Self {
            form,
            request,
            plus_kept: OnceLock::new(),
            as_sent: OnceLock::new(),
        }
    }

    /// Whether there is more than one.
    pub(crate) const fn has_others(&self) -> bool {
        self.request.is_some()
    }

    /// The form in this decoding; decoded as forms are where it cannot be read otherwise.
    pub(crate) fn get(&self, decoding: Decoding) -> &Form {
        let other = match decoding {
            Decoding::Form => return &self.form,
            Decoding::PlusKept => &self.plus_kept,
            Decoding::AsSent => &self.as_sent,
        };
        let read = || Form::read(self.request.as_ref()?, decoding).ok();
        other.get_or_init(read).as_ref().unwrap_or(&self.form)
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
    fn each_decoding_is_read_once() {
        let request = request("/", "", "a=1+%41");
        let form = Arc::new(Form::read(&request, Decoding::Form).expect("a form"));
        let forms = Decodings::new(Arc::clone(&form), Some(request));
        for (decoding, value) in [
            (Decoding::Form, "1 A"),
            (Decoding::PlusKept, "1+A"),
            (Decoding::AsSent, "1+%41"),
        ] {
            let first = forms.get(decoding);
            assert_eq!(first.get("a"), Some(value));
            assert!(std::ptr::eq(first, forms.get(decoding)));
        }
        let only = Decodings::new(Arc::clone(&form), None);
        assert!(std::ptr::eq(only.get(Decoding::PlusKept), &*form));
    }
}
