//! Refunds: asking for one and looking at one (channels.md 1.7).

use serde::Deserialize;
use serde_json::Value;

use super::envelope::{Stop, refuse, refuse_field};
use super::{body, query as queries};
use crate::book::Book;
use crate::conduct::Received;
use crate::upstreams::wechat::ID;
use crate::upstreams::wechat::rules::{self, RefundRefusal, WantedRefund};
use crate::upstreams::wechat::wire::refund_object;
use crate::upstreams::wechat::words::V3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sub_mchid: String,
    transaction_id: Option<String>,
    out_trade_no: Option<String>,
    out_refund_no: String,
    reason: Option<String>,
    notify_url: Option<String>,
    funds_account: Option<String>,
    amount: Amount,
    #[serde(rename = "goods_detail")]
    _goods_detail: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    refund: i64,
    total: i64,
    currency: String,
    from: Option<Vec<Source>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    account: String,
    amount: i64,
}

/// `POST /v3/refund/domestic/refunds`.
pub(super) fn create(
    book: &mut Book<'_>,
    request: &Received,
    _: &str,
) -> Result<Option<Value>, Stop> {
    let body: Body = body::read(&request.body)?;
    check(book, &body)?;
    let wanted = WantedRefund {
        sub_mchid: body.sub_mchid,
        transaction_id: body.transaction_id,
        number: body.out_trade_no,
        refund_number: body.out_refund_no,
        total_fen: body.amount.total,
        refund_fen: body.amount.refund,
        reason: body.reason,
        notify_url: body.notify_url,
        api: V3,
    };
    match rules::refund(book, wanted)? {
        Ok((order, refund)) => Ok(Some(refund_object(&order, &refund))),
        Err(RefundRefusal::UnknownOrder) => refuse(404, "RESOURCE_NOT_EXISTS", "订单不存在"),
        Err(RefundRefusal::NotPaid) => {
            refuse(400, "INVALID_REQUEST", "订单未支付或已撤销，不能退款")
        }
        Err(RefundRefusal::OtherContent | RefundRefusal::TotalMismatch) => refuse(
            400,
            "INVALID_REQUEST",
            "订单金额或退款金额与之前请求不一致，请核实后再试",
        ),
        Err(RefundRefusal::TooMuch) => refuse(400, "INVALID_REQUEST", "申请退款金额超过可退金额"),
        Err(RefundRefusal::TooMany) => refuse(400, "INVALID_REQUEST", "退款次数超过 50 次"),
        Err(RefundRefusal::TooSoon) => refuse(
            429,
            "FREQUENCY_LIMITED",
            "频率限制，同一订单退款间隔 1 分钟",
        ),
        Err(RefundRefusal::TooLate) => refuse(400, "INVALID_REQUEST", "订单已超过可退款期限"),
    }
}

fn check(book: &Book<'_>, body: &Body) -> Result<(), Stop> {
    body::parties(book, None, &body.sub_mchid)?;
    if body.transaction_id.is_some() == body.out_trade_no.is_some() {
        return refuse_field(
            "/out_trade_no",
            "transaction_id 与 out_trade_no 必须且只能传一个",
        );
    }
    if let Some(number) = &body.out_trade_no {
        body::number(number)?;
    }
    body::optional("/transaction_id", body.transaction_id.as_deref(), 32)?;
    if !rules::is_refund_number(&body.out_refund_no) {
        return refuse_field("/out_refund_no", "应为 1 到 64 位数字、大小写字母 _-|*@");
    }
    body::optional("/reason", body.reason.as_deref(), 80)?;
    if let Some(url) = &body.notify_url {
        body::notify_url(url)?;
    }
    if body
        .funds_account
        .as_deref()
        .is_some_and(|account| account != "AVAILABLE")
    {
        return refuse_field("/funds_account", "应为 AVAILABLE");
    }
    if body.amount.refund < 1 || body.amount.total < 1 {
        return refuse_field("/amount", "金额应大于 0");
    }
    if body.amount.currency != "CNY" {
        return refuse_field("/amount/currency", "应为 CNY");
    }
    if let Some(from) = &body.amount.from {
        let known = from.iter().all(|part| {
            ["AVAILABLE", "UNAVAILABLE"].contains(&part.account.as_str()) && part.amount >= 1
        });
        let sum = from
            .iter()
            .try_fold(0_i64, |sum, part| sum.checked_add(part.amount));
        if !known || sum != Some(body.amount.refund) {
            return refuse_field("/amount/from", "出资账户错误或金额之和不等于退款金额");
        }
    }
    Ok(())
}

/// `GET /v3/refund/domestic/refunds/{out_refund_no}?sub_mchid=`.
pub(super) fn query(
    book: &mut Book<'_>,
    request: &Received,
    number: &str,
) -> Result<Option<Value>, Stop> {
    let Some(sub_mchid) = queries::members(request).remove("sub_mchid") else {
        return refuse(400, "PARAM_ERROR", "sub_mchid 必填");
    };
    body::parties(book, None, &sub_mchid)?;
    let order = book
        .order_by(ID, "refund", number)?
        .filter(|order| order.merchant == sub_mchid);
    let found = order.as_ref().and_then(|order| {
        let refund = order
            .refunds
            .iter()
            .find(|refund| refund.number == number)?;
        Some(refund_object(order, refund))
    });
    match found {
        Some(object) => Ok(Some(object)),
        None => refuse(404, "RESOURCE_NOT_EXISTS", "退款单不存在"),
    }
}
