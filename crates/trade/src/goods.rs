//! What is sold and on which terms, beside its price: channels may need it, the rules of money
//! never do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wallet::WalletKind;

/// One kind of goods in a basket. Amounts are fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goods {
    /// The merchant's number of it.
    pub goods_id: String,
    /// The wallet's own number of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_goods_id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many.
    pub quantity: i64,
    /// Price of one, in fen.
    pub price_fen: i64,
}

/// The terms of a sale, frozen with its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleTerms {
    /// 优惠标记: by which a wallet finds its promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_tag: Option<String>,
    /// The basket; a wallet's promotions for single goods read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<Goods>,
    /// The merchant's number of what is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// 门店
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop_id: Option<String>,
    /// 终端
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// Address of the till, told to channels that ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_ip: Option<String>,
    /// Whether credit cards and credit lines are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuses_credit: bool,
    /// Members of one wallet's own request that the merchant states itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_terms: Option<WalletTerms>,
}

/// What a merchant hands to one wallet in that wallet's words; other wallets never see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletTerms {
    /// For which wallet.
    pub wallet: WalletKind,
    /// The wallet's names, each with its value as a JSON text.
    pub members: BTreeMap<String, String>,
}

impl SaleTerms {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
