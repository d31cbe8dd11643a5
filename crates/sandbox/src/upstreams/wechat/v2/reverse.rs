//! `POST /secapi/pay/reverse`: closes if unpaid, gives back if paid (channels.md 1.17).

use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, Order, Scene, State};
use crate::conduct::Conduct;
use crate::payer;
use crate::upstreams::wechat::ID;
use crate::upstreams::wechat::rules;
use crate::upstreams::wechat::wire::Fields;
use crate::upstreams::wechat::words::V2;

/// Reversals are possible for seven days; later: refund.
const WINDOW_MS: i64 = 7 * 86_400_000;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    run(book, asked, Scene::Barcode)
}

/// Reverses an order of that scene; the other's has a reversal of its own (ruling 41).
pub(super) fn run(book: &mut Book<'_>, asked: &Asked, scene: Scene) -> Result<Fields, Stop> {
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    let by_id = asked.optional("transaction_id", 32)?;
    let found = match by_id {
        Some(id) => book.order_by(ID, "transaction", id)?,
        None => book.order(ID, "", asked.number()?)?,
    };
    if book.take_fault(ID, "recall")?.is_some() {
        // Nothing was done, call again: an answer that looks like success and is none.
        return Ok(recall("Y"));
    }
    if book.take_fault(ID, "user_paying")?.is_some() {
        // Nothing was done (channels.md 9): ask, then reverse again.
        return refuse("USERPAYING", "用户支付中，需要输入密码");
    }
    match found {
        Some(order) if order.merchant != sub_mch_id => {
            refuse("INVALID_REQUEST", "订单不属于该子商户")
        }
        Some(order) if order.scene != scene => {
            refuse("INVALID_REQUEST", "该订单的支付方式不能用此接口撤销")
        }
        Some(order) => reverse(book, order),
        None if by_id.is_some() => refuse("INVALID_TRANSACTIONID", "无效的 transaction_id"),
        None => {
            // Ruling 43: success, and a tombstone, so that a late payment is refused.
            let mut order = rules::new_order(book, asked.number()?, sub_mch_id, V2, scene);
            order.state = State::Revoked;
            order.tombstone = true;
            order.closed_ms = Some(book.now_ms);
            book.save(&order)?;
            Ok(recall("N"))
        }
    }
}

fn reverse(book: &mut Book<'_>, mut order: Order) -> Result<Fields, Stop> {
    if book.now_ms - order.created_ms > WINDOW_MS {
        return refuse("REVERSE_EXPIRE", "订单无法撤销，订单已超过可撤销期限");
    }
    match order.state {
        State::Revoked => {}
        State::Paid if !order.refunds.is_empty() => {
            return refuse("TRADE_ERROR", "订单已有退款，无法撤销");
        }
        State::Paid if book.take_fault(ID, "keeps_money")?.is_some() => {}
        State::Paid => {
            order.state = State::Revoked;
            order.money_back = true;
            order.closed_ms = Some(book.now_ms);
            book.save(&order)?;
        }
        State::Lost => {
            order.tombstone = true;
            payer::end_unpaid(book, &mut order, State::Revoked)?;
        }
        _ => payer::end_unpaid(book, &mut order, State::Revoked)?,
    }
    Ok(recall("N"))
}

fn recall(word: &str) -> Fields {
    let mut fields = Fields::new();
    fields.insert("recall".into(), word.into());
    fields
}
