//! Notifications as rows of the book: what they say when something happens, how they are dressed
//! when they leave.

mod alipay;
mod unionpay;
mod wechat;

use bytes::Bytes;
use http::Request;

use crate::accounts::Accounts;
use crate::book::{Api, Book, NewNotification, NotificationRow, Order, Refund, RefundState};
use crate::error::SandboxError;

/// Headers and body.
type Dressed = (Vec<(&'static str, String)>, String);

/// Plans the notification of a payment (and of an Alipay trade that timed out).
/// WeChat's payments at the till have none (channels.md 1.11), UnionPay's if they named an address.
pub(crate) fn payment(book: &mut Book<'_>, order: &Order) -> Result<(), SandboxError> {
    let Some(url) = order.notify_url.clone() else {
        return Ok(());
    };
    let (form, content) = match order.api {
        Api::Alipay => ("alipay", alipay::trade(order, None)),
        Api::Unionpay => ("unionpay", unionpay::payment(order)),
        _ if order.scene.is_at_till() => return Ok(()),
        Api::V2 => ("v2", wechat::v2_payment(order)),
        Api::V3 => ("v3", wechat::v3_payment(order)),
    };
    book.notify(order, &NewNotification { url, form, content })
}

/// Plans the notification of a refund that has ended, if anybody asked for one.
pub(crate) fn refund(
    book: &mut Book<'_>,
    order: &Order,
    refund: &Refund,
) -> Result<(), SandboxError> {
    let own = &refund.notify_url;
    let (url, form, content) = match refund.api {
        // The public text knows of none, so refundQuery is the only way to learn of the end (ruling
        // 47).
        Api::Unionpay => return Ok(()),
        Api::Alipay if refund.state != RefundState::Success => return Ok(()),
        Api::Alipay => {
            let content = alipay::trade(order, Some(refund));
            (&order.notify_url, "alipay", content)
        }
        Api::V2 => (own, "v2_refund", wechat::v2_refund(order, refund)),
        Api::V3 => (own, "v3", wechat::v3_refund(order, refund)),
    };
    let Some(url) = url.clone() else {
        return Ok(());
    };
    book.notify(order, &NewNotification { url, form, content })
}

/// The request that sends a row now, sealed and signed anew; `None` when its address is not a URL.
/// With `spoil` its signature does not verify.
pub(crate) fn dress(
    accounts: &Accounts,
    row: &NotificationRow,
    at_ms: i64,
    spoil: bool,
) -> Result<Option<Request<Bytes>>, SandboxError> {
    let (headers, body) = match row.form.as_str() {
        "alipay" => alipay::dress(accounts, row, at_ms, spoil)?,
        "unionpay" => unionpay::dress(accounts, row, spoil)?,
        "v3" => wechat::dress_v3(accounts, row, at_ms, spoil)?,
        "v2_refund" => wechat::dress_v2_refund(accounts, row)?,
        _ => wechat::dress_v2(accounts, row, spoil)?,
    };
    let mut request = Request::post(&row.url).header("User-Agent", "Mozilla/4.0");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    Ok(request.body(Bytes::from(body)).ok())
}
