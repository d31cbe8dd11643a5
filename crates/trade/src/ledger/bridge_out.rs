//! An agent's shares leave a merchant's book; below zero they come back.

use super::{Account, EntryKind, Line, moved};
use crate::id::PartyId;

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::BridgeOut;

/// Debit what has accrued to the agent, credit the bridge, in fen.
#[must_use]
pub fn lines(agent: &PartyId, amount_fen: i64) -> Vec<Line> {
    moved(
        Account::AgentAccrued(agent.clone()),
        Account::Bridge,
        amount_fen,
    )
}
