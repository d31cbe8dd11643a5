//! `alipay.trade.cancel`: closes if unpaid, gives back if paid; works for a number never seen
//! (channels.md 2.5).

use serde_json::{Value, json};

use super::ID;
use super::asked::{Asked, Stop, refuse};
use super::words;
use crate::book::{Book, Order, State};
use crate::conduct::Conduct;
use crate::payer;

/// Cancels are possible for a day; later: refund.
const WINDOW_MS: i64 = 24 * 3_600_000;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let by_trade = asked.optional("trade_no", 64)?.is_some();
    let found = asked.find(book)?;
    if book.take_fault(ID, "recall")?.is_some() {
        let number = found.map_or_else(
            || {
                asked
                    .optional("out_trade_no", 64)
                    .map(|number| number.unwrap_or_default().to_owned())
            },
            |order| Ok(order.number),
        )?;
        return Ok(
            json!({"code": "10000", "msg": "Success", "out_trade_no": number, "retry_flag": "Y"}),
        );
    }
    match found {
        Some(order) => cancel(book, order),
        None if by_trade => refuse("ACQ.TRADE_NOT_EXIST", "交易不存在"),
        None => {
            // Ruling 43: success, and a tombstone, so that a late pay is refused.
            let mut order = words::new_order(&asked.seller, asked.number()?, book.now_ms);
            order.merchant.clone_from(&asked.seller);
            order.state = State::Revoked;
            order.tombstone = true;
            order.closed_ms = Some(book.now_ms);
            book.save(&order)?;
            Ok(done(&order, None))
        }
    }
}

fn cancel(book: &mut Book<'_>, mut order: Order) -> Result<Value, Stop> {
    if book.now_ms - order.created_ms > WINDOW_MS {
        return refuse("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围");
    }
    let action = match order.state {
        State::Paid if book.take_fault(ID, "keeps_money")?.is_some() => Some("refund"),
        State::Paid if order.refunding_fen() < order.total_fen => {
            order.state = State::Revoked;
            order.money_back = true;
            order.closed_ms = Some(book.now_ms);
            book.save(&order)?;
            Some("refund")
        }
        State::NotPay | State::UserPaying => {
            payer::end_unpaid(book, &mut order, State::Revoked)?;
            Some("close")
        }
        State::Unscanned => {
            payer::end_unpaid(book, &mut order, State::Revoked)?;
            None
        }
        State::Lost => {
            order.tombstone = true;
            payer::end_unpaid(book, &mut order, State::Revoked)?;
            None
        }
        // A repeat tells again what the first one did.
        State::Revoked if order.money_back => Some("refund"),
        State::Revoked if !order.tombstone && !order.transaction_id.is_empty() => Some("close"),
        State::Paid | State::Revoked | State::Closed | State::PayError => None,
    };
    Ok(done(&order, action))
}

fn done(order: &Order, action: Option<&str>) -> Value {
    let mut node = json!({
        "code": "10000", "msg": "Success", "out_trade_no": order.number, "retry_flag": "N",
    });
    if !order.transaction_id.is_empty() {
        node["trade_no"] = order.transaction_id.as_str().into();
    }
    if let Some(action) = action {
        node["action"] = action.into();
    }
    node
}
