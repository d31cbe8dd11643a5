//! What the wallet does with `payData`.

use serde_json::Value;

use super::ID;
use crate::book::{Book, Order};
use crate::upstream::{Declined, decline, member};
use crate::wallets::unionpay::user_id;

/// The order of the page's `payData`, which must be this payer's if it is anybody's.
pub(super) fn invoked(book: &Book<'_>, invocation: &Value, payer: &str) -> Result<Order, Declined> {
    let pay_data = member(invocation, "payData")?;
    let Some(mut order) = book.order_by(ID, "code", &pay_data)? else {
        return decline(format!("no order has the payData {pay_data}"));
    };
    let mine = user_id(payer);
    if order.bound_to_payer && order.openid != mine {
        return decline(format!(
            "the order belongs to the user {}, not to this phone's",
            order.openid
        ));
    }
    // A code belongs to nobody until somebody pays it.
    order.openid = mine;
    Ok(order)
}
