//! `goods_detail`, WeChat's JSON of single goods, which clients may have encoded before they signed it. What
//! is no basket is kept as a text and refuses nothing. Source: Leshua trade services, section 4.1.

use heliu_trade::error::TradeError;
use heliu_trade::goods::Goods;
use serde_json::Value;

use crate::lexical::{digits, is_longer};

use super::super::attribute;
use super::fields::{Fields, decoded_again, illegal};

/// Longest basket.
const BASKET_MAX: usize = 6000;
/// Digits of the highest quantity or price.
const DIGITS_MAX: usize = 10;

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
    if is_longer(&text, BASKET_MAX) {
        let problem = format!("{name} is longer than {BASKET_MAX} characters");
        return Err(illegal(name, problem));
    }
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
    basket.as_array()?.iter().map(one).collect()
}

fn one(entry: &Value) -> Option<Goods> {
    let text = |name: &str| match entry.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let number = |name: &str| digits(&text(name)?, DIGITS_MAX);
    Some(Goods {
        goods_id: text("goods_id")?,
        wallet_goods_id: text("wxpay_goods_id"),
        name: text("goods_name"),
        quantity: number("quantity").filter(|quantity| *quantity > 0)?,
        price_fen: number("price")?,
    })
}
