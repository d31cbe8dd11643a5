//! `goods_detail`, the basket: a JSON array, one level of nesting more in some prints. What still is no
//! array of goods is kept as a text and refuses nothing. Source: Chaoying v2.5.3, section 6.2.

use heliu_trade::error::TradeError;
use heliu_trade::goods::Goods;
use serde_json::Value;

use crate::lexical::digits;

use super::super::attribute;
use super::fields::Fields;

/// Longest basket.
const BASKET_MAX: usize = 6000;
/// Digits of the highest quantity or price.
const DIGITS_MAX: usize = 10;

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

fn one(entry: &Value) -> Option<Goods> {
    let text = |name: &str| match entry.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let number = |name: &str| digits(&text(name)?, DIGITS_MAX);
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    Some(Goods {
        goods_id: text("goods_id").filter(|id| id.bytes().all(is_ours))?,
        wallet_goods_id: text("pay_goods_id"),
        name: text("goods_name"),
        quantity: number("quantity").filter(|quantity| *quantity > 0)?,
        price_fen: number("price")?,
    })
}
