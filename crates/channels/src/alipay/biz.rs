//! The business content that calls about an order share, and the words of the interface families.
//! Source: channel notes 2.5.

use heliu_ports::channel::{ChannelOrder, ProviderNames, UpstreamScene};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::goods::{Goods, SaleTerms};
use heliu_trade::money::yuan_text;
use heliu_trade::wallet::WalletKind;
use serde_json::{Value, json};

use crate::account::optional;
use crate::json::put;
use crate::order::order_no;
use crate::text::{cut, identifier};

/// Payments by code.
pub(super) const PAY: &str = "pay";
/// Orders that a page in the wallet invokes.
pub(super) const CREATE: &str = "create";
/// Orders whose code the payer scans.
pub(super) const PRECREATE: &str = "precreate";

/// The member with what is beside the usual ones.
const EXTEND_PARAMS: &str = "extend_params";
/// Longest subject or name of goods, in bytes; the limit is 256 characters.
const SUBJECT_BYTES_MAX: usize = 256;
/// Longest number of a shop, a terminal or of goods, in characters.
const IDENTIFIER_CHARS_MAX: usize = 32;

/// The vendor's names; one application serves every scene.
pub(super) fn provider_names(account: &ChannelAccount, _scene: UpstreamScene) -> ProviderNames {
    let owned = |name| optional(account, name).map(str::to_owned);
    ProviderNames {
        merchant_no: owned("isv_pid"),
        app_id: owned("app_id"),
    }
}
/// Names the order.
pub(super) fn about(order: &ChannelOrder<'_>) -> Value {
    json!({"out_trade_no": order_no(order)})
}

/// What every new order has; taken from the order alone, so that a repeat has the same content.
pub(super) fn new_order(order: &ChannelOrder<'_>) -> Value {
    let number = order_no(order);
    let mut content = json!({
        "subject": cut(order.subject, SUBJECT_BYTES_MAX, &number),
        "out_trade_no": number,
        "total_amount": yuan_text(order.charge_fen),
    });
    if let Some(expires_at) = order.expires_at {
        put(&mut content, "time_expire", expires_at.beijing_spaced());
    }
    if let Some(pid) = optional(order.account, "isv_pid") {
        let pid = json!({"sys_service_provider_id": pid});
        put(&mut content, EXTEND_PARAMS, pid);
    }
    terms(order.terms, &mut content);
    content
}

/// What is sold and where; what the wire has no room for is left out, since an identifier that is
/// cut would name something else.
fn terms(terms: &SaleTerms, content: &mut Value) {
    let fits = |goods: &Goods| identifier(Some(&goods.goods_id), IDENTIFIER_CHARS_MAX).is_some();
    if !terms.goods.is_empty() && terms.goods.iter().all(fits) {
        let goods: Vec<_> = terms.goods.iter().map(goods).collect();
        put(content, "goods_detail", goods);
    }
    for (name, text) in [
        ("store_id", &terms.shop_id),
        ("terminal_id", &terms.terminal_id),
    ] {
        if let Some(text) = identifier(text.as_deref(), IDENTIFIER_CHARS_MAX) {
            put(content, name, text);
        }
    }
    if terms.refuses_credit {
        // Credit cards and the wallet's own credit line, in one word.
        put(content, "disable_pay_channels", "credit_group");
    }
    if let Some(stated) = &terms.wallet_terms
        && stated.wallet == WalletKind::Alipay
    {
        for (name, value) in &stated.members {
            hand_on(content, name, value);
        }
    }
}

/// A member as the merchant states it. Of `extend_params` both count, and ours wins: it says who we
/// are.
fn hand_on(content: &mut Value, name: &str, value: &str) {
    let Ok(mut value) = serde_json::from_str::<Value>(value) else {
        return;
    };
    if name == EXTEND_PARAMS
        && let (Some(Value::Object(ours)), Value::Object(theirs)) =
            (content.get(EXTEND_PARAMS), &mut value)
    {
        theirs.extend(ours.clone());
    }
    put(content, name, value);
}

/// Alipay's goods must have a name.
fn goods(goods: &Goods) -> Value {
    let name = goods.name.as_deref().unwrap_or(&goods.goods_id);
    let mut object = json!({
        "goods_id": goods.goods_id,
        "goods_name": cut(name, SUBJECT_BYTES_MAX, &goods.goods_id),
        "quantity": goods.quantity,
        "price": yuan_text(goods.price_fen),
    });
    if let Some(id) = identifier(goods.wallet_goods_id.as_deref(), IDENTIFIER_CHARS_MAX) {
        put(&mut object, "alipay_goods_id", id);
    }
    object
}
