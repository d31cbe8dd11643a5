//! What `/control` tells of the bank: the numbers that it saw, what it paid, and its customer's
//! account.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ID;
use crate::book::Book;
use crate::control::{Refusal, answer, read, refuse};
use crate::error::SandboxError;
use crate::state::Inner;
use crate::transfers::{available_fen, word};

/// The paths.
pub(super) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/control/payout_bank", get(requests))
        .route("/control/payout_bank/lines", get(lines))
        .route("/control/payout_bank/credit", post(credit))
}

#[derive(Deserialize)]
struct Filter {
    request_no: Option<String>,
    limit: Option<u32>,
    skip: Option<u32>,
}

/// `GET /control/payout_bank`: the request numbers in the order of their first sending.
async fn requests(State(inner): State<Arc<Inner>>, Query(filter): Query<Filter>) -> Response {
    let told = inner.look(|book| {
        let numbers = match filter.request_no {
            Some(number) => vec![number],
            None => book.transfer_numbers(
                ID,
                filter.limit.unwrap_or(200).min(1000),
                filter.skip.unwrap_or_default(),
            )?,
        };
        let requests: Result<Vec<Value>, SandboxError> = numbers
            .iter()
            .map(|number| described(book, number))
            .collect();
        Ok(json!({"balance_fen": available_fen(book, ID)?, "requests": requests?}))
    });
    answer(told.map_err(Refusal::from))
}

fn described(book: &Book<'_>, number: &str) -> Result<Value, SandboxError> {
    let calls = book.transfer_calls(ID, number)?.into_iter();
    let calls: Vec<Value> = calls
        .map(|(at_ms, told)| json!({"at_ms": at_ms, "told": told}))
        .collect();
    let transfer = book.transfer(ID, number)?;
    let state = match &transfer {
        Some(transfer) => word(transfer.state),
        None if calls.is_empty() => "never seen",
        None => "lost",
    };
    let mut told = json!({
        "request_no": number, "state": state, "calls": calls,
        "paid_fen": book.transferred_fen(ID, number)?,
    });
    if let Some(transfer) = transfer {
        for (name, value) in [
            ("amount_fen", json!(transfer.amount_fen)),
            ("account_no", json!(transfer.payee)),
            ("holder", json!(transfer.holder)),
            ("bank_no", json!(transfer.bank_no)),
            ("text", json!(transfer.text)),
            ("received_ms", json!(transfer.received_ms)),
            ("paid_ms", json!(transfer.paid_ms)),
            ("returned_ms", json!(transfer.returned_ms)),
        ] {
            told[name] = value;
        }
    }
    Ok(told)
}

#[derive(Deserialize)]
struct Day {
    day: Option<String>,
}

/// `GET /control/payout_bank/lines?day=yyyy-MM-dd`: the lines of the account, of one day or of all.
async fn lines(State(inner): State<Arc<Inner>>, Query(Day { day }): Query<Day>) -> Response {
    let told = inner.look(|book| {
        let balance_fen = available_fen(book, ID)?;
        let lines = book.lines(ID, day.as_deref())?;
        Ok(json!({"day": day, "balance_fen": balance_fen, "lines": lines}))
    });
    answer(told.map_err(Refusal::from))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credit {
    amount_fen: i64,
    #[serde(default)]
    text: String,
}

/// `POST /control/payout_bank/credit`: money comes in, such as a channel's settlement; below zero
/// it goes out.
async fn credit(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(credited(&inner, &body))
}

fn credited(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let Credit { amount_fen, text } = read(body)?;
    if amount_fen == 0 || text.chars().count() > 64 {
        return refuse(
            400,
            "amount_fen must not be 0, text has at most 64 characters",
        );
    }
    inner.look(|book| {
        let left_fen = available_fen(book, ID)?.saturating_add(amount_fen);
        if left_fen < 0 {
            return Ok(refuse(409, "there is not so much on the account"));
        }
        let balance_fen = book.add_line(ID, book.now_ms, amount_fen, None, &text)?;
        Ok(Ok(json!({"balance_fen": balance_fen})))
    })?
}
