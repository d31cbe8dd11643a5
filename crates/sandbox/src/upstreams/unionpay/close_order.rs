//! `closeOrder`: no payment is possible any more. The only reversal there is (ruling 47): an order
//! that turns out paid is refused, and its money goes back by refund.

use super::ID;
use super::asked::{Asked, Stop, refuse};
use super::wire::{self, Fields};
use super::words;
use crate::book::{Book, Order, State};
use crate::conduct::Conduct;
use crate::payer;

/// How young an order is refused with the fault `early_close_refused`, in ms.
const EARLY_MS: i64 = 300_000;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.order_type(&["unionpay", "upJs"])?;
    asked.time_ms("orderTime")?;
    let Some(order) = asked.find(book, "orderNo")? else {
        return bury(book, asked);
    };
    let early = book.now_ms - order.created_ms < EARLY_MS;
    if early && order.is_open() && book.take_fault(ID, "early_close_refused")?.is_some() {
        return refuse("39", "订单刚刚创建，暂不能关闭");
    }
    close(book, order)
}

fn close(book: &mut Book<'_>, mut order: Order) -> Result<Fields, Stop> {
    match order.state {
        State::Paid if book.take_fault(ID, "keeps_money")?.is_some() => {}
        State::Paid => return refuse("39", "订单已支付，请退款"),
        // "04 revoked" is for payment codes, "03 closed" for the others.
        _ if order.is_open() && order.scene.is_at_till() => {
            payer::end_unpaid(book, &mut order, State::Revoked)?;
        }
        _ if order.is_open() => payer::end_unpaid(book, &mut order, State::Closed)?,
        // Closed, revoked or failed before: nobody can pay it, which is what was asked for.
        _ => {}
    }
    Ok(wire::order(&order))
}

/// Ruling 43: a number that was never seen is answered as done, and whoever pays under it later is
/// refused.
fn bury(book: &mut Book<'_>, asked: &Asked) -> Result<Fields, Stop> {
    let number = asked.number("orderNo")?;
    if asked.is_refund(book, number)? {
        return refuse("34", "查无此交易");
    }
    let lost = book.order(ID, asked.mer_id(), number)?;
    let mut order = lost.unwrap_or_else(|| words::new_order(asked.mer_id(), number, book.now_ms));
    order.merchant = asked.mer_id().to_owned();
    order.tombstone = true;
    payer::end_unpaid(book, &mut order, State::Revoked)?;
    Ok(wire::order(&order))
}
