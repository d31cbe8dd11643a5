//! UnionPay's notification: signed JSON, of payments only (channels.md 3.8; 3.4: "silence is not
//! failure").

use serde_json::{Value, json};

use super::ID;
use super::account::{Keys, SER_PROV_ID};
use super::wire::{self, Fields};
use super::words::event_id;
use crate::accounts::Accounts;
use crate::book::{NewNotification, NotificationRow, Order};
use crate::error::SandboxError;
use crate::notices::{Dressed, Notices, says_success};

/// Five sendings in 12 minutes; a merchant has 10 s to acknowledge (channels.md 3.4).
pub(super) const NOTICES: Notices = Notices {
    gaps_ms: &[60_000, 120_000, 240_000, 300_000],
    patience_ms: 10_000,
    dress: |accounts, row, _, spoil| dress(accounts, row, spoil),
    is_acknowledged: |_, response| says_success(response),
};

/// Of every payment that named an address.
pub(super) fn of_payment(order: &Order) -> Option<NewNotification> {
    Some(NewNotification {
        url: order.notify_url.clone()?,
        form: ID,
        content: payment(order),
        event_id,
    })
}

/// The business fields: what a query would tell of the same order.
fn payment(order: &Order) -> Value {
    let mut fields = wire::order(order);
    for (name, value) in [
        ("serProvId", SER_PROV_ID),
        ("merId", order.merchant.as_str()),
        ("respCode", "00"),
        ("respMsg", "成功"),
    ] {
        wire::put(&mut fields, name, value);
    }
    json!(fields)
}

/// Signs it. Nothing in it depends on when it leaves, so a re-send has the same bytes.
fn dress(accounts: &Accounts, row: &NotificationRow, spoil: bool) -> Result<Dressed, SandboxError> {
    let mut fields: Fields = serde_json::from_value(row.content.clone())?;
    let mut text = wire::signed_text(&fields);
    if spoil {
        text.push('x');
    }
    let signature = accounts.of::<Keys>()?.own.sign(text.as_bytes())?;
    wire::put(&mut fields, "signature", signature);
    Ok((
        vec![("Content-Type", "application/json;charset=UTF-8".to_owned())],
        wire::write(&fields)?,
    ))
}
