//! Checks Alipay's notifications like a stranger's, and answers them. Sources: channel notes 2.2,
//! 2.7.
//!
//! A refund's notice looks like the payment's, with `gmt_refund` or `out_biz_no` beside it.

use std::collections::BTreeMap;

use heliu_ports::channel::{CallbackNews, CallbackRefused, ChannelOrder, Upstream};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::verdict::Verdict;
use serde_json::Value;

use super::{evidence, sign};
use crate::account::{optional, required};
use crate::answer::{Doubt, same, same_fen};
use crate::json::{text, yuan};
use crate::order::order_no;

/// Longest notification that is read, in bytes.
const BYTES_MAX: usize = 128 * 1024;

/// Verifies, compares.
pub(super) fn read(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    request: &WireRequest,
) -> Result<CallbackNews, CallbackRefused> {
    let fields = form(&request.body)?;
    let presented = fields.get("sign").map_or("", String::as_str);
    if fields.get("sign_type").is_some_and(|kind| kind != "RSA2") {
        return Err(CallbackRefused::Signature(
            "sign_type is not RSA2".to_owned(),
        ));
    }
    if presented.is_empty() || !upstream.verify(&sign::notification(&fields), presented) {
        return Err(CallbackRefused::Signature(
            "the signature does not hold".to_owned(),
        ));
    }
    let trade = Value::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect(),
    );
    compare(order, &trade)?;
    Ok(news(order, &trade)?)
}

/// The form's fields; a name that stands twice has no meaning.
fn form(body: &[u8]) -> Result<BTreeMap<String, String>, CallbackRefused> {
    let malformed = |what: &str| CallbackRefused::Malformed(what.to_owned());
    if body.len() > BYTES_MAX {
        return Err(malformed("it is too long"));
    }
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return Err(malformed("a field stands twice"));
        }
    }
    Ok(fields)
}

/// It is about our app, our merchant, our order and its amount.
fn compare(order: &ChannelOrder<'_>, trade: &Value) -> Result<(), Doubt> {
    let app_id = required(order.account, "app_id")
        .map_err(|_| Doubt::Mismatch("the account has no app_id".to_owned()))?;
    same("app_id", app_id, text(trade, "app_id"))?;
    if let Some(seller_id) = optional(order.account, "seller_id") {
        same("seller_id", seller_id, text(trade, "seller_id"))?;
    }
    same(
        "out_trade_no",
        &order_no(order),
        text(trade, "out_trade_no"),
    )?;
    same_fen(
        "total_amount",
        order.charge_fen,
        yuan(trade, "total_amount"),
    )
}

fn news(order: &ChannelOrder<'_>, trade: &Value) -> Result<CallbackNews, Doubt> {
    let is_refund = ["gmt_refund", "out_biz_no"]
        .iter()
        .any(|name| text(trade, name).is_some());
    let is_known = order.attempt.evidence.is_some();
    match text(trade, "trade_status") {
        // The payment is known: a notice of a refund says nothing that a refund query would not.
        Some("TRADE_SUCCESS" | "TRADE_FINISHED") if is_refund && is_known => {
            Ok(CallbackNews::Nothing)
        }
        // Refunded in full, or an old time-out: either way the payment's own story is told already.
        Some("TRADE_CLOSED") if is_refund || is_known => Ok(CallbackNews::Nothing),
        _ => Ok(match evidence::verdict(order, trade)? {
            Verdict::Unknown(_) => CallbackNews::Nothing,
            verdict => CallbackNews::Payment(verdict),
        }),
    }
}

/// Exactly `success`, or anything else.
pub(super) fn acknowledge(
    _request: &WireRequest,
    outcome: Result<(), &CallbackRefused>,
) -> WireResponse {
    WireResponse::new(
        200,
        "text/plain",
        if outcome.is_ok() {
            "success"
        } else {
            "failure"
        },
    )
}
