//! What is sold and on which terms, in the words of v2 and v3. Sources: channel notes 1.5, 1.15,
//! 1.21, 1.23; `pay.weixin.qq.com/doc/v2/partner/4011983208` for the basket (`detail`, `version`).
//!
//! A member of the terms that the wire has no room for is left out: an identifier that is cut would
//! name something else, and the sale is worth more than its discount.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::goods::{Goods, SaleTerms};
use heliu_trade::time::{MINUTE_MS, Zone};
use heliu_trade::wallet::Scene;
use serde_json::{Map, Value, json};

use crate::json::put;
use crate::order::{order_no, terminal_ip};
use crate::text::{cut, identifier};

/// Longest v2 `body`, in bytes.
const BODY_BYTES_MAX: usize = 128;
/// Longest v3 `description`, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 127;
/// Longest mark, shop or terminal, in characters.
const MARK_CHARS_MAX: usize = 32;
/// Longest name of goods, in bytes.
const GOODS_NAME_BYTES_MAX: usize = 256;
/// Longest v2 `detail`, in characters.
const DETAIL_CHARS_MAX: usize = 6_000;

/// What every v2 order says of its sale; taken from the order alone, so that a repeat has the same
/// content.
pub(super) fn v2(order: &ChannelOrder<'_>) -> Vec<(&'static str, String)> {
    let number = order_no(order);
    let mut fields = vec![
        ("body", cut(order.subject, BODY_BYTES_MAX, &number)),
        ("out_trade_no", number),
        ("total_fee", order.charge_fen.to_string()),
        ("fee_type", "CNY".to_owned()),
        ("spbill_create_ip", terminal_ip(order).to_owned()),
    ];
    fields.extend(life(order));
    let terms = order.terms;
    let is_face = order.attempt.route.scene == Scene::Face;
    if let Some(tag) = mark(terms.goods_tag.as_deref()) {
        fields.push(("goods_tag", tag.to_owned()));
    }
    if let Some(detail) = detail(terms) {
        fields.push(("detail", detail));
        // Face pay has no such field (channel notes 1.21).
        fields.extend((!is_face).then(version));
    }
    if terms.refuses_credit {
        fields.push(("limit_pay", "no_credit".to_owned()));
    }
    if let Some(terminal) = mark(terms.terminal_id.as_deref()) {
        fields.push(("device_info", terminal.to_owned()));
    }
    if let (false, Some(shop)) = (is_face, mark(terms.shop_id.as_deref())) {
        let scene = json!({"store_info": {"id": shop}});
        fields.push(("scene_info", scene.to_string()));
    }
    fields
}

/// What a v2 query says beside the number, so that it is told the promotions of the basket.
pub(super) fn asked_v2(order: &ChannelOrder<'_>) -> Option<(&'static str, String)> {
    detail(order.terms).map(|_| version())
}

/// Names the edition of the interface that knows baskets.
fn version() -> (&'static str, String) {
    ("version", "1.0".to_owned())
}

/// The basket, whole; none if it is empty or WeChat would refuse one of its goods, and the sale
/// with them.
fn basket(terms: &SaleTerms) -> Option<&[Goods]> {
    let is_mark = |id: &str| {
        id.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let fits = |goods: &Goods| {
        let id = mark(Some(&goods.goods_id));
        id.is_some_and(is_mark) && goods.quantity >= 1 && goods.price_fen >= 0
    };
    let is_whole = !terms.goods.is_empty() && terms.goods.iter().all(fits);
    is_whole.then_some(&terms.goods)
}

/// The basket as v2's JSON text; none if there is no basket or it does not fit.
fn detail(terms: &SaleTerms) -> Option<String> {
    let goods: Vec<_> = basket(terms)?.iter().map(goods_v2).collect();
    let text = json!({"goods_detail": goods}).to_string();
    (text.chars().count() <= DETAIL_CHARS_MAX).then_some(text)
}

fn goods_v2(goods: &Goods) -> Value {
    named(
        goods,
        json!({
            "goods_id": goods.goods_id, "quantity": goods.quantity, "price": goods.price_fen,
        }),
        "wxpay_goods_id",
    )
}

fn goods_v3(goods: &Goods) -> Value {
    named(
        goods,
        json!({
            "merchant_goods_id": goods.goods_id, "quantity": goods.quantity,
            "unit_price": goods.price_fen,
        }),
        "wechatpay_goods_id",
    )
}

/// Adds what goods may lack.
fn named(goods: &Goods, mut object: Value, wallet_id: &str) -> Value {
    if let Some(id) = mark(goods.wallet_goods_id.as_deref()) {
        put(&mut object, wallet_id, id);
    }
    if let Some(name) = &goods.name {
        let name = cut(name, GOODS_NAME_BYTES_MAX, &goods.goods_id);
        put(&mut object, "goods_name", name);
    }
    object
}

/// Adds to a v3 prepay what it says of its sale; optional members are left out, never null.
pub(super) fn v3(order: &ChannelOrder<'_>, body: &mut Value) {
    let number = order_no(order);
    let description = cut(order.subject, DESCRIPTION_BYTES_MAX, &number);
    put(body, "description", description);
    put(body, "out_trade_no", number);
    let amount = json!({"total": order.charge_fen, "currency": "CNY"});
    put(body, "amount", amount);
    if let Some(expires_at) = order.expires_at {
        put(body, "time_expire", expires_at.beijing_rfc3339());
    }
    let terms = order.terms;
    if let Some(tag) = mark(terms.goods_tag.as_deref()) {
        put(body, "goods_tag", tag);
    }
    if let Some(goods) = basket(terms) {
        let goods: Vec<_> = goods.iter().map(goods_v3).collect();
        put(body, "detail", json!({"goods_detail": goods}));
    }
    if terms.refuses_credit {
        put(body, "limit_pay", json!(["no_credit"]));
    }
    // The address is what makes the object complete.
    let address = terminal_ip(order);
    if !address.is_empty() {
        let mut scene = Map::new();
        scene.insert("payer_client_ip".to_owned(), address.into());
        if let Some(terminal) = mark(terms.terminal_id.as_deref()) {
            scene.insert("device_id".to_owned(), terminal.into());
        }
        if let Some(shop) = mark(terms.shop_id.as_deref()) {
            scene.insert("store_info".to_owned(), json!({"id": shop}));
        }
        put(body, "scene_info", scene);
    }
}
fn mark(text: Option<&str>) -> Option<&str> {
    identifier(text, MARK_CHARS_MAX)
}

/// `time_start` and `time_expire`, Beijing time, at least a minute apart (channel notes 1.15,
/// 1.23); taken from the attempt, so that a repeat has the same content.
fn life(order: &ChannelOrder<'_>) -> Vec<(&'static str, String)> {
    let Some(expires_at) = order.expires_at else {
        return Vec::new();
    };
    let start = order.attempt.sent_at;
    let end = expires_at.max(start.plus_ms(MINUTE_MS));
    vec![
        ("time_start", start.compact(&Zone::BEIJING)),
        ("time_expire", end.compact(&Zone::BEIJING)),
    ]
}
