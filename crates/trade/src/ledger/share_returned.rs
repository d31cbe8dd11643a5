//! With a refund or a reversal: an agent's part of the fee goes back.

use super::{Account, EntryKind, Line, transfer};
use crate::id::PartyId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::ShareReturned;

/// Debit what has accrued to the agent, credit fee income, in fen.
#[must_use]
pub fn lines(agent: &PartyId, share_fen: i64) -> Vec<Line> {
    transfer(
        Account::AgentAccrued(agent.clone()),
        Account::FeeIncome,
        share_fen,
    )
}
