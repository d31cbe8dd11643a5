//! `POST .../out-trade-no/{out_trade_no}/close`: 204, re-entrant (channels.md 1.6).

use serde::Deserialize;
use serde_json::Value;

use super::body;
use super::envelope::{Stop, refuse};
use crate::book::Book;
use crate::conduct::Received;
use crate::upstreams::wechat::rules::{self, CloseRefusal};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sp_mchid: String,
    sub_mchid: String,
}

pub(super) fn work(
    book: &mut Book<'_>,
    request: &Received,
    number: &str,
) -> Result<Option<Value>, Stop> {
    let body: Body = body::read(&request.body)?;
    body::number(number)?;
    body::parties(book, Some(&body.sp_mchid), &body.sub_mchid)?;
    match rules::close(book, number, &body.sub_mchid)? {
        Ok(()) | Err(CloseRefusal::AlreadyClosed) => Ok(None),
        Err(CloseRefusal::Unknown) => refuse(404, "ORDER_NOT_EXIST", "订单不存在"),
        Err(CloseRefusal::AtTill) => refuse(
            400,
            "INVALID_REQUEST",
            "付款码支付的订单不能关闭，请调用撤销",
        ),
        Err(CloseRefusal::Paid) => refuse(400, "ORDER_PAID", "该订单已支付"),
        Err(CloseRefusal::TooEarly) => {
            refuse(400, "INVALID_REQUEST", "订单生成后 5 分钟内不能关单")
        }
    }
}
