//! What a payer bought, and what a promotion took off it, as an order remembers it.

use serde::{Deserialize, Serialize};

/// One line of the basket that the merchant sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Goods {
    pub(crate) id: String,
    pub(crate) quantity: i64,
    pub(crate) price_fen: i64,
}

/// One line of the basket with what each piece of it costs less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DiscountedGoods {
    pub(crate) goods: Goods,
    pub(crate) off_each_fen: i64,
    pub(crate) remark: String,
}

/// A promotion; the merchant pays for all of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Promotion {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) activity_id: String,
    /// Whose sum is the discount; empty where it is off the whole order.
    pub(crate) goods: Vec<DiscountedGoods>,
}

impl Promotion {
    /// `SINGLE` is off goods, `GLOBAL` off the whole order (channels.md 1.6).
    pub(crate) fn scope(&self) -> &'static str {
        if self.goods.is_empty() {
            "GLOBAL"
        } else {
            "SINGLE"
        }
    }
}
