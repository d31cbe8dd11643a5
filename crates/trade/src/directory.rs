//! Who may trade and how: merchants, their apps, and their contracts with channels.

use serde::{Deserialize, Serialize};

use crate::fee::Tariff;
use crate::fee::schedule::FeeVersion;
use crate::id::{AgentId, AppId, ChannelAccountId, ChannelId, DialectId, MerchantId, PartyId};
use crate::wallet::WalletKind;

/// 商户: the contract party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Its id here.
    pub merchant_id: MerchantId,
    /// Its full name.
    pub name: String,
    /// Its short name, which payers see; the full one if empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub short_name: String,
    /// Whether it may create orders.
    pub state: MerchantState,
}

impl Merchant {
    /// The name that payers see.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.short_name.is_empty() {
            &self.name
        } else {
            &self.short_name
        }
    }
}

/// Where a merchant stands. Gates the making of orders only: queries and refunds go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantState {
    /// Registered; an operator has yet to look.
    Pending,
    /// May trade.
    Enabled,
    /// May not create orders any more.
    Disabled,
}

impl MerchantState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Enabled, Self::Disabled];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }

    /// The state of a word of [`MerchantState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// 代理商 on one wire: the number and the keys of a [party](crate::parties::Party) there, which may
/// stand on several. On wires that say so, its keys sign for all of its merchants and for no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The number under which the wire knows it.
    pub agent_id: AgentId,
    /// The wire.
    pub dialect_id: DialectId,
    /// Whose number it is.
    pub party_id: PartyId,
    /// Whether its keys open anything on this wire; nothing if the party is disabled.
    pub is_enabled: bool,
    /// Switches in the dialect's own words; no secrets.
    pub settings: std::collections::BTreeMap<String, String>,
    /// Mini programs whose payers it may identify: app id, and whose channel account holds the
    /// secret.
    pub mini_programs: std::collections::BTreeMap<String, ChannelAccountId>,
}

impl Agent {
    /// The setting, beside its dialect's own, with the state of merchants that it registers: a word
    /// of [`MerchantState::as_str`].
    pub const NEW_MERCHANT_STATE: &str = "new_merchant_state";

    /// The setting, beside its dialect's own, with the address that is told how payouts of its
    /// merchants ended.
    pub const PAYOUT_CALLBACK: &str = "payout_callback";

    /// Where it is told how payouts of its merchants ended; `None`: nowhere.
    #[must_use]
    pub fn payout_callback(&self) -> Option<&str> {
        let url = self.settings.get(Self::PAYOUT_CALLBACK);
        url.map(String::as_str).filter(|url| !url.is_empty())
    }

    /// The state of merchants that it registers; unless its settings say otherwise an operator
    /// looks first (ruling 53).
    #[must_use]
    pub fn new_merchant_state(&self) -> MerchantState {
        let word = self.settings.get(Self::NEW_MERCHANT_STATE);
        word.and_then(|word| MerchantState::parse(word))
            .unwrap_or(MerchantState::Pending)
    }
}

/// A merchant's number at one of the institutions that it was registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerNumber {
    /// The institution, in the wire's word.
    pub institution: String,
    /// The number; empty until the institution has approved.
    pub partner_id: String,
    /// The app id that goes with it; empty if there is none.
    pub app_id: String,
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
    /// The agent that brought it, whose keys sign for it where agents sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// Its numbers at institutions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<PartnerNumber>,
    /// Switches in the dialect's own words; no secrets.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub settings: std::collections::BTreeMap<String, String>,
}

/// When a contract is taken, of several for the same wallet. Only the priority counts yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingTerms {
    /// The lowest number is taken; a merchant's contracts for one wallet have different ones.
    pub priority: u32,
    /// Its share among contracts of one priority; at least 1.
    pub weight: u32,
    /// The smallest amount of an order that it takes, in fen.
    pub amount_fen_min: Option<i64>,
    /// The largest amount of an order that it takes, in fen.
    pub amount_fen_max: Option<i64>,
    /// The minute of the day in Beijing from which it is taken: 0 to 1439.
    pub from_minute: Option<u32>,
    /// The minute of the day in Beijing from which it is not taken any more: 0 to 1440.
    pub until_minute: Option<u32>,
    /// The most that it takes on one day in Beijing, in fen.
    pub daily_sum_fen_max: Option<i64>,
}

impl Default for RoutingTerms {
    /// First, at every hour, whatever the amount.
    fn default() -> Self {
        Self {
            priority: 0,
            weight: 1,
            amount_fen_min: None,
            amount_fen_max: None,
            from_minute: None,
            until_minute: None,
            daily_sum_fen_max: None,
        }
    }
}

/// A merchant's contract for one wallet: through which channel account, as which sub-merchant, for
/// what. It may have several for a wallet, each through another account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Whose.
    pub merchant_id: MerchantId,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Whose keys sign upstream.
    pub channel_account_id: ChannelAccountId,
    /// 子商户号: the merchant's number at the channel, which may be told to everybody; empty if it
    /// is not known. What proves that the merchant lets us act for it is a key of the contract's,
    /// never this (ruling 56).
    pub sub_merchant_id: String,
    /// The merchant's own app id there, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_app_id: Option<String>,
    /// The newest version of its fees' schedule, which may be yet to come into force.
    pub fee: Tariff,
    /// When it is taken, of several for the same wallet.
    #[serde(default)]
    pub routing: RoutingTerms,
}

impl Contract {
    /// Whether a version of fees is about payments under it, and about no others.
    #[must_use]
    pub fn is_charged_by(&self, version: &FeeVersion) -> bool {
        version.owner.merchant() == Some(&self.merchant_id)
            && version.is_of(self.wallet, Some(&self.channel_account_id))
    }
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
