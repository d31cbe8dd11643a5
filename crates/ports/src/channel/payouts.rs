//! Payouts: money that leaves the platform's account for a payee's.

use std::fmt;

use futures::future::BoxFuture;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::PayoutResult;

use super::upstream::Upstream;

/// Whom a payout pays. It is in the clear, so it lives as short as the call; printing it for
/// debugging shows none of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payee<'a> {
    /// The number of the card or account.
    pub account_no: &'a str,
    /// Who holds it.
    pub holder: &'a str,
    /// Whether the holder is a company (对公); otherwise a person (对私).
    pub is_company: bool,
    /// 联行号: the clearing number of the bank's branch; empty if it is not known.
    pub clearing_no: &'a str,
    /// The bank's name; empty if it is not known.
    pub bank_name: &'a str,
}

impl fmt::Debug for Payee<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payee(hidden)")
    }
}

/// A payout as a channel sees it.
#[derive(Debug, Clone, Copy)]
pub struct PayoutOrder<'a> {
    /// The operator's account.
    pub account: &'a ChannelAccount,
    /// The number that is sent: the key of its idempotency there. It is stored before the call.
    pub request_no: &'a str,
    /// In fen CNY.
    pub amount_fen: i64,
    /// Who is paid.
    pub payee: Payee<'a>,
    /// What the payee reads beside the amount.
    pub remark: &'a str,
}

/// A payout of which a channel is asked what became of it. It names no payee.
#[derive(Debug, Clone, Copy)]
pub struct SentPayout<'a> {
    /// The operator's account.
    pub account: &'a ChannelAccount,
    /// The number that was sent.
    pub request_no: &'a str,
    /// What it was to pay, in fen CNY; an answer with another amount is no answer.
    pub amount_fen: i64,
    /// When its call began (UTC): "no such number" is believed only once the call cannot be on its
    /// way any more.
    pub sent_at: Timestamp,
}

/// Payouts. A channel may have them.
///
/// A verb never fails: what went wrong is a value, and "nobody knows" is one of its values. After
/// verification every answer is compared with the payout: number and amount. An answer about
/// something else is no answer.
pub trait Payouts: Send + Sync {
    /// Pays; a repeat under the same number has no second effect.
    fn send<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        payout: &'a PayoutOrder<'a>,
    ) -> BoxFuture<'a, PayoutResult>;

    /// Asks what became of a number, a paid one too: it may have come back.
    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        payout: &'a SentPayout<'a>,
    ) -> BoxFuture<'a, PayoutResult>;
}
