//! What the wallet does with a prepay.

use serde_json::Value;

use super::account::{Keys, SP_APPID};
use super::paysign::{Invocation, verify};
use super::{ID, rules};
use crate::book::{Book, Order};
use crate::upstream::{Declined, decline, member};
use crate::wallets::wechat::openid;

/// The order of the page's prepay, which must be signed and this payer's if it is anybody's.
pub(super) fn invoked(book: &Book<'_>, invocation: &Value, payer: &str) -> Result<Order, Declined> {
    let called = Invocation {
        app_id: member(invocation, "appId")?,
        time_stamp: member(invocation, "timeStamp")?,
        nonce_str: member(invocation, "nonceStr")?,
        package: member(invocation, "package")?,
        sign_type: member(invocation, "signType")?,
        pay_sign: member(invocation, "paySign")?,
    };
    let Some(prepay_id) = called.package.strip_prefix("prepay_id=") else {
        return decline("package must be prepay_id=...");
    };
    let Some(order) = book.order_by(ID, "prepay", prepay_id)? else {
        return decline(format!("no order has the prepay id {prepay_id}"));
    };
    let keys: &Keys = book.accounts.of()?;
    verify(keys, &order, &called).map_err(Declined::Because)?;
    let (app, expected) = match (&order.sub_app_id, &order.sub_openid) {
        (Some(app), Some(openid)) => (app.as_str(), openid.as_str()),
        _ => (SP_APPID, order.openid.as_str()),
    };
    if order.bound_to_payer && expected != openid(app, payer) {
        return decline(format!(
            "the prepay belongs to the openid {expected}, not to this phone's"
        ));
    }
    Ok(order)
}

/// A prepay that is older than two hours cannot be paid.
pub(super) fn lapsed(order: &Order, now_ms: i64) -> Option<&'static str> {
    let is_old = now_ms - order.prepaid_ms >= rules::PREPAY_LIFE_MS;
    (is_old && !order.scene.is_at_till()).then_some("the prepay is older than two hours")
}
