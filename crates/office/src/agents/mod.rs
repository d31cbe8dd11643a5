//! Agents: who brought merchants. An agent is a party with a parent and a name; on each wire where
//! it stands it has a number and keys, and signs for its merchants where agents sign.

mod add;
mod change;
mod list;
mod named;
mod place;
mod settings;
mod show;

use heliu_trade::directory::Agent;
use heliu_trade::id::PartyId;
use heliu_trade::parties::Party;

pub use self::add::{AddedAgent, NewAgent, NewWire, add, add_wire};
pub use self::change::{AgentChange, ChangedAgent, rotate_key, set, set_enabled};
pub use self::list::{AgentRow, AgentsAsked, list};
pub use self::named::AgentName;
pub use self::show::{AgentView, WireView, show};

/// The word for whether a party's keys open anything on any wire.
#[must_use]
pub const fn state(party: &Party) -> &'static str {
    word(party.is_enabled)
}

/// The word for whether a party's keys open anything on one wire.
#[must_use]
pub const fn wire_state(party: &Party, agent: &Agent) -> &'static str {
    word(party.is_enabled && agent.is_enabled)
}

const fn word(is_enabled: bool) -> &'static str {
    if is_enabled { "enabled" } else { "disabled" }
}

/// A party as the record names it.
fn subject(party_id: &PartyId) -> String {
    format!("party {party_id}")
}

/// A party on one wire as the record names it.
fn subject_on_wire(agent: &Agent) -> String {
    format!("agent {} on {}", agent.agent_id, agent.dialect_id)
}
