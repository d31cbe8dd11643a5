//! UnionPay's notification: signed JSON, of payments only (channels.md 3.8; 3.4: "silence is not
//! failure").

use serde_json::{Value, json};

use super::Dressed;
use crate::accounts::{Accounts, SER_PROV_ID};
use crate::book::{NotificationRow, Order};
use crate::error::SandboxError;
use crate::wire::unionpay::{self, Fields};

/// The business fields: what a query would tell of the same order.
pub(super) fn payment(order: &Order) -> Value {
    let mut fields = unionpay::order(order);
    for (name, value) in [
        ("serProvId", SER_PROV_ID),
        ("merId", order.merchant.as_str()),
        ("respCode", "00"),
        ("respMsg", "成功"),
    ] {
        unionpay::put(&mut fields, name, value);
    }
    json!(fields)
}

/// Signs it. Nothing in it depends on when it leaves, so a re-send has the same bytes.
pub(super) fn dress(
    accounts: &Accounts,
    row: &NotificationRow,
    spoil: bool,
) -> Result<Dressed, SandboxError> {
    let mut fields: Fields = serde_json::from_value(row.content.clone())?;
    let mut text = unionpay::signed_text(&fields);
    if spoil {
        text.push('x');
    }
    let signature = accounts.unionpay_key.sign(text.as_bytes())?;
    unionpay::put(&mut fields, "signature", signature);
    Ok((
        vec![("Content-Type", "application/json;charset=UTF-8".to_owned())],
        unionpay::write(&fields)?,
    ))
}
