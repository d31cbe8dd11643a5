//! `alipay.trade.query` (channels.md 2.5).

use serde_json::Value;

use super::asked::{Asked, Stop, refuse};
use super::wire::{add_payment, basics};
use super::words;
use crate::book::Book;
use crate::conduct::Conduct;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let Some(order) = asked.find_visible(book)? else {
        return refuse("ACQ.TRADE_NOT_EXIST", "交易不存在");
    };
    let mut node = basics(&order, "10000");
    node.insert("trade_status".to_owned(), words::state(&order).into());
    if order.paid_ms.is_some() {
        add_payment(&mut node, &order, "send_pay_date");
    }
    Ok(Value::Object(node))
}
