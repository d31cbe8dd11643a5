//! What every call has around it: the customer, the time, the signature of the request, and the
//! signature of the answer, which is bound to the request's.

use std::sync::Arc;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::ID;
use super::account::Keys;
use crate::book::Book;
use crate::clock;
use crate::conduct::{self, Answer, Conduct, Received};
use crate::crypto::{hmac_sha256_hex_upper, same_text};
use crate::error::SandboxError;
use crate::state::Inner;

/// How far a request's time may be from now, in ms.
const WINDOW_MS: i64 = 300_000;

/// A status and what is said with it.
pub(super) type Told = (u16, Value);

/// A refusal.
pub(super) fn refuse(status: u16, error: &str, message: &str) -> Told {
    (status, json!({"error": error, "message": message}))
}

/// Serves one call.
pub(super) async fn serve<W>(
    inner: Arc<Inner>,
    request: Received,
    verb: &'static str,
    method: Method,
    work: W,
) -> Response
where
    W: FnOnce(&Book<'_>, &[u8], &mut Conduct) -> Result<Told, SandboxError> + Send,
{
    conduct::serve(inner, ID, verb, request, move |request, book, conduct| {
        let keys: &Keys = book.accounts.of()?;
        let signature = match verify(request, &method, keys, book.now_ms) {
            Ok(signature) => signature,
            // Whoever did not sign gets no signed answer.
            Err((status, body)) => return Ok(answer(status, body.to_string(), Vec::new())),
        };
        let (status, body) = work(book, &request.body, conduct)?;
        let body = body.to_string();
        let mut text = format!("{signature}\n{status}\n{body}");
        if conduct.wrong_signature {
            text.push('x');
        }
        let signed = hmac_sha256_hex_upper(&keys.0.hmac_key, &text);
        Ok(answer(status, body, vec![("x-bank-signature", signed)]))
    })
    .await
}

fn answer(status: u16, body: String, mut headers: Vec<(&'static str, String)>) -> Answer {
    headers.push(("content-type", "application/json".to_owned()));
    Answer {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers,
        body,
    }
}

/// The signature of a request that may be believed.
fn verify(request: &Received, method: &Method, keys: &Keys, now_ms: i64) -> Result<String, Told> {
    let header = |name| request.header(name).unwrap_or_default();
    let (time, signature) = (header("x-bank-time"), header("x-bank-signature"));
    if request.method != *method {
        return Err(refuse(405, "METHOD", &format!("use {method}")));
    }
    if header("x-bank-customer") != keys.0.customer_no {
        return Err(refuse(401, "CUSTOMER", "nobody has this customer number"));
    }
    let body = String::from_utf8_lossy(&request.body);
    let text = format!("{}\n{}\n{time}\n{body}", request.method, request.target());
    if !same_text(signature, &hmac_sha256_hex_upper(&keys.0.hmac_key, &text)) {
        return Err(refuse(401, "SIGNATURE", "the signature does not hold"));
    }
    match clock::parse_rfc3339(time) {
        Some(at_ms) if (at_ms - now_ms).abs() <= WINDOW_MS => Ok(signature.to_owned()),
        _ => Err(refuse(
            401,
            "TIME",
            "X-Bank-Time must be RFC 3339 and at most five minutes off",
        )),
    }
}
