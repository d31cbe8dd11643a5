//! `POST /control/pay`: what a wallet does with what it was given (code_url, prepay id, trade
//! number, QR).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, answer, read, refuse};
use crate::book::{Book, Order, State as OrderState};
use crate::error::SandboxError;
use crate::notify;
use crate::payer;
use crate::state::Inner;
use crate::upstream::Till;

/// What the payer does.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    #[default]
    Pay,
    Decline,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    code: String,
    #[serde(default)]
    outcome: Outcome,
}

/// Handles the call.
pub(super) async fn handle(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(run(&inner, &body).await)
}

async fn run(inner: &Arc<Inner>, body: &[u8]) -> Result<Value, Refusal> {
    let body: Body = read(body)?;
    let code = body.code.trim();
    let is_page = code.starts_with("http://") || code.starts_with("https://");
    let mut wallets = inner.tills().map(|till| till.wallet);
    let is_wallets_own = wallets.any(|wallet| wallet.pays(code));
    if is_page && !is_wallets_own {
        return refuse(
            400,
            "this is the address of a page, which a wallet opens in its browser: use POST /control/scan",
        );
    }
    let (outcome, early) = inner.with_book("pay", |book| {
        Ok(match find(inner, book, code)? {
            Some(mut order) => {
                let till = inner.till(&order.channel)?;
                decide(book, till, &mut order, body.outcome)
            }
            None => refuse(404, format!("no order has the code {code}")),
        })
    })?;
    notify::deliver_early(inner, early).await;
    outcome
}

/// By code or QR, prepay id (with or without `prepay_id=`), transaction, or a waiting barcode
/// order's number.
fn find(inner: &Inner, book: &Book<'_>, code: &str) -> Result<Option<Order>, SandboxError> {
    let code = code.strip_prefix("prepay_id=").unwrap_or(code);
    for upstream in inner.upstreams {
        for kind in ["code", "prepay", "transaction"] {
            if let Some(order) = book.order_by(upstream.id, kind, code)? {
                return Ok(Some(order));
            }
        }
    }
    let numbered = book.orders_numbered(code)?;
    Ok(numbered
        .into_iter()
        .find(|order| order.state == OrderState::UserPaying))
}

/// The payer decides; also used by `/control/scan`.
pub(super) fn decide(
    book: &mut Book<'_>,
    till: &Till,
    order: &mut Order,
    outcome: Outcome,
) -> Result<Value, Refusal> {
    payer::expire_if_due(book, &till.ways, order)?;
    let word = till.state_word;
    if !order.is_open() {
        return Err(Refusal::Told(
            409,
            json!({
                "error": format!("the order is {} and cannot be paid", word(order)),
                "channel": order.channel, "out_trade_no": order.number, "state": word(order),
            }),
        ));
    }
    if let Some(sentence) = (till.phone.lapsed)(order, book.now_ms) {
        return refuse(409, sentence);
    }
    (till.phone.seen)(book, order)?;
    match (outcome, order.state) {
        (Outcome::Pay, _) => payer::pay(book, &till.ways, order)?,
        (Outcome::Decline, OrderState::UserPaying) => payer::decline(book, order, "PAYERROR")?,
        // Whoever turns away from a code or page leaves it unpaid; the next payer may still pay.
        (Outcome::Decline, _) => {}
    }
    Ok(json!({
        "channel": order.channel, "out_trade_no": order.number,
        "outcome": if outcome == Outcome::Pay { "pay" } else { "decline" },
        "state": word(order), "transaction_id": order.transaction_id,
        "total_fen": order.total_fen, "discount_fen": order.discount_fen,
    }))
}
