//! An attempt and a refund as a channel sees them.

use heliu_trade::attempt::Attempt;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::goods::SaleTerms;
use heliu_trade::time::Timestamp;

/// An attempt as a channel sees it: all that its requests may need.
#[derive(Debug, Clone)]
pub struct ChannelOrder<'a> {
    /// The operator's account.
    pub account: &'a ChannelAccount,
    /// The attempt: number, route, when it was sent.
    pub attempt: &'a Attempt,
    /// What is charged, in fen CNY.
    pub charge_fen: i64,
    /// What is sold.
    pub subject: &'a str,
    /// Basket, promotion mark, shop, terminal.
    pub terms: &'a SaleTerms,
    /// When the payer loses the right to pay (UTC).
    pub expires_at: Option<Timestamp>,
    /// Where the channel's callbacks for this attempt go.
    pub callback_url: &'a str,
    /// The address that the channel is told as the terminal's.
    pub terminal_ip: &'a str,
}

/// A refund as a channel sees it.
#[derive(Debug, Clone)]
pub struct ChannelRefund<'a> {
    /// The number sent upstream: the key of its idempotency there.
    pub refund_no: &'a str,
    /// In fen, of the payable.
    pub refund_fen: i64,
    /// The merchant's reason.
    pub reason: &'a str,
}
