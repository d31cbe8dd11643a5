//! Who may trade and how: merchants, their apps, and their contracts with channels.

use serde::{Deserialize, Serialize};

use crate::fee::FeeTerms;
use crate::id::{AppId, ChannelAccountId, ChannelId, DialectId, MerchantId};
use crate::wallet::WalletKind;

/// 商户: the contract party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Its id here.
    pub merchant_id: MerchantId,
    /// Its name.
    pub name: String,
    /// Whether it may create orders.
    pub is_enabled: bool,
}

/// 商户应用: a merchant's way in, on one dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// The number under which the wire knows it.
    pub app_id: AppId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// The one dialect it speaks.
    pub dialect_id: DialectId,
}

/// A merchant's contract for one wallet: through which channel account, as which sub-merchant, for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Whose.
    pub merchant_id: MerchantId,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Whose keys sign upstream.
    pub channel_account_id: ChannelAccountId,
    /// 子商户号
    pub sub_merchant_id: String,
    /// The fee's terms.
    pub fee: FeeTerms,
}

/// The operator's account with a channel. Its keys are in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelAccount {
    /// Its id here.
    pub channel_account_id: ChannelAccountId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// Addresses and numbers, in the channel's own words; no secrets.
    pub settings: std::collections::BTreeMap<String, String>,
}
