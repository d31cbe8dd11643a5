//! `refundQuery`: `origRespCode` 00 done, 01 failed, 02 processing (channels.md 3.8).

use super::ID;
use super::asked::{Asked, Stop, refuse};
use super::wire::{self, Fields};
use crate::book::{Book, RefundState};
use crate::conduct::Conduct;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.order_type(&["unionpay", "upJs"])?;
    asked.time_ms("orderTime")?;
    let number = asked.number("orderNo")?;
    let original = asked.number("origOrderNo")?;
    let found = book
        .order_by(ID, "refund", &asked.refund_handle(number))?
        .filter(|order| order.number == original);
    let Some((order, refund)) = found.as_ref().and_then(|order| {
        let mut refunds = order.refunds.iter();
        Some((order, refunds.find(|refund| refund.number == number)?))
    }) else {
        return refuse("34", "查无此退款");
    };
    let (code, text) = match refund.state {
        RefundState::Success => ("00", "退款成功"),
        RefundState::Closed => ("01", "退款失败"),
        RefundState::Processing => ("02", "退款处理中"),
    };
    let mut fields = wire::refund(order, refund);
    wire::put(&mut fields, "origRespCode", code);
    wire::put(&mut fields, "origRespMsg", text);
    Ok(fields)
}
