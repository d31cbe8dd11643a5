//! 支付尝试: one try at one channel, with a number of its own upstream (ruling 2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fee::{ShareTerms, Tariff};
use crate::funds::FundsTerms;
use crate::id::{AttemptNo, ChannelAccountId, ChannelId};
use crate::time::Timestamp;
use crate::verdict::Evidence;
use crate::wallet::{Scene, WalletKind};

/// The states of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Committed before the call; whether the channel heard of it is not known yet, or not known
    /// even after asking.
    Sending,
    /// The channel has it; it waits for its payer.
    Pending,
    /// The channel has it, and its last word was that the payer is confirming.
    Confirming,
    /// It paid the order.
    Paid,
    /// Definitely not paid and never will be.
    Failed,
    /// Our side made payment impossible; the channel is still to be told.
    Closing,
    /// Closed at the channel.
    Closed,
    /// To be made as if not paid.
    Reversing,
    /// As if not paid, as the channel said; it is asked about twice more (ruling 61).
    Reversed,
    /// The channel confirmed the reversal and has the money all the same: to be refunded.
    Returning,
}

impl AttemptState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Sending,
        Self::Pending,
        Self::Confirming,
        Self::Paid,
        Self::Failed,
        Self::Closing,
        Self::Closed,
        Self::Reversing,
        Self::Reversed,
        Self::Returning,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Pending => "pending",
            Self::Confirming => "confirming",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Reversing => "reversing",
            Self::Reversed => "reversed",
            Self::Returning => "returning",
        }
    }

    /// The state of a word of [`AttemptState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether the payer might still pay through it as far as our side is concerned.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Sending | Self::Pending | Self::Confirming)
    }

    /// Whether a job must still settle it with the channel.
    #[must_use]
    pub const fn is_unsettled(self) -> bool {
        self.is_live() || matches!(self, Self::Closing | Self::Reversing | Self::Returning)
    }
}

/// One attempt. Everything a later call needs is frozen here, so that a change of configuration
/// does not touch what is in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Our number of it, sent upstream as the order number.
    pub attempt_no: AttemptNo,
    /// Where it stands.
    pub state: AttemptState,
    /// When it was committed, just before the first call (UTC).
    pub sent_at: Timestamp,
    /// When the channel was last asked (UTC); of a reversed attempt, when it confirmed that.
    pub asked_at: Option<Timestamp>,
    /// Where and how it goes upstream.
    pub route: Arc<Route>,
    /// What the channel gave for the payer's wallet, once it did.
    pub handoff: Option<Handoff>,
    /// Money that arrived by it, whether or not it became the order's payment.
    pub evidence: Option<Arc<Evidence>>,
}

impl Attempt {
    /// Whether a channel is known to have heard of it.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.state != AttemptState::Sending
    }

    /// Whether the channel's last word is that the payer is confirming.
    #[must_use]
    pub fn is_payer_confirming(&self) -> bool {
        self.state == AttemptState::Confirming
    }
}

/// Where an attempt goes and under which terms; frozen when the attempt is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The channel's protocol.
    pub channel_id: ChannelId,
    /// Whose keys sign.
    pub channel_account_id: ChannelAccountId,
    /// The wallet.
    pub wallet: WalletKind,
    /// How the payer meets it upstream: a cashier page turns a `qr` order into a `jsapi` attempt.
    pub scene: Scene,
    /// 子商户号: the merchant's number at the channel, no secret (ruling 56); empty if it is not
    /// known.
    pub sub_merchant_id: String,
    /// The app id under which the payer is known, if the merchant has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_app_id: Option<String>,
    /// The service provider's merchant number at the channel, for wires that pass it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_merchant_no: Option<String>,
    /// The service provider's app id at the channel, for wires that pass it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_app_id: Option<String>,
    /// The payer's id at the channel, for scenes that need it beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_id: Option<String>,
    /// The name with which the payer signs in at the wallet, where the merchant knows no id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_login: Option<String>,
    /// Which of the channel's interface families it uses, in the channel's own word (ruling 41).
    pub api: String,
    /// What the merchant is asked for.
    pub fee: Tariff,
    /// Who shares in the fee, and what each of them pays.
    #[serde(default, skip_serializing_if = "ShareTerms::is_empty")]
    pub shares: ShareTerms,
    /// Whom the channel pays, and what it takes.
    #[serde(default, skip_serializing_if = "FundsTerms::is_default")]
    pub funds: FundsTerms,
    /// Gap between two queries, in ms (the channel's capability).
    pub query_gap_ms: i64,
    /// How long after `sent_at` a reversal may come at the earliest, in ms.
    pub reverse_after_ms: i64,
    /// Gap between two refunds of one order, in ms.
    pub refund_gap_ms: i64,
    /// How many refunds the channel takes for one order.
    pub refund_count_max: u32,
    /// Whether a call can reverse it; otherwise it is closed, or refunded if it was paid.
    pub reverses_by_call: bool,
}

/// What a prepay call gives for the payer's wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handoff {
    /// The wallet's trade number, which its page invokes by itself.
    TradeNo(String),
    /// Members that the wallet's page invocation takes, in order, signature included.
    Invocation(Vec<(String, String)>),
    /// Content of a QR code.
    CodeUrl(String),
    /// Where the browser inside the wallet is sent.
    Redirect(String),
}
