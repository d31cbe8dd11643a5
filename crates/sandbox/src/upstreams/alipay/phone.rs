//! What the wallet does with a trade or a code.

use serde_json::Value;

use super::{ID, words};
use crate::book::{Book, Order, State};
use crate::error::SandboxError;
use crate::upstream::{Declined, decline, member};
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::alipay::buyer_id;

/// Makes the trade of an unscanned code exist: the first scan does (channels.md 2.5). Other orders
/// stay as they are.
pub(super) fn seen(book: &Book<'_>, order: &mut Order) -> Result<(), SandboxError> {
    if order.state != State::Unscanned {
        return Ok(());
    }
    order.transaction_id = words::trade_no(book)?;
    order.openid = buyer_id(DEFAULT_PAYER);
    order.state = State::NotPay;
    book.save(order)?;
    book.add_handle(order, "transaction", &order.transaction_id)
}

/// The trade of the page's `tradeNO`, which must be this payer's if it is anybody's.
pub(super) fn invoked(book: &Book<'_>, invocation: &Value, payer: &str) -> Result<Order, Declined> {
    let trade_no = member(invocation, "tradeNO")?;
    let Some(order) = book.order_by(ID, "transaction", &trade_no)? else {
        return decline(format!("no trade has the number {trade_no}"));
    };
    if order.bound_to_payer && order.openid != buyer_id(payer) {
        return decline(format!(
            "the trade belongs to the buyer {}, not to this phone's",
            order.openid
        ));
    }
    Ok(order)
}
