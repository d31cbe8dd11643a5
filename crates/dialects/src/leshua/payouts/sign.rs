//! Signatures of an agent: over three parameters in clear, or over the text `data` of an envelope.
//! Source: Leshua, sections 2.3 and 2.4; ruling 72 for statements.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Outgoing, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::WireRequest;

use crate::form::{self, Decoding, Extent, Form, SIGN};
use crate::lexical::trimmed;
use crate::signature::{self, Decodings, Presented, of_pairs};

use super::super::data::DATA;
use super::super::sign::FORM;
use super::interface::{FILE, Interface, Signed, file_of};

/// Length of Base64 of 32 digits.
const BASE64_LENGTH: usize = 44;
/// The reading of parameters.
const PARAMETERS: &[&str] = &["parameters"];
/// The usual reading of an envelope.
const USUAL: &[&str] = &["decoded"];

/// How an envelope's reading decodes.
fn decoding_of(reading: &str) -> Decoding {
    match reading {
        "plus_kept" => Decoding::PlusKept,
        "as_sent" => Decoding::AsSent,
        _ => Decoding::Form,
    }
}

/// How this reading reads a request, if otherwise than usual.
pub(super) fn reads_otherwise(reading: &str) -> Option<Decoding> {
    let decoding = decoding_of(reading);
    (decoding != Decoding::Form).then_some(decoding)
}

/// The signature of a request, and the readings of what it may cover.
pub(super) fn presented(
    interface: &Interface,
    request: &WireRequest,
    form: &Arc<Form>,
) -> Presented {
    let signature = trimmed(form.get(SIGN).unwrap_or_default());
    match interface.signed {
        Signed::Parameters(names) => signature::presented(form, signature, || Parameters {
            spec: of_parameters(names, request, form),
        }),
        Signed::Data => of_envelope(signature, request, form),
    }
}

fn of_envelope(signature: &str, request: &WireRequest, form: &Arc<Form>) -> Presented {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'=';
    let is_whole = signature.len() == BASE64_LENGTH && signature.bytes().all(is_base64);
    if !is_whole || form.is_repeated(SIGN) {
        return Presented {
            signature: signature::told(signature),
            readings: Box::new(NoReadings),
        };
    }
    let plus = form::has_plus(request).then_some("plus_kept");
    let escape = form::has_escape(request).then_some("as_sent");
    let names = match (plus, escape) {
        (None, None) => Cow::Borrowed(USUAL),
        (plus, escape) => {
            let names = USUAL.iter().copied().chain(plus).chain(escape);
            Cow::Owned(names.collect())
        }
    };
    let others = (names.len() > 1).then(|| request.clone());
    Presented {
        signature: signature.to_owned(),
        readings: Box::new(Envelope {
            forms: Decodings::new(Arc::clone(form), others),
            names,
        }),
    }
}

struct Parameters {
    spec: SignatureSpec,
}

impl Readings for Parameters {
    fn names(&self) -> &[&'static str] {
        PARAMETERS
    }

    fn spec(&self, _index: usize) -> SignatureSpec {
        self.spec.clone()
    }
}

struct Envelope {
    forms: Decodings,
    names: Cow<'static, [&'static str]>,
}

impl Readings for Envelope {
    fn names(&self) -> &[&'static str] {
        &self.names
    }

    fn spec(&self, index: usize) -> SignatureSpec {
        let decoding = decoding_of(self.names.get(index).unwrap_or(&""));
        of_data(self.forms.get(decoding, Extent::Whole).get(DATA))
    }
}

/// MD5 over these parameters, by name, and the agent's key. A file's name stands in the path.
fn of_parameters(names: &[&'static str], request: &WireRequest, form: &Form) -> SignatureSpec {
    let value = |name: &'static str| {
        let value = if name == FILE {
            file_of(&request.path)
        } else {
            form.get(name)
        };
        (name, value.unwrap_or_default())
    };
    let pairs = names.iter().copied().map(value);
    of_pairs(pairs, KeyRole::AGENT, Rendering::LowerHex)
}

/// `lepos`, the agent's key, and `data` to its last byte.
fn of_data(data: Option<&str>) -> SignatureSpec {
    let data = data.unwrap_or_default();
    SignatureSpec {
        algorithm: Algorithm::Md5,
        pieces: vec![
            Piece::text("lepos"),
            Piece::Key(KeyRole::AGENT),
            Piece::Text(Bytes::copy_from_slice(data.as_bytes())),
        ],
        rendering: Rendering::Base64OfHex,
    }
}

/// A request with its signature, for whoever tries this by hand.
pub(super) fn request(
    interface: Option<&'static Interface>,
    request: WireRequest,
) -> Outgoing<WireRequest> {
    let is_read = request.method == http::Method::GET;
    if is_read {
        return by_address(interface, request);
    }
    let head = request.clone();
    form::signed(request, SIGN, FORM, |form| match (interface, form) {
        (
            Some(Interface {
                signed: Signed::Parameters(names),
                ..
            }),
            Some(form),
        ) => of_parameters(names, &head, form),
        (_, form) => of_data(form.and_then(|form| form.get(DATA))),
    })
}

/// Everything stands in the query, and so does the signature.
fn by_address(
    interface: Option<&'static Interface>,
    mut request: WireRequest,
) -> Outgoing<WireRequest> {
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(SIGN);
    let kept: Vec<&str> = request.query.split('&').filter(is_other).collect();
    request.query = kept.join("&");
    let form = Form::read(&request, Decoding::Form).ok();
    let spec = match (interface.map(|interface| &interface.signed), &form) {
        (Some(Signed::Parameters(names)), Some(form)) => of_parameters(names, &request, form),
        _ => of_data(None),
    };
    let place = Box::new(move |signature: String| {
        let separator = if request.query.is_empty() { "" } else { "&" };
        request.query = format!("{}{separator}{SIGN}={signature}", request.query);
        request
    });
    Outgoing::Sign { spec, place }
}
