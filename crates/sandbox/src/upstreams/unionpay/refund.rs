//! `refund`: gives back all or part of a paid order (channels.md 3.8). Done in the call unless a
//! fault says otherwise; that the answer tells so was chosen (ruling 47).

use super::asked::{Asked, Stop, refuse};
use super::envelope::told;
use super::wire::{self, Fields};
use super::words;
use super::{ID, WAYS};
use crate::book::{Book, Order, Refund, RefundState, State};
use crate::conduct::Conduct;
use crate::payer;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.order_type(&["unionpay", "upJs"])?;
    asked.time_ms("orderTime")?;
    asked.currency()?;
    let number = asked.number("orderNo")?;
    let amount_fen = asked.amount_fen("txnAmt")?;
    let total_fen = asked.amount_fen("origTxnAmt")?;
    let found = asked.find(book, "origOrderNo")?;
    let Some(mut order) = found.filter(|order| !order.tombstone) else {
        return refuse("34", "原交易不存在");
    };
    if total_fen != order.total_fen {
        return refuse("33", "origTxnAmt 与原交易金额不一致");
    }
    if let Some(known) = order.refunds.iter().find(|refund| refund.number == number) {
        if known.amount_fen != amount_fen {
            return refuse("12", "退款订单号重复，金额不一致");
        }
        return answer(&order, known);
    }
    let is_taken =
        asked.is_refund(book, number)? || book.order(ID, asked.mer_id(), number)?.is_some();
    if is_taken {
        return refuse("12", "订单号重复");
    }
    if order.state != State::Paid {
        return refuse("39", "原交易未支付，不能退款");
    }
    if amount_fen > order.total_fen - order.refunding_fen() {
        return refuse("36", "退款金额超过可退金额");
    }
    let handle = asked.refund_handle(number);
    let refund_id = words::trans_index(book)?;
    let refund = payer::refund(book, &WAYS, &mut order, number, refund_id, amount_fen)?;
    book.add_handle(&order, "refund", &handle)?;
    answer(&order, &refund)
}

/// A repeat tells how far the first one has come.
fn answer(order: &Order, refund: &Refund) -> Result<Fields, Stop> {
    let fields = wire::refund(order, refund);
    Ok(match refund.state {
        RefundState::Success => fields,
        RefundState::Processing => told(fields, "02", "退款处理中，请查询"),
        RefundState::Closed => told(fields, "60", "退款失败"),
    })
}
