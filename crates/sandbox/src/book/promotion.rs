//! What a payer bought, and what a promotion took off it, as an order remembers it.

use serde::{Deserialize, Serialize};

use super::Order;
use crate::crypto::stable_hash;

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

impl Order {
    /// The promotion behind the discount, if there is one. A discount that no promotion gave (code 98) is off
    /// the whole order.
    pub(crate) fn promotion(&self) -> Option<Promotion> {
        if self.discount_fen == 0 {
            return None;
        }
        Some(self.promotion.clone().unwrap_or_else(|| Promotion {
            id: format!("{:010}", stable_hash(&self.number) % 10_000_000_000),
            name: "商户立减".to_owned(),
            activity_id: "20260101".to_owned(),
            goods: Vec::new(),
        }))
    }
}
