//! One agent: its party, who stands above and below it, and its numbers and keys on wires.

use heliu_ports::store::AgentRecord;
use heliu_trade::directory::Agent;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PartyId;
use heliu_trade::parties::{Party, Tree};
use serde::{Deserialize, Serialize};

use super::list::{Brought, count, parent};
use super::named::{AgentName, Standing};
use super::{state, wire_state};
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::fees::{self, FeeRow};
use crate::keys::{KeyRow, rows_of};
use crate::permission::Permission;
use crate::rows::{Fact, Facts};
use crate::sheet::Cell;

/// An agent, shown by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentView {
    /// The party.
    pub party: Party,
    /// The parties above it, its parent first.
    pub above: Vec<PartyId>,
    /// The parties below it, level by level.
    pub below: Vec<PartyId>,
    /// The wires on which it stands.
    pub wires: Vec<WireView>,
    /// How many merchants it and those below it brought.
    pub merchants_below: u64,
    /// What it pays, and what shares are reckoned by: in force and to come.
    pub costs: Vec<FeeRow>,
}

/// An agent on one wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireView {
    /// Its number and its switches there.
    pub agent: Agent,
    /// Its keys.
    pub keys: Vec<KeyRow>,
    /// How many merchants it brought there.
    pub merchants: u64,
}

/// One agent with its keys' fingerprints.
///
/// # Errors
/// There is none, or several wires know one of that number.
pub async fn show(
    office: &Office,
    actor: &Actor,
    name: &AgentName,
) -> Result<AgentView, OfficeError> {
    actor.check(Permission::See)?;
    let standing = Standing::read(office).await?;
    let party = standing.party(name)?;
    let brought = Brought::of(office.store().list_merchants().await?);
    let tree = Tree::of(&standing.parties);
    let mut wires = Vec::new();
    for agent in standing.agents_of(party) {
        let (dialect, id) = (&agent.dialect_id, &agent.agent_id);
        if let Some(AgentRecord { agent, keys, .. }) =
            office.store().find_agent(dialect, id).await?
        {
            wires.push(WireView {
                merchants: brought.by_agent(&agent),
                agent,
                keys: rows_of(&keys),
            });
        }
    }
    let ids = |parties: Vec<&Party>| {
        let ids = parties.into_iter().map(|it| it.party_id.clone());
        ids.collect()
    };
    let owner = Owner::Agent(party.party_id.clone());
    let versions = office.store().list_fees(owner).await?;
    let mut costs = fees::rows_of(&versions, office.engine().clock().now());
    costs.retain(FeeRow::counts);
    Ok(AgentView {
        costs,
        party: party.clone(),
        above: ids(tree.above(party).collect()),
        below: ids(tree.below(&party.party_id)),
        wires,
        merchants_below: brought.by_tree(&standing, &tree, &party.party_id),
    })
}

impl Facts for AgentView {
    fn facts(&self) -> Vec<Fact> {
        let party = &self.party;
        let mut facts = vec![
            Fact::new("party", Cell::number(&party.party_id)),
            Fact::new("name", Cell::text(party.name.as_str())),
            Fact::new("state", Cell::text(state(party))),
            Fact::new("parent", parent(party)),
        ];
        facts.extend(
            self.below
                .iter()
                .map(|id| Fact::new("below", Cell::number(id))),
        );
        facts.push(Fact::new("merchants_below", count(self.merchants_below)));
        facts.extend(self.wires.iter().flat_map(|wire| wire.facts(party)));
        facts.extend(self.costs.iter().flat_map(FeeRow::facts));
        facts
    }
}

impl WireView {
    /// Each with its dialect in front.
    fn facts(&self, party: &Party) -> Vec<Fact> {
        let agent = &self.agent;
        let fact = |name: &str, cell| Fact::new(format!("{}_{name}", agent.dialect_id), cell);
        let mut facts = vec![
            fact("agent", Cell::number(&agent.agent_id)),
            fact("state", Cell::text(wire_state(party, agent))),
            fact("merchants", count(self.merchants)),
        ];
        facts.extend(self.keys.iter().map(|key| {
            let name = format!("{}_key_{}_fingerprint", key.role, key.version);
            fact(&name, Cell::text(key.fingerprint.as_str()))
        }));
        let settings = agent.settings.iter();
        facts.extend(
            settings
                .map(|(name, word)| fact(&format!("setting_{name}"), Cell::text(word.as_str()))),
        );
        facts
    }
}
