//! `/control/transfers...`: the numbers that an upstream was asked to pay, what it paid, and the
//! account that it paid from.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, named, read, refuse};
use crate::book::Book;
use crate::error::SandboxError;
use crate::state::Inner;
use crate::transfers::{available_fen, word};

#[derive(Deserialize)]
pub(super) struct Filter {
    channel: String,
    request_no: Option<String>,
    limit: Option<u32>,
    skip: Option<u32>,
}

/// `GET /control/transfers`: the request numbers in the order of their first sending.
pub(super) async fn requests(
    State(inner): State<Arc<Inner>>,
    Query(filter): Query<Filter>,
) -> Response {
    answer(requested(&inner, filter))
}

fn requested(inner: &Inner, filter: Filter) -> Result<Value, Refusal> {
    let channel = named(inner, &filter.channel)?.id;
    let told = inner.look(|book| {
        let numbers = match filter.request_no {
            Some(number) => vec![number],
            None => book.transfer_numbers(
                channel,
                filter.limit.unwrap_or(200).min(1000),
                filter.skip.unwrap_or_default(),
            )?,
        };
        let requests: Result<Vec<Value>, SandboxError> = numbers
            .iter()
            .map(|number| described(book, channel, number))
            .collect();
        Ok(json!({"balance_fen": available_fen(book, channel)?, "requests": requests?}))
    });
    Ok(told?)
}

fn described(book: &Book<'_>, channel: &str, number: &str) -> Result<Value, SandboxError> {
    let calls = book.transfer_calls(channel, number)?.into_iter();
    let calls: Vec<Value> = calls
        .map(|(at_ms, told)| json!({"at_ms": at_ms, "told": told}))
        .collect();
    let transfer = book.transfer(channel, number)?;
    let state = match &transfer {
        Some(transfer) => word(transfer.state),
        None if calls.is_empty() => "never seen",
        None => "lost",
    };
    let mut told = json!({
        "request_no": number, "state": state, "calls": calls,
        "paid_fen": book.transferred_fen(channel, number)?,
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
pub(super) struct Day {
    channel: String,
    day: Option<String>,
}

/// `GET /control/transfers/lines`: the lines of the account, of one day or of all.
pub(super) async fn lines(State(inner): State<Arc<Inner>>, Query(day): Query<Day>) -> Response {
    answer(lines_of(&inner, &day))
}

fn lines_of(inner: &Inner, day: &Day) -> Result<Value, Refusal> {
    let channel = named(inner, &day.channel)?.id;
    let told = inner.look(|book| {
        let balance_fen = available_fen(book, channel)?;
        let lines = book.lines(channel, day.day.as_deref())?;
        Ok(json!({"day": day.day, "balance_fen": balance_fen, "lines": lines}))
    });
    Ok(told?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credit {
    channel: String,
    amount_fen: i64,
    #[serde(default)]
    text: String,
}

/// `POST /control/transfers/credit`: money comes in, such as a channel's settlement; below zero
/// it goes out.
pub(super) async fn credit(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(credited(&inner, &body))
}

fn credited(inner: &Inner, body: &[u8]) -> Result<Value, Refusal> {
    let Credit {
        channel,
        amount_fen,
        text,
    } = read(body)?;
    let channel = named(inner, &channel)?.id;
    if amount_fen == 0 || text.chars().count() > 64 {
        return refuse(
            400,
            "amount_fen must not be 0, text has at most 64 characters",
        );
    }
    inner.look(|book| {
        let left_fen = available_fen(book, channel)?.saturating_add(amount_fen);
        if left_fen < 0 {
            return Ok(refuse(409, "there is not so much on the account"));
        }
        let balance_fen = book.add_line(channel, book.now_ms, amount_fen, None, &text)?;
        Ok(Ok(json!({"balance_fen": balance_fen})))
    })?
}
