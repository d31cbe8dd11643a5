//! The merchants of an agent: those that it brought, and those of the agents below it.

use std::collections::BTreeSet;

use heliu_ports::store::{Enrolment, Store, StoreError};
use heliu_trade::directory::{Agent, App};
use heliu_trade::id::{AgentId, DialectId};
use heliu_trade::parties::Tree;

/// Agents of one wire: one, and all below it.
pub(crate) struct Subtree {
    dialect_id: DialectId,
    agents: BTreeSet<AgentId>,
    is_whole: bool,
}

impl Subtree {
    /// That of an agent, by the tree as it stands.
    pub(crate) async fn of(store: &dyn Store, agent: &Agent) -> Result<Self, StoreError> {
        let parties = store.list_parties().await?;
        let tree = Tree::of(&parties);
        let below = tree.below(&agent.party_id).into_iter();
        let mut ids: BTreeSet<_> = below.map(|party| &party.party_id).collect();
        ids.insert(&agent.party_id);
        let agents = store.list_agents().await?.into_iter();
        let agents = agents
            .filter(|it| it.dialect_id == agent.dialect_id && ids.contains(&it.party_id))
            .map(|it| it.agent_id);
        let own = parties.iter().find(|it| it.party_id == agent.party_id);
        Ok(Self {
            dialect_id: agent.dialect_id.clone(),
            agents: agents.collect(),
            is_whole: own.is_some_and(|party| party.parent_id.is_none()),
        })
    }

    /// Whether no agent is above its first one.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Its agents, by number.
    pub(crate) fn agents(&self) -> impl Iterator<Item = &AgentId> {
        self.agents.iter()
    }

    /// Whether an app is a merchant's below it.
    pub(crate) fn has(&self, app: &App) -> bool {
        let agent = app.agent_id.as_ref();
        app.dialect_id == self.dialect_id && agent.is_some_and(|id| self.agents.contains(id))
    }

    /// The way in by which it knows a merchant; `None`: the merchant is not below it.
    pub(crate) fn app_of<'e>(&self, enrolment: &'e Enrolment) -> Option<&'e App> {
        enrolment.apps.iter().find(|app| self.has(app))
    }
}
