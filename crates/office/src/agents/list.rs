//! Agents, a row for each wire on which one stands.

use std::collections::{BTreeMap, BTreeSet};

use heliu_ports::lists::AgentFilter;
use heliu_ports::store::Enrolment;
use heliu_trade::directory::Agent;
use heliu_trade::id::{AgentId, DialectId, MerchantId, PartyId};
use heliu_trade::parties::{Party, Tree};
use serde::{Deserialize, Serialize};

use super::named::Standing;
use super::{wire_state, word};
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::keys::dialect_of;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// An agent on one wire, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// The party.
    pub party: Party,
    /// The wire, its number and its switches there.
    pub agent: Agent,
    /// How many merchants it brought on this wire.
    pub merchants: u64,
    /// How many merchants the party and all parties below it brought, on every wire.
    pub merchants_below: u64,
}

/// Which agents, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AgentsAsked {
    /// On this wire.
    pub dialect: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Its name has this in it, or its number begins so.
    pub name: Option<String>,
}

/// Agents, by dialect and number.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: AgentsAsked,
    part: Part,
) -> Result<Paged<AgentRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let is_enabled = words.one("state", asked.state.as_ref(), [true, false], word);
    words.end()?;
    if let Some(dialect) = &asked.dialect {
        dialect_of(office.engine(), dialect)?;
    }
    let filter = AgentFilter {
        dialect_id: asked.dialect.map(DialectId::from),
        is_enabled,
        text: asked.name,
    };
    let listed = office.store().page_agents(filter, part.into()).await?;
    let standing = Standing::read(office).await?;
    let brought = Brought::of(office.store().list_merchants().await?);
    let tree = Tree::of(&standing.parties);
    let row = |agent: Agent, merchants| {
        let party = standing.party_of(&agent)?;
        Ok(AgentRow {
            merchants_below: brought.by_tree(&standing, &tree, &party.party_id),
            party: party.clone(),
            agent,
            merchants,
        })
    };
    Paged::try_of(listed, |of| row(of.agent, of.merchant_count))
}

/// Merchants by the agent that brought them.
pub(super) struct Brought(BTreeMap<(DialectId, AgentId), BTreeSet<MerchantId>>);

impl Brought {
    pub(super) fn of(merchants: Vec<Enrolment>) -> Self {
        let mut brought = BTreeMap::<_, BTreeSet<_>>::new();
        for app in merchants.into_iter().flat_map(|merchant| merchant.apps) {
            if let Some(agent_id) = app.agent_id {
                let merchants = brought.entry((app.dialect_id, agent_id)).or_default();
                merchants.insert(app.merchant_id);
            }
        }
        Self(brought)
    }

    fn of_agent(&self, agent: &Agent) -> impl Iterator<Item = &MerchantId> {
        let key = (agent.dialect_id.clone(), agent.agent_id.clone());
        self.0.get(&key).into_iter().flatten()
    }

    /// How many one brought on its wire.
    pub(super) fn by_agent(&self, agent: &Agent) -> u64 {
        self.of_agent(agent).count() as u64
    }

    /// How many a party and those below it brought, each once.
    pub(super) fn by_tree(&self, standing: &Standing, tree: &Tree<'_>, party: &PartyId) -> u64 {
        let below = tree.below(party).into_iter().map(|it| &it.party_id);
        let parties: BTreeSet<_> = below.chain([party]).collect();
        let agents = standing.agents.iter();
        let agents = agents.filter(|agent| parties.contains(&agent.party_id));
        let merchants: BTreeSet<_> = agents.flat_map(|agent| self.of_agent(agent)).collect();
        merchants.len() as u64
    }
}

/// A number of things as a cell.
pub(super) fn count(number: u64) -> Cell {
    Cell::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A party above, which a root has not.
pub(super) fn parent(party: &Party) -> Cell {
    let parent = party.parent_id.as_ref();
    parent.map_or_else(|| Cell::text(""), Cell::number)
}

impl Row for AgentRow {
    const COLUMNS: &'static [Column] = &[
        "party",
        "parent",
        "name",
        "agent",
        "dialect",
        "state",
        "merchants",
        "merchants_below",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(&self.party.party_id),
            parent(&self.party),
            Cell::text(self.party.name.as_str()),
            Cell::number(&self.agent.agent_id),
            Cell::text(self.agent.dialect_id.as_str()),
            Cell::text(wire_state(&self.party, &self.agent)),
            count(self.merchants),
            count(self.merchants_below),
        ]
    }
}
