//! One of the goods in a basket, as several wires write it in JSON.

use heliu_trade::goods::Goods;
use serde_json::Value;

use crate::lexical::digits;

/// Longest basket, in characters.
pub(crate) const BASKET_MAX: usize = 6000;
/// Digits of the highest quantity or price.
const DIGITS_MAX: usize = 10;

/// Reads one of the goods, numbers and texts alike; `wallet_goods_id` is the member with the
/// wallet's own id.
pub(crate) fn one(entry: &Value, wallet_goods_id: &str) -> Option<Goods> {
    let text = |name: &str| match entry.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let number = |name: &str| digits(&text(name)?, DIGITS_MAX);
    Some(Goods {
        goods_id: text("goods_id")?,
        wallet_goods_id: text(wallet_goods_id),
        name: text("goods_name"),
        quantity: number("quantity").filter(|quantity| *quantity > 0)?,
        price_fen: number("price")?,
    })
}
