//! `POST /secapi/pay/refund` (channels.md 1.19).

use super::asked::{Asked, Stop, refuse};
use crate::book::Book;
use crate::conduct::Conduct;
use crate::upstreams::wechat::rules::{self, RefundRefusal, WantedRefund};
use crate::upstreams::wechat::wire::Fields;
use crate::upstreams::wechat::words::V2;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let transaction_id = asked.optional("transaction_id", 32)?.map(str::to_owned);
    let number = match &transaction_id {
        Some(_) => None,
        None => Some(asked.number()?.to_owned()),
    };
    let by_id = transaction_id.is_some();
    let refund_number = asked.required("out_refund_no", 64)?;
    if !rules::is_refund_number(refund_number) {
        return refuse("PARAM_ERROR", "out_refund_no 只能是数字、大小写字母 _-|*@");
    }
    let notify_url = asked.optional("notify_url", 256)?;
    if notify_url.is_some_and(|url| !rules::is_notify_url(url)) {
        return refuse("PARAM_ERROR", "notify_url 格式错误，不能携带参数");
    }
    asked.one_of("refund_fee_type", &["CNY"])?;
    asked.one_of(
        "refund_account",
        &[
            "REFUND_SOURCE_UNSETTLED_FUNDS",
            "REFUND_SOURCE_RECHARGE_FUNDS",
        ],
    )?;
    let wanted = WantedRefund {
        sub_mchid: asked.required("sub_mch_id", 32)?.to_owned(),
        transaction_id,
        number,
        refund_number: refund_number.to_owned(),
        total_fen: asked.amount_fen("total_fee")?,
        refund_fen: asked.amount_fen("refund_fee")?,
        reason: asked.optional("refund_desc", 80)?.map(str::to_owned),
        notify_url: notify_url.map(str::to_owned),
        api: V2,
    };
    let (order, refund) = match rules::refund(book, wanted)? {
        Ok(accepted) => accepted,
        Err(RefundRefusal::UnknownOrder) if by_id => {
            return refuse("INVALID_TRANSACTIONID", "无效的 transaction_id");
        }
        Err(RefundRefusal::UnknownOrder) => return refuse("ORDERNOTEXIST", "订单不存在"),
        Err(RefundRefusal::NotPaid) => return refuse("ORDER_NOT_READY", "订单未支付或已撤销"),
        Err(RefundRefusal::OtherContent | RefundRefusal::TotalMismatch) => {
            return refuse("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前请求不一致");
        }
        Err(RefundRefusal::TooMuch) => return refuse("ERROR", "累计退款金额大于支付金额"),
        Err(RefundRefusal::TooMany) => return refuse("ERROR", "退款次数超过 50 次"),
        Err(RefundRefusal::TooSoon) => {
            return refuse("FREQUENCY_LIMITED", "频率限制，同一订单退款间隔 1 分钟");
        }
        Err(RefundRefusal::TooLate) => return refuse("TRADE_OVERDUE", "订单已经超过退款期限"),
    };
    let mut fields = Fields::new();
    for (name, value) in [
        ("transaction_id", order.transaction_id.clone()),
        ("out_trade_no", order.number.clone()),
        ("out_refund_no", refund.number.clone()),
        ("refund_id", refund.refund_id.clone()),
        ("refund_fee", refund.amount_fen.to_string()),
        ("settlement_refund_fee", refund.cash_fen.to_string()),
        ("total_fee", order.total_fen.to_string()),
        ("settlement_total_fee", order.cash_fen().to_string()),
        ("fee_type", "CNY".to_owned()),
        ("cash_fee", order.cash_fen().to_string()),
        ("cash_refund_fee", refund.cash_fen.to_string()),
    ] {
        fields.insert(name.to_owned(), value);
    }
    if refund.coupon_fen > 0 {
        fields.insert("coupon_refund_fee".into(), refund.coupon_fen.to_string());
        fields.insert("coupon_refund_count".into(), "1".into());
        fields.insert("coupon_type_0".into(), "NO_CASH".into());
        fields.insert("coupon_refund_fee_0".into(), refund.coupon_fen.to_string());
    }
    Ok(fields)
}
