//! `goods_detail`, WeChat's JSON of single goods, which clients may have encoded before they signed
//! it. What is no basket is kept as a text and refuses nothing. Source: Leshua trade services,
//! section 4.1.

use heliu_trade::error::TradeError;
use heliu_trade::goods::Goods;
use serde_json::Value;

use crate::basket::{BASKET_MAX, one};
use crate::parameters::check_length;

use super::super::attribute;
use super::fields::{Fields, decoded_again};

/// What the basket is.
pub(super) enum Basket {
    /// These goods; none if there is no basket.
    Goods(Vec<Goods>),
    /// A text that is no basket.
    Unreadable(String),
}

pub(super) fn read(fields: Fields<'_>) -> Result<Basket, TradeError> {
    let name = attribute::GOODS_DETAIL;
    let Some(text) = fields.any(name) else {
        return Ok(Basket::Goods(Vec::new()));
    };
    let text = decoded_again(text, &["%7b", "%5b"]);
    check_length(name, &text, BASKET_MAX)?;
    Ok(match goods(&text) {
        Some(goods) => Basket::Goods(goods),
        None => Basket::Unreadable(text),
    })
}

/// An array of goods, or an object that holds it under WeChat's name.
fn goods(text: &str) -> Option<Vec<Goods>> {
    let basket = match serde_json::from_str(text).ok()? {
        Value::Object(mut whole) => whole.remove("goods_detail")?,
        other => other,
    };
    let entries = basket.as_array()?.iter();
    entries.map(|entry| one(entry, "wxpay_goods_id")).collect()
}
