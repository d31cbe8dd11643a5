//! `goods_detail`, the basket: a JSON array, one level of nesting more in some prints. What still
//! is no array of goods is kept as a text and refuses nothing. Source: Chaoying v2.5.3, section
//! 6.2.

use heliu_trade::error::TradeError;
use heliu_trade::goods::Goods;
use serde_json::Value;

use crate::basket::{self, BASKET_MAX};

use super::super::attribute;
use super::super::fields::Fields;

/// What the basket is.
pub(super) enum Basket<'a> {
    /// These goods; none if there is no basket.
    Goods(Vec<Goods>),
    /// A text that is no basket.
    Unreadable(&'a str),
}

pub(super) fn read(fields: Fields<'_>) -> Result<Basket<'_>, TradeError> {
    let Some(text) = fields.text(attribute::GOODS_DETAIL, BASKET_MAX)? else {
        return Ok(Basket::Goods(Vec::new()));
    };
    Ok(goods(text).map_or(Basket::Unreadable(text), Basket::Goods))
}

fn goods(text: &str) -> Option<Vec<Goods>> {
    let Ok(Value::Array(entries)) = serde_json::from_str(text) else {
        return None;
    };
    let flat = entries.into_iter().flat_map(|entry| match entry {
        Value::Array(inner) => inner,
        other => vec![other],
    });
    flat.map(|entry| one(&entry)).collect()
}

/// Ids are of letters, digits, `-` and `_` here.
fn one(entry: &Value) -> Option<Goods> {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    basket::one(entry, "pay_goods_id").filter(|goods| goods.goods_id.bytes().all(is_ours))
}
