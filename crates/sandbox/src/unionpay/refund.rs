//! `refund`: gives back all or part of a paid order (channels.md 3.8). Done in the call unless a fault says otherwise;
//! that the answer tells so was chosen (ruling 47).

use super::asked::{Asked, Stop, refuse};
use super::envelope::told;
use crate::book::{Api, Book, Channel, Order, Refund, RefundState, State, Timer};
use crate::conduct::Conduct;
use crate::wire::unionpay::{self, Fields};

/// How long `refund_pending_then_fails` keeps a refund open unless told otherwise, in virtual ms.
const REFUND_FAILS_MS: i64 = 3_000;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.order_type(&["unionpay", "upJs"])?;
    asked.time_ms("orderTime")?;
    asked.currency()?;
    let number = asked.number("orderNo")?;
    let amount_fen = asked.amount_fen("txnAmt")?;
    let total_fen = asked.amount_fen("origTxnAmt")?;
    let found = asked.find(book, "origOrderNo")?;
    let Some(order) = found.filter(|order| !order.tombstone) else {
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
    let is_taken = asked.is_refund(book, number)?
        || book
            .order(Channel::Unionpay, asked.mer_id(), number)?
            .is_some();
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
    accept(book, order, number, amount_fen, &handle)
}

fn accept(
    book: &mut Book<'_>,
    mut order: Order,
    number: &str,
    amount_fen: i64,
    handle: &str,
) -> Result<Fields, Stop> {
    let fails = book.take_fault(Channel::Unionpay, "refund_pending_then_fails")?;
    let pending = match fails {
        Some(_) => None,
        None => book.take_fault(Channel::Unionpay, "refund_pending")?,
    };
    let at_once = fails.is_none() && pending.is_none();
    let (cash_fen, coupon_fen) = order.split_refund(amount_fen);
    let refund = Refund {
        number: number.to_owned(),
        refund_id: book.trans_index()?,
        amount_fen,
        cash_fen,
        coupon_fen,
        state: if at_once {
            RefundState::Success
        } else {
            RefundState::Processing
        },
        reason: None,
        notify_url: None,
        api: Api::Unionpay,
        created_ms: book.now_ms,
        done_ms: at_once.then_some(book.now_ms),
    };
    order.refunds.push(refund.clone());
    book.save(&order)?;
    book.add_handle(&order, "refund", handle)?;
    if let Some(ms) = fails {
        book.add_timer(
            &order,
            Timer::RefundFails,
            ms.unwrap_or(REFUND_FAILS_MS),
            number,
        )?;
    } else if let Some(Some(ms)) = pending {
        // Without `ms` the refund stays open for good.
        book.add_timer(&order, Timer::RefundDone, ms, number)?;
    }
    answer(&order, &refund)
}

/// A repeat tells how far the first one has come.
fn answer(order: &Order, refund: &Refund) -> Result<Fields, Stop> {
    let fields = unionpay::refund(order, refund);
    Ok(match refund.state {
        RefundState::Success => fields,
        RefundState::Processing => told(fields, "02", "退款处理中，请查询"),
        RefundState::Closed => told(fields, "60", "退款失败"),
    })
}
