//! What a channel tells about a payment beside the money: coupons in detail, the payer's names, the
//! bank. Kept for wires that pass it on; it decides nothing.

use serde::{Deserialize, Serialize};

/// One coupon or discount that took part. Amounts are fen; the contributions add up to
/// `amount_fen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// The channel's number of it.
    pub promotion_id: String,
    /// Its name for people.
    pub name: String,
    /// On what it counts.
    pub scope: PromotionScope,
    /// Whether the merchant is paid for it in advance.
    pub kind: PromotionKind,
    /// How much it took off.
    pub amount_fen: i64,
    /// The campaign.
    pub activity_id: String,
    /// What the wallet pays of it.
    pub wallet_fen: i64,
    /// What the merchant pays of it.
    pub merchant_fen: i64,
    /// What others pay of it.
    pub other_fen: i64,
    /// The goods it was for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<PromotionGoods>,
}

/// On what a promotion counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionScope {
    /// The whole order.
    Order,
    /// Single goods.
    Goods,
}

/// What a promotion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionKind {
    /// Paid for in advance: the merchant receives it.
    Coupon,
    /// Given up by who funds it.
    Discount,
}

/// Goods that a promotion was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionGoods {
    /// The merchant's number.
    pub goods_id: String,
    /// How many.
    pub quantity: i64,
    /// Price of one, in fen.
    pub price_fen: i64,
    /// Discount on one, in fen.
    pub discount_fen: i64,
    /// The channel's remark.
    pub remark: String,
}

/// One source of a payment's money, in the channel's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundBill {
    /// The channel's word for the source.
    pub source: String,
    /// How much of it, in fen.
    pub amount_fen: i64,
}

/// What a channel told beside the money. Absent: not told, or not true of this wallet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentNotes {
    /// The payer's id under the service provider's app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_payer_id: Option<String>,
    /// Whether that payer follows the service provider's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows_provider: Option<bool>,
    /// The merchant's own app id, when the payer is known under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_app_id: Option<String>,
    /// The payer's id under the merchant's own app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_payer_id: Option<String>,
    /// Whether that payer follows the merchant's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows_merchant: Option<bool>,
    /// The payer's login name, masked by the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_account: Option<String>,
    /// The bank or the wallet's purse, in the channel's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    /// What can be invoiced, in fen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_fen: Option<i64>,
    /// Where the money came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fund_bills: Vec<FundBill>,
    /// Coupons and discounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<Promotion>,
}
