//! Notifications: what they say, how they are dressed, and the real retry schedules in virtual time.

mod alipay;
mod deliver;
mod wechat;

pub(crate) use deliver::{claim, deliver, send};

use crate::book::{Api, Book, NewNotification, Order, Refund, Scene};
use crate::error::SandboxError;

/// Waits after a failed sending (channels.md 1.11), in virtual ms: 15 tries after the first, about 24 h.
pub(crate) const WECHAT_GAPS_MS: [i64; 15] = [
    15_000, 15_000, 30_000, 180_000, 600_000, 1_200_000, 1_800_000, 1_800_000, 1_800_000,
    3_600_000, 10_800_000, 10_800_000, 10_800_000, 21_600_000, 21_600_000,
];

/// Waits after a failed sending (channels.md 2.7), in virtual ms: 8 sendings, about 25 h.
pub(crate) const ALIPAY_GAPS_MS: [i64; 7] = [
    240_000, 600_000, 600_000, 3_600_000, 7_200_000, 21_600_000, 54_000_000,
];

/// Plans the notification of a payment (and of an Alipay trade that timed out).
/// WeChat's barcode payments have none (channels.md 1.11).
pub(crate) fn payment(book: &mut Book<'_>, order: &Order) -> Result<(), SandboxError> {
    let Some(url) = order.notify_url.clone() else {
        return Ok(());
    };
    let (form, content) = match order.api {
        Api::Alipay => ("alipay", alipay::trade(order, None)),
        _ if order.scene == Scene::Barcode => return Ok(()),
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
    let url = match refund.api {
        Api::Alipay => order.notify_url.clone(),
        _ => refund.notify_url.clone(),
    };
    let Some(url) = url else { return Ok(()) };
    let (form, content) = match refund.api {
        Api::Alipay if refund.state != crate::book::RefundState::Success => return Ok(()),
        Api::Alipay => ("alipay", alipay::trade(order, Some(refund))),
        Api::V2 => ("v2_refund", wechat::v2_refund(order, refund)),
        Api::V3 => ("v3", wechat::v3_refund(order, refund)),
    };
    book.notify(order, &NewNotification { url, form, content })
}
