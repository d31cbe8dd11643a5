//! How the merchants of a wire expect us to behave.

use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::wallet::WalletKind;

/// Behaviour that differs between wires; the engine matches on these values, never on who asked.
#[derive(Debug)]
pub struct Policy {
    /// What a repeat of the number of an order that takes at once (barcode, face) gets.
    pub repeat: Repeat,
    /// What a repeat of a prepay order's number gets.
    pub prepay_repeat: PrepayRepeat,
    /// What a repeat of a refund's number gets.
    pub refund_repeat: RefundRepeat,
    /// Wallets whose payments must state the terminal.
    pub terminal_wallets: &'static [WalletKind],
    /// How long a barcode or face call waits for a decision, in ms from receipt.
    pub pay_wait_ms: i64,
    /// Whether it is answered at once when the payer must confirm.
    pub answers_pending: bool,
    /// When an undecided barcode or face payment is asked a last time and reversed, in ms from
    /// receipt.
    pub horizon_ms: i64,
    /// A prepay order's life unless the request says otherwise, in ms.
    pub prepay_life_ms: i64,
    /// How long a refund call waits for the channel, in ms.
    pub refund_wait_ms: i64,
    /// How long a query of a refund that is under way waits for the channel, which is asked then,
    /// in ms; 0: the refund as it stands is the answer.
    pub refund_query_wait_ms: i64,
    /// How old an order that takes at once must be to be closed, in ms; `None`: such orders are
    /// cancelled, not closed.
    pub close_barcode_after_ms: Option<i64>,
    /// How long a cancel call waits for the channel, in ms.
    pub cancel_wait_ms: i64,
    /// When a merchant may cancel.
    pub cancel: CancelRules,
    /// Gaps between deliveries of a notification, in ms, each from the end of the try before. One
    /// try more than gaps.
    pub notify_gaps_ms: &'static [i64],
    /// To connect to a notification address, in ms.
    pub notify_connect_timeout_ms: i64,
    /// For a whole delivery, in ms.
    pub notify_timeout_ms: i64,
}

/// What a repeat of an order's number gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A refusal, also if the content is the same.
    Refuse,
    /// The present state if the content is the same, else a refusal.
    ReturnPresent,
}

/// What a repeat of a prepay order's number gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrepayRepeat {
    /// A refusal, also if the content is the same.
    Refuse,
    /// While the order can be paid and everything is the same: what the channel gave, once more;
    /// else a refusal.
    HandSame,
    /// While the order can be paid and amount, scene, wallet, payer and app id are the same: what
    /// the channel gave, once more; else a refusal (ruling 24).
    HandAgain,
}
