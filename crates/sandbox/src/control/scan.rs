//! `POST /control/scan`: a phone opens a cashier page, is recognised, and pays what the page
//! invokes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::browser::{self, Page};
use super::pay::{Outcome, decide};
use super::{Refusal, answer, of_wallet, read};
use crate::book::{Book, Order};
use crate::notify;
use crate::state::Inner;
use crate::upstream::{Declined, Till, decline, member};
use crate::wallets::DEFAULT_PAYER;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    url: String,
    /// Whose phone it is.
    wallet: String,
    #[serde(default)]
    outcome: Outcome,
    payer: Option<String>,
}

/// Handles the call.
pub(super) async fn handle(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(run(&inner, &body).await)
}

async fn run(inner: &Arc<Inner>, body: &[u8]) -> Result<Value, Refusal> {
    let body: Body = read(body)?;
    let payer = body.payer.as_deref().unwrap_or(DEFAULT_PAYER);
    let till = of_wallet(inner, &body.wallet)?;
    let page = browser::open(inner, &body.url, till.wallet, payer).await?;
    let invocation = if let Some(invoked) = till.wallet.invoked(&page.url) {
        invoked
    } else {
        let Some(invocation) = find_invocation(&page.text) else {
            return without_invocation(&page, "the page carries no invocation");
        };
        let Ok(invocation) = serde_json::from_str::<Value>(invocation) else {
            return without_invocation(&page, "the page's invocation is not JSON");
        };
        invocation
    };
    let (outcome, early) = inner.with_book("pay", |book| {
        let judged = invoked(book, till, &invocation, payer);
        let judged = judged.map_err(|declined| Refusal::of(422, declined));
        Ok(judged.and_then(|mut order| decide(book, till, &mut order, body.outcome)))
    })?;
    notify::deliver_early(inner, early).await;
    outcome.map(|mut told| {
        told["page"] = page.url.into();
        told
    })
}

fn without_invocation(page: &Page, sentence: &str) -> Result<Value, Refusal> {
    let text: String = page.text.chars().take(4000).collect();
    Err(Refusal::Told(
        422,
        json!({"error": sentence, "url": page.url, "status": page.status, "text": text}),
    ))
}

/// The text of the data element `heliu-invocation` (ruling 44).
fn find_invocation(html: &str) -> Option<&str> {
    html.split("<script").skip(1).find_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let is_it = [
            "id=\"heliu-invocation\"",
            "id='heliu-invocation'",
            "id=heliu-invocation",
        ]
        .iter()
        .any(|id| attributes.contains(id));
        is_it.then(|| {
            rest.split_once("</script")
                .map_or(rest, |(text, _)| text)
                .trim()
        })
    })
}

/// The order that the invocation is of, if it is meant for this phone.
fn invoked(
    book: &Book<'_>,
    till: &Till,
    invocation: &Value,
    payer: &str,
) -> Result<Order, Declined> {
    let (meant, own) = (member(invocation, "wallet")?, till.wallet.name);
    if meant != own {
        return decline(format!("the page invokes {meant}, this is a {own} phone"));
    }
    (till.phone.invoked)(book, invocation, payer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_element() {
        let html = "<script>x</script><script type=\"application/json\" id=\"heliu-invocation\"> {\"a\":1} </script>";
        assert_eq!(find_invocation(html), Some("{\"a\":1}"));
        assert_eq!(find_invocation("<script id=\"other\">{}</script>"), None);
    }
}
