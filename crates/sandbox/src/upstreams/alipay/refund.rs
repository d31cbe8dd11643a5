//! `alipay.trade.refund` (channels.md 2.5): `refund_fee` is the total so far, `send_back_fee` this
//! call's.

use serde_json::{Value, json};

use super::WAYS;
use super::asked::{Asked, Stop, refuse};
use super::wire::buyer_logon_id;
use super::words;
use crate::book::{Book, Order, Refund, RefundState, State, yuan};
use crate::clock;
use crate::conduct::Conduct;
use crate::payer;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let Some(mut order) = asked.find_visible(book)? else {
        return refuse("ACQ.TRADE_NOT_EXIST", "交易不存在");
    };
    let amount_fen = asked.amount_fen("refund_amount")?;
    asked.optional("refund_reason", 256)?;
    let number = match asked.optional("out_request_no", 64)? {
        Some(number) => number.to_owned(),
        None if amount_fen == order.total_fen => order.number.clone(),
        None => return refuse("ACQ.INVALID_PARAMETER", "部分退款必须传 out_request_no"),
    };
    if let Some(known) = order.refunds.iter().find(|refund| refund.number == number) {
        if known.amount_fen != amount_fen {
            return refuse("ACQ.DISCORDANT_REPEAT_REQUEST", "同一退款请求号金额不一致");
        }
        if known.state == RefundState::Closed {
            return refuse("ACQ.TRADE_NOT_ALLOW_REFUND", "退款失败，当前交易不允许退款");
        }
        return Ok(node(&order, known, "N"));
    }
    if order.state != State::Paid || words::state(&order) == "TRADE_CLOSED" {
        return refuse("ACQ.TRADE_STATUS_ERROR", "交易状态不合法，不能退款");
    }
    if amount_fen > order.total_fen - order.refunding_fen() {
        return refuse("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额超过可退金额");
    }
    let refund = payer::refund(book, &WAYS, &mut order, &number, String::new(), amount_fen)?;
    let is_done = refund.state == RefundState::Success;
    Ok(node(&order, &refund, if is_done { "Y" } else { "N" }))
}

fn node(order: &Order, refund: &Refund, fund_change: &str) -> Value {
    let mut node = json!({
        "code": "10000", "msg": "Success", "trade_no": order.transaction_id, "out_trade_no": order.number,
        "buyer_logon_id": buyer_logon_id(order), "buyer_user_id": order.openid, "fund_change": fund_change,
        "refund_fee": yuan(order.refunded_fen()), "send_back_fee": yuan(refund.cash_fen),
        "present_refund_buyer_amount": yuan(refund.cash_fen),
        "present_refund_mdiscount_amount": yuan(refund.coupon_fen),
        "present_refund_discount_amount": yuan(0),
    });
    if let Some(at_ms) = refund.done_ms {
        node["gmt_refund_pay"] = clock::spaced(at_ms).into();
    }
    node
}
