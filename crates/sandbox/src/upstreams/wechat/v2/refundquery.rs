//! `POST /pay/refundquery` (channels.md 1.19): refund_id > out_refund_no > transaction_id >
//! out_trade_no.

use super::asked::{Asked, Stop, refuse};
use super::orderquery;
use crate::book::{Book, Order, Refund, RefundState};
use crate::clock;
use crate::conduct::Conduct;
use crate::upstreams::wechat::ID;
use crate::upstreams::wechat::wire::Fields;
use crate::upstreams::wechat::words::refund_v2;

/// More than this many need `offset`.
const PAGE: usize = 20;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    let by_handle = |kind: &str, handle: &str| -> Result<Option<Order>, Stop> {
        let found = book.order_by(ID, kind, handle)?;
        Ok(found.filter(|order| order.merchant == sub_mch_id))
    };
    let (order, refunds): (Order, Vec<Refund>) =
        if let Some(id) = asked.optional("refund_id", 32)? {
            let Some(order) = by_handle("refund_id", id)? else {
                return not_found();
            };
            let refunds = pick(&order, |refund| refund.refund_id == id);
            (order, refunds)
        } else if let Some(number) = asked.optional("out_refund_no", 64)? {
            let Some(order) = by_handle("refund", number)? else {
                return not_found();
            };
            let refunds = pick(&order, |refund| refund.number == number);
            (order, refunds)
        } else {
            let Some(order) = orderquery::find(book, asked)? else {
                return not_found();
            };
            let refunds = order.refunds.clone();
            (order, refunds)
        };
    let offset = match asked.optional("offset", 8)?.map(str::parse::<usize>) {
        None => 0,
        Some(Ok(offset)) => offset,
        Some(Err(_)) => return refuse("PARAM_ERROR", "offset 格式错误"),
    };
    if refunds.len() <= offset {
        return not_found();
    }
    Ok(describe(&order, &refunds, offset))
}

fn not_found() -> Result<Fields, Stop> {
    refuse(
        "REFUNDNOTEXIST",
        "退款订单查询失败，订单号错误或订单状态不正确",
    )
}

fn pick(order: &Order, wanted: impl Fn(&Refund) -> bool) -> Vec<Refund> {
    order
        .refunds
        .iter()
        .filter(|refund| wanted(refund))
        .cloned()
        .collect()
}

fn describe(order: &Order, refunds: &[Refund], offset: usize) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: String, value: String| {
        fields.insert(name, value);
    };
    put("transaction_id".into(), order.transaction_id.clone());
    put("out_trade_no".into(), order.number.clone());
    put("total_fee".into(), order.total_fen.to_string());
    put("fee_type".into(), "CNY".into());
    put("cash_fee".into(), order.cash_fen().to_string());
    put("total_refund_count".into(), refunds.len().to_string());
    let page: Vec<&Refund> = refunds.iter().skip(offset).take(PAGE).collect();
    put("refund_count".into(), page.len().to_string());
    for (index, refund) in page.iter().enumerate() {
        put(format!("out_refund_no_{index}"), refund.number.clone());
        put(format!("refund_id_{index}"), refund.refund_id.clone());
        put(format!("refund_channel_{index}"), "ORIGINAL".into());
        put(format!("refund_fee_{index}"), refund.amount_fen.to_string());
        put(
            format!("settlement_refund_fee_{index}"),
            refund.cash_fen.to_string(),
        );
        if refund.coupon_fen > 0 {
            put(format!("coupon_type_{index}_0"), "NO_CASH".into());
            put(
                format!("coupon_refund_fee_{index}"),
                refund.coupon_fen.to_string(),
            );
            put(format!("coupon_refund_count_{index}"), "1".into());
        }
        put(
            format!("refund_status_{index}"),
            refund_v2(refund.state).into(),
        );
        put(format!("refund_recv_accout_{index}"), "支付用户零钱".into());
        if let (RefundState::Success, Some(at_ms)) = (refund.state, refund.done_ms) {
            put(format!("refund_success_time_{index}"), clock::spaced(at_ms));
        }
    }
    fields
}
