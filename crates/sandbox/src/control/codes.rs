//! `/control/codes`: what exactly this payment code or face code leads to (ruling 15).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, read, refuse};
use crate::book::Book;
use crate::codes::{Effect, Plan};
use crate::error::SandboxError;
use crate::state::Inner;

/// The longest code of any wire (`face_code`, `auth_code`).
const LONGEST_CODE: usize = 128;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    code: String,
    digits: Option<String>,
    effect: Option<Effect>,
    ms: Option<i64>,
    discount_fen: Option<i64>,
}

/// `POST /control/codes`.
pub(super) async fn set(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(run(&inner, &body))
}

fn run(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let body: Body = read(body)?;
    if !(1..=LONGEST_CODE).contains(&body.code.len()) {
        return refuse(400, format!("code must have 1 to {LONGEST_CODE} bytes"));
    }
    let plan = plan(&body)?;
    let text = serde_json::to_string(&plan).map_err(SandboxError::from)?;
    inner.look(|book| book.set_code_plan(&body.code, &text))?;
    let mut told = describe(&body.code, &plan);
    if let Some(digits) = body.digits {
        told["digits"] = digits.into();
    }
    Ok(told)
}

fn plan(body: &Body) -> Result<Plan, Refusal> {
    let mut plan = match (&body.digits, body.effect) {
        (Some(digits), None) if is_two_digits(digits) => Plan::of_digits(digits),
        (Some(_), None) => return refuse(400, "digits must be two digits, 00 to 99"),
        (None, Some(effect)) => Plan {
            effect,
            ms: None,
            discount_fen: None,
        },
        _ => return refuse(400, "say either digits or effect"),
    };
    let thinks = matches!(plan.effect, Effect::ConfirmsLater | Effect::DeclinesLater);
    if body
        .ms
        .is_some_and(|ms| !thinks || !(0..=86_400_000).contains(&ms))
    {
        return refuse(
            400,
            "ms is when a payer confirms or declines later, 0 to 86400000",
        );
    }
    if body.discount_fen.is_some_and(|fen| fen < 1) {
        return refuse(400, "discount_fen must be at least 1");
    }
    plan.ms = body.ms;
    plan.discount_fen = body.discount_fen;
    Ok(plan)
}

fn is_two_digits(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `GET /control/codes`.
pub(super) async fn list(State(inner): State<Arc<Inner>>) -> Response {
    answer(
        inner
            .look(|book| Ok(json!({"codes": all(book)?})))
            .map_err(Refusal::from),
    )
}

/// `DELETE /control/codes`: every code goes by its digits again.
pub(super) async fn clear(State(inner): State<Arc<Inner>>) -> Response {
    answer(
        inner
            .look(|book| Ok(json!({"cleared": book.clear_code_plans()?, "codes": []})))
            .map_err(Refusal::from),
    )
}

fn all(book: &Book<'_>) -> Result<Vec<Value>, SandboxError> {
    let set = book.code_plans()?;
    set.iter()
        .map(|(code, plan)| Ok(describe(code, &serde_json::from_str(plan)?)))
        .collect()
}

fn describe(code: &str, plan: &Plan) -> Value {
    json!({
        "code": code, "effect": plan.effect, "ms": plan.ms, "discount_fen": plan.discount_fen,
    })
}
