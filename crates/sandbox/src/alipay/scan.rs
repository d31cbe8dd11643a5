//! The user scans a precreated code: only now does the trade exist (channels.md 2.5).

use crate::book::{Book, Order, State};
use crate::error::SandboxError;
use crate::wallet::{DEFAULT_PAYER, buyer_id};

/// Makes the trade of an unscanned code exist; other orders stay as they are.
pub(crate) fn scan(book: &Book<'_>, order: &mut Order) -> Result<(), SandboxError> {
    if order.state != State::Unscanned {
        return Ok(());
    }
    order.transaction_id = book.alipay_trade_no()?;
    order.openid = buyer_id(DEFAULT_PAYER);
    order.state = State::NotPay;
    book.save(order)?;
    book.add_handle(order, "transaction", &order.transaction_id)
}
