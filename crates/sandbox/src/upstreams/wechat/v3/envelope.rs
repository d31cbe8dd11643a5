//! What every v3 call has around it: headers, signature, the error shape; and the signed answer.

use std::sync::Arc;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::authorization;
use crate::book::Book;
use crate::conduct::{self, Answer, Conduct, Received};
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::state::Inner;
use crate::upstreams::wechat::ID;
use crate::upstreams::wechat::account::Keys;
use crate::upstreams::wechat::wire::{Spoil, signed_headers};

/// How far back `stale_timestamp` dates an answer, in ms: beyond the window of channels.md 1.2.
const STALE_MS: i64 = 600_000;

/// Names the key by which the answer is to be signed.
const SERIAL: &str = "wechatpay-serial";

/// Why a verb ends without success.
pub(super) enum Stop {
    /// Status, `code`, `message`, and the offending field.
    Refuse(StatusCode, &'static str, String, Option<String>),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Self {
        Stop::Broken(error)
    }
}

/// A refusal that names no field.
pub(super) fn refuse<T>(status: u16, code: &'static str, text: &str) -> Result<T, Stop> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Err(Stop::Refuse(status, code, text.to_owned(), None))
}

/// A refusal that names a field: always 400 PARAM_ERROR.
pub(super) fn refuse_field<T>(field: &str, text: &str) -> Result<T, Stop> {
    Err(Stop::Refuse(
        StatusCode::BAD_REQUEST,
        "PARAM_ERROR",
        format!("参数错误：{field} {text}"),
        Some(field.to_owned()),
    ))
}

/// One verb: the verified request and the variable part of its path; `None` answers 204.
pub(super) type Verb = fn(&mut Book<'_>, &Received, &str) -> Result<Option<Value>, Stop>;

/// Serves one v3 call.
pub(super) async fn serve(
    inner: Arc<Inner>,
    verb: &'static str,
    request: Received,
    part: String,
    work: Verb,
) -> Response {
    conduct::serve(inner, ID, verb, request, move |request, book, conduct| {
        answer(request, book, *conduct, &part, work)
    })
    .await
}

fn answer(
    request: &Received,
    book: &mut Book<'_>,
    conduct: Conduct,
    part: &str,
    work: Verb,
) -> Result<Answer, SandboxError> {
    let done = check(book, request).and_then(|()| work(book, request, part));
    let (status, body) = match done {
        Ok(Some(body)) => (StatusCode::OK, body.to_string()),
        Ok(None) => (StatusCode::NO_CONTENT, String::new()),
        Err(Stop::Refuse(status, code, message, field)) => {
            let mut body = json!({"code": code, "message": message});
            if let Some(field) = field {
                body["detail"] = json!({"location": "body", "field": field, "issue": message});
            }
            (status, body.to_string())
        }
        Err(Stop::Broken(error)) => return Err(error),
    };
    let at_ms = if conduct.stale {
        book.now_ms - STALE_MS
    } else {
        book.now_ms
    };
    // An error about the signature or about us carries none; every other answer is signed.
    let mut headers = if status == StatusCode::UNAUTHORIZED || status.is_server_error() {
        vec![("content-type", "application/json; charset=utf-8".to_owned())]
    } else {
        let named = request.header(SERIAL);
        let signer = book.accounts.of::<Keys>()?.own.of_answer(named);
        signed_headers(signer, at_ms, &body, spoil(conduct))?
    };
    if status == StatusCode::NO_CONTENT {
        headers.retain(|(name, _)| *name != "content-type");
    }
    headers.push((
        "request-id",
        format!("{}-268435456", random_hex(12)?.to_uppercase()),
    ));
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// What is wrong with the answer's signature.
fn spoil(conduct: Conduct) -> Spoil {
    if conduct.wrong_signature {
        Spoil::Signature
    } else if conduct.probe {
        Spoil::Probe
    } else if conduct.unknown_serial {
        Spoil::Serial
    } else {
        Spoil::Nothing
    }
}

/// Required headers, then the signature.
fn check(book: &Book<'_>, request: &Received) -> Result<(), Stop> {
    let keys: &Keys = book.accounts.of()?;
    let accept = request.header("accept").unwrap_or_default();
    if !accept.contains("application/json") && !accept.contains("*/*") {
        return refuse(406, "PARAM_ERROR", "缺少 Accept: application/json");
    }
    if request.header("user-agent").unwrap_or_default().is_empty() {
        return refuse(400, "PARAM_ERROR", "Http头缺少User-Agent");
    }
    let content_type = request.header("content-type").unwrap_or_default();
    if request.method == Method::POST && !content_type.starts_with("application/json") {
        return refuse(415, "PARAM_ERROR", "Content-Type 应为 application/json");
    }
    if let Some(serial) = request.header(SERIAL)
        && !keys.own.knows(serial)
    {
        return refuse(
            400,
            "PARAM_ERROR",
            "Wechatpay-Serial 不是本商户的微信支付公钥 ID 或平台证书序列号",
        );
    }
    authorization::verify(keys, request, book.now_ms).map_err(|text| {
        Stop::Refuse(
            StatusCode::UNAUTHORIZED,
            "SIGN_ERROR",
            text,
            Some("signature".to_owned()),
        )
    })
}
