//! With a payment: an agent's part of the fee (分润).

use super::{Account, EntryKind, Line, transfer};
use crate::id::PartyId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::ShareAccrued;

/// Debit fee income, credit what has accrued to the agent, in fen.
#[must_use]
pub fn lines(agent: &PartyId, share_fen: i64) -> Vec<Line> {
    transfer(
        Account::FeeIncome,
        Account::AgentAccrued(agent.clone()),
        share_fen,
    )
}
