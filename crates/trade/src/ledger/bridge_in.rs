//! An agent's shares arrive in its own book; below zero they go back.

use super::{Account, EntryKind, Line, moved};

/// The kind of this entry.
pub const KIND: EntryKind = EntryKind::BridgeIn;

/// Debit the bridge, credit the agent's balance, in fen.
#[must_use]
pub fn lines(amount_fen: i64) -> Vec<Line> {
    moved(Account::Bridge, Account::AgentBalance, amount_fen)
}
