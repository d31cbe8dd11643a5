//! What kind of body came where a wire takes another one: told as that, since "a field is missing"
//! sends people looking in the wrong place (ruling 63).

use heliu_ports::wire::WireRequest;
use heliu_trade::error::{ErrorCode, TradeError};

use crate::lexical::{BYTE_ORDER_MARK, is_white_space};
use crate::multipart;

/// A kind of body, as its first sign shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Xml,
    Form,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Json, Self::Xml, Self::Form];

    /// The kind of a request's body; `None`: it looks like nothing in particular.
    pub(crate) fn of(request: &WireRequest) -> Option<Self> {
        if multipart::boundary(&request.headers).is_some() {
            return Some(Self::Form);
        }
        let body = &request.body;
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let text = std::str::from_utf8(body).ok()?;
        match text.trim_start_matches(is_white_space).as_bytes().first()? {
            b'{' | b'[' => Some(Self::Json),
            b'<' => Some(Self::Xml),
            _ if text.contains('=') => Some(Self::Form),
            _ => None,
        }
    }

    /// How the sentence about it begins.
    const fn told(self) -> &'static str {
        match self {
            Self::Json => "the body is JSON;",
            Self::Xml => "the body is XML;",
            Self::Form => "the body is a form;",
        }
    }

    /// The error about a body of this kind, where the wire takes `wanted`.
    pub(crate) fn instead_of(self, wanted: &str) -> TradeError {
        let message = format!("{} this address takes {wanted}", self.told());
        TradeError::new(ErrorCode::InvalidParameter, message)
    }

    /// The kind that an error of [`Kind::instead_of`] is about.
    pub(crate) fn of_error(error: &TradeError) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| error.message.starts_with(kind.told()))
    }
}

/// What a gateway of forms takes.
pub(crate) const FORM: &str =
    "a form: name=value pairs joined by &, as application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::shared::request;

    #[test]
    fn a_body_shows_what_it_is() {
        for (body, kind) in [
            ("{\"a\":\"b=c\"}", Some(Kind::Json)),
            ("\u{feff} \r\n[1]", Some(Kind::Json)),
            ("<xml a=\"b\"/>", Some(Kind::Xml)),
            ("a={\"b\":1}", Some(Kind::Form)),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(&request("/", "", body)), kind, "{body}");
        }
        let mut parts = request("/", "", "--x--");
        let content_type = "multipart/form-data; boundary=x".parse();
        let headers = &mut parts.headers;
        headers.insert("content-type", content_type.expect("a header"));
        assert_eq!(Kind::of(&parts), Some(Kind::Form));
    }

    #[test]
    fn an_error_about_a_kind_is_known_again() {
        for kind in Kind::ALL {
            let error = kind.instead_of("something else");
            assert_eq!(Kind::of_error(&error), Some(kind));
        }
        let other = TradeError::new(ErrorCode::InvalidParameter, "a is missing or empty");
        assert_eq!(Kind::of_error(&other), None);
    }
}
