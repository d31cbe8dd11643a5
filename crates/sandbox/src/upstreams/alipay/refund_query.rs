//! `alipay.trade.fastpay.refund.query`: done only with `refund_status` REFUND_SUCCESS (channels.md
//! 2.5). A refund that was taken and then failed says REFUND_FAIL, as Alipay's own pages have it.

use serde_json::{Value, json};

use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, RefundState, yuan};
use crate::clock;
use crate::conduct::Conduct;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let Some(order) = asked.find_visible(book)? else {
        return refuse("ACQ.TRADE_NOT_EXIST", "交易不存在");
    };
    let number = asked.required("out_request_no", 64)?;
    let mut node = json!({"code": "10000", "msg": "Success"});
    let found = order
        .refunds
        .iter()
        .find(|refund| refund.number == number && refund.state != RefundState::Processing);
    if let Some(refund) = found {
        let status = match refund.state {
            RefundState::Success => "REFUND_SUCCESS",
            RefundState::Processing | RefundState::Closed => "REFUND_FAIL",
        };
        node = json!({
            "code": "10000", "msg": "Success", "trade_no": order.transaction_id, "out_trade_no": order.number,
            "out_request_no": refund.number, "total_amount": yuan(order.total_fen),
            "refund_amount": yuan(refund.amount_fen), "refund_status": status,
            "send_back_fee": yuan(refund.cash_fen),
            "present_refund_buyer_amount": yuan(refund.cash_fen),
            "present_refund_mdiscount_amount": yuan(refund.coupon_fen),
            "gmt_refund_pay": clock::spaced(refund.done_ms.unwrap_or(refund.created_ms)),
        });
    }
    Ok(node)
}
