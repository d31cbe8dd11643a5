//! A signature put into a form, for whoever tries a wire by hand.

use bytes::Bytes;
use heliu_ports::signature::{Outgoing, SignatureSpec};
use heliu_ports::wire::WireRequest;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::reading::{Decoding, Form, without_line_ends};
use crate::multipart;

/// A request with its signature as the last parameter of the body, or behind the address where the
/// body is in parts. One that is there already gives way; `spec` gets no form where none can be
/// read.
pub(crate) fn signed(
    mut request: WireRequest,
    name: &'static str,
    content_type: &'static str,
    spec: impl FnOnce(Option<&Form>) -> SignatureSpec,
) -> Outgoing<WireRequest> {
    let is_multipart = multipart::boundary(&request.headers).is_some();
    request.query = without(&request.query, name);
    if !is_multipart && let Ok(body) = std::str::from_utf8(&request.body) {
        request.body = Bytes::from(without(without_line_ends(body), name));
    }
    let spec = spec(Form::read(&request, Decoding::Form).ok().as_ref());
    let place = Box::new(move |signature: String| {
        let pair = format!("{name}={signature}");
        if is_multipart {
            let separator = if request.query.is_empty() { "" } else { "&" };
            request.query = format!("{}{separator}{pair}", request.query);
        } else {
            let mut body = request.body.to_vec();
            if !body.is_empty() {
                body.push(b'&');
            }
            body.extend_from_slice(pair.as_bytes());
            request.body = Bytes::from(body);
            let form = HeaderValue::from_static(content_type);
            request.headers.entry(CONTENT_TYPE).or_insert(form);
        }
        request
    });
    Outgoing::Sign { spec, place }
}

fn without(pairs: &str, name: &str) -> String {
    let is_it = |pair: &str| pair.split('=').next() == Some(name);
    let kept: Vec<&str> = pairs.split('&').filter(|pair| !is_it(pair)).collect();
    kept.join("&")
}

#[cfg(test)]
mod tests {
    use heliu_ports::signature::{KeyRole, Rendering};

    use super::super::reading::SIGN;
    use super::*;
    use crate::tests::shared::request;

    /// A file ends in a line end; the signature stands behind the last parameter all the same.
    #[test]
    fn a_signed_body_has_no_line_end_inside() {
        let spec = |form: Option<&Form>| {
            let pairs = form.into_iter().flat_map(Form::pairs);
            crate::signature::of_pairs(pairs, KeyRole::TRADE, Rendering::LowerHex)
        };
        for (body, expected) in [
            ("a=1&b=2\r\n", "a=1&b=2&sign=s"),
            ("a=1&sign=x\n", "a=1&sign=s"),
            ("\n", "sign=s"),
        ] {
            let Outgoing::Sign { place, .. } =
                signed(request("/", "", body), SIGN, "text/plain", spec)
            else {
                panic!("nothing to sign")
            };
            let request = place("s".to_owned());
            assert_eq!(request.body, expected);
        }
    }
}
