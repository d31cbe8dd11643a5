//! The business content that calls about an order share, and the words of the interface families. Source:
//! channel notes 2.5.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::money::yuan_text;
use serde_json::{Value, json};

use crate::account::optional;
use crate::text::cut;

/// Payments by code.
pub(super) const PAY: &str = "pay";
/// Orders that a page in the wallet invokes.
pub(super) const CREATE: &str = "create";
/// Orders whose code the payer scans.
pub(super) const PRECREATE: &str = "precreate";

/// Longest subject, in bytes; the limit is 256 characters.
const SUBJECT_BYTES_MAX: usize = 256;

/// The number that we sent upstream.
pub(super) fn order_no(order: &ChannelOrder<'_>) -> String {
    order.attempt.attempt_no.to_string()
}

/// Names the order.
pub(super) fn about(order: &ChannelOrder<'_>) -> Value {
    json!({"out_trade_no": order_no(order)})
}

/// What every new order has; taken from the order alone, so that a repeat has the same content.
pub(super) fn new_order(order: &ChannelOrder<'_>) -> Value {
    let number = order_no(order);
    let mut content = json!({
        "subject": cut(order.subject, SUBJECT_BYTES_MAX, &number),
        "out_trade_no": number,
        "total_amount": yuan_text(order.charge_fen),
    });
    if let Some(expires_at) = order.expires_at {
        put(&mut content, "time_expire", expires_at.beijing_spaced());
    }
    if let (Some(pid), Some(members)) =
        (optional(order.account, "isv_pid"), content.as_object_mut())
    {
        members.insert(
            "extend_params".to_owned(),
            json!({"sys_service_provider_id": pid}),
        );
    }
    content
}

/// Adds a text member.
pub(super) fn put(content: &mut Value, name: &str, value: impl Into<String>) {
    if let Some(members) = content.as_object_mut() {
        members.insert(name.to_owned(), Value::String(value.into()));
    }
}
