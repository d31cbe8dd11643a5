//! Payers who come back from a wallet's consent page.

use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::time::Timestamp;

use crate::store_error::Answer;

/// The state with which a wallet's consent page sends a payer back to an order's page: good for one
/// return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentState {
    /// Whose order.
    pub merchant_id: MerchantId,
    /// Which order.
    pub order_no: OrderNo,
    /// What tells it from the order's other states.
    pub nonce: String,
    /// Until when it would be taken (UTC). It need not be remembered longer.
    pub expires_at: Timestamp,
}

impl ConsentState {
    /// So many used states of one order are remembered at a time; whoever comes back more often is
    /// not let in, so that nobody fills the books by coming back.
    pub const OF_ORDER_MAX: u32 = 64;
}

/// What came of using a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateUse {
    /// It was not used before.
    First,
    /// It was.
    Again,
    /// Nobody knows: too many of this order were used within their time.
    TooMany,
}

/// Payers who come back from a wallet's consent page. A facet of the books.
pub trait Consents: Send + Sync {
    /// Uses up a state, on whichever node: of several at once, one is the first. States of the same
    /// merchant whose time is over at `now` are forgotten.
    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse>;
}
