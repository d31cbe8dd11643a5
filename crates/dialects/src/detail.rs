//! The header that carries what an answer's frame cannot: field, problem and cure (ruling 31).

use heliu_ports::wire::WireResponse;
use heliu_trade::error::TradeError;
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Its name; the value is percent-encoded.
const DETAIL: &str = "x-error-detail";
/// Longest detail, in characters before encoding.
const DETAIL_MAX: usize = 256;
/// Header values are visible ASCII; the rest of UTF-8 is encoded in any case.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// Adds the header to an answer.
pub(crate) fn attach(response: &mut WireResponse, error: &TradeError) {
    if let Ok(value) = HeaderValue::from_str(&detail(error)) {
        response.headers.insert(DETAIL, value);
    }
}

/// The error's sentence, with its field in front unless it names it.
fn detail(error: &TradeError) -> String {
    let field = error
        .field
        .as_deref()
        .filter(|field| !error.message.contains(field));
    let prefix = field.map(|field| format!("{field}: ")).unwrap_or_default();
    let text: String = prefix
        .chars()
        .chain(error.message.chars())
        .take(DETAIL_MAX)
        .collect();
    utf8_percent_encode(&text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use heliu_trade::error::ErrorCode;
    use http::HeaderMap;

    use super::*;

    #[test]
    fn whatever_a_message_holds_the_header_is_one_line_of_visible_ascii() {
        for message in [
            "plain",
            "a\r\nSet-Cookie: b=c",
            "nul \0, tab \t, delete \u{7f}, C1 \u{9b}, bidi \u{202e}",
            "金额 100 %",
            &"长".repeat(5_000),
        ] {
            let error = TradeError::field(ErrorCode::InvalidParameter, "a\nb", message);
            let mut answer = WireResponse::new(200, "text/plain", "");
            answer.headers = HeaderMap::new();
            attach(&mut answer, &error);
            let value = answer.headers.get(DETAIL).expect("there is one");
            let is_visible = |byte: &u8| (b' '..=b'~').contains(byte);
            assert!(value.as_bytes().iter().all(is_visible), "{value:?}");
            assert!(value.len() <= 12 * DETAIL_MAX, "{} bytes", value.len());
        }
    }
}
