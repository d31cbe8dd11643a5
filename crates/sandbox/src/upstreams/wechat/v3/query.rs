//! Queries of an order by its number or by the transaction (channels.md 1.6).

use std::collections::BTreeMap;

use serde_json::Value;

use super::body;
use super::envelope::{Stop, refuse};
use crate::book::{Book, Order};
use crate::conduct::Received;
use crate::payer;
use crate::upstreams::wechat::wire::{is_visible, transaction};
use crate::upstreams::wechat::{ID, WAYS};

/// `GET .../out-trade-no/{out_trade_no}?sp_mchid=&sub_mchid=`.
pub(super) fn by_number(
    book: &mut Book<'_>,
    request: &Received,
    number: &str,
) -> Result<Option<Value>, Stop> {
    let sub_mchid = asker(book, request)?;
    body::number(number)?;
    let found = book.order(ID, "", number)?;
    show(book, found, &sub_mchid)
}

/// `GET .../id/{transaction_id}?sp_mchid=&sub_mchid=`.
pub(super) fn by_transaction(
    book: &mut Book<'_>,
    request: &Received,
    id: &str,
) -> Result<Option<Value>, Stop> {
    let sub_mchid = asker(book, request)?;
    let found = book.order_by(ID, "transaction", id)?;
    show(book, found, &sub_mchid)
}

fn show(book: &mut Book<'_>, found: Option<Order>, sub_mchid: &str) -> Result<Option<Value>, Stop> {
    let Some(mut order) = found.filter(|order| is_visible(order) && order.merchant == sub_mchid)
    else {
        return refuse(404, "ORDER_NOT_EXIST", "订单不存在");
    };
    payer::expire_if_due(book, &WAYS, &mut order)?;
    Ok(Some(transaction(&order)))
}

/// The query's members, without repeats.
pub(super) fn members(request: &Received) -> BTreeMap<String, String> {
    form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

fn asker(book: &Book<'_>, request: &Received) -> Result<String, Stop> {
    let mut members = members(request);
    let (Some(sp_mchid), Some(sub_mchid)) =
        (members.remove("sp_mchid"), members.remove("sub_mchid"))
    else {
        return refuse(400, "PARAM_ERROR", "sp_mchid 和 sub_mchid 必填");
    };
    if !members.is_empty() {
        return refuse(400, "PARAM_ERROR", "有多余的查询参数");
    }
    body::parties(book, Some(&sp_mchid), &sub_mchid)?;
    Ok(sub_mchid)
}
