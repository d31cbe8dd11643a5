//! The basket of a request: `detail` in v2's words and in v3's.

use serde::Deserialize;
use serde_json::Value;

use crate::book::Goods;

/// v2's `detail`; members that are not looked at may be there.
#[derive(Deserialize)]
struct DetailV2 {
    #[serde(default)]
    goods_detail: Vec<LineV2>,
}

#[derive(Deserialize)]
struct LineV2 {
    goods_id: String,
    quantity: i64,
    price: i64,
}

/// v3's `detail`; like every object of v3 it takes no member that it does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailV3 {
    cost_price: Option<i64>,
    #[serde(rename = "invoice_id")]
    _invoice_id: Option<String>,
    #[serde(default)]
    goods_detail: Vec<LineV3>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineV3 {
    merchant_goods_id: String,
    #[serde(rename = "wechatpay_goods_id")]
    _wechatpay_goods_id: Option<String>,
    #[serde(rename = "goods_name")]
    _goods_name: Option<String>,
    quantity: i64,
    unit_price: i64,
}

/// The basket of a v2 `detail`; `None` if a line is not as it must be.
pub(super) fn of_v2(detail: &Value) -> Option<Vec<Goods>> {
    let detail: DetailV2 = DetailV2::deserialize(detail).ok()?;
    let lines = detail.goods_detail.into_iter();
    lines
        .map(|line| line_of(line.goods_id, line.quantity, line.price))
        .collect()
}

/// The basket of a v3 `detail`; `None` if a line is not as it must be.
pub(super) fn of_v3(detail: DetailV3) -> Option<Vec<Goods>> {
    if detail.cost_price.is_some_and(|price_fen| price_fen < 0) {
        return None;
    }
    let lines = detail.goods_detail.into_iter();
    lines
        .map(|line| line_of(line.merchant_goods_id, line.quantity, line.unit_price))
        .collect()
}

/// Letters, digits, `-` and `_`, at most 32; at least one piece; a price in fen that is not
/// negative.
fn line_of(id: String, quantity: i64, price_fen: i64) -> Option<Goods> {
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let sound = plain && (1..=32).contains(&id.len()) && quantity >= 1 && price_fen >= 0;
    sound.then_some(Goods {
        id,
        quantity,
        price_fen,
    })
}
