//! Agents that stand are changed: their name, parent and switches, their keys, and whether these
//! open anything.

use std::collections::BTreeMap;

use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::names::check_name;
use heliu_ports::keys::KeyOwner;
use heliu_ports::store::DirectoryChange;
use heliu_trade::directory::Agent;
use heliu_trade::id::PartyId;
use heliu_trade::parties::Party;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::named::{AgentName, Standing};
use super::place::faults_of_place;
use super::settings::faults_of_settings;
use super::{subject, subject_on_wire};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::fees::looking;
use crate::keys::{Rotated, Rotation, dialect_of, rotate};
use crate::permission::Permission;
use crate::{Act, Office, fees, switches};

/// What changes of an agent; what is not named stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgentChange {
    /// Which.
    pub agent: AgentName,
    /// Its name.
    pub name: Option<String>,
    /// The party above it; an empty text makes it the root of a tree.
    pub parent_id: Option<String>,
    /// Switches on one wire by their names; an empty text takes one away.
    pub settings: BTreeMap<String, String>,
}

/// How an agent stands after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedAgent {
    /// The party.
    pub party: Party,
    /// The party on one wire, if the change was about that.
    pub agent: Option<Agent>,
}

impl ChangedAgent {
    /// As the record tells it: the wire alone where the party stays.
    fn told(&self, with_party: bool) -> Value {
        let party = with_party.then_some(&self.party);
        match (party, &self.agent) {
            (Some(party), Some(agent)) => json!({ "party": party, "agent": agent }),
            (Some(party), None) => json!({ "party": party }),
            (None, agent) => json!({ "agent": agent }),
        }
    }
}

/// Changes an agent's name and parent, and its switches on one wire.
///
/// # Errors
/// The actor may not, there is no such agent, its dialect does not know a switch, or the parent
/// does not fit.
pub async fn set(
    office: &Office,
    actor: &Actor,
    change: AgentChange,
) -> Result<ChangedAgent, OfficeError> {
    actor.check(Permission::Enrol)?;
    looking(office, |seen| set_once(office, actor, change.clone(), seen)).await
}

async fn set_once(
    office: &Office,
    actor: &Actor,
    change: AgentChange,
    seen: u64,
) -> Result<ChangedAgent, OfficeError> {
    let standing = Standing::read(office).await?;
    let mut faults = Faults::new();
    let before = ChangedAgent {
        party: standing.party(&change.agent)?.clone(),
        agent: match change.settings.is_empty() {
            true => None,
            false => Some(standing.agent(&change.agent)?.clone()),
        },
    };
    let mut party = before.party.clone();
    if let Some(name) = change.name {
        faults.note("name", check_name(&name));
        party.name = name;
    }
    if let Some(parent_id) = change.parent_id {
        party.parent_id = Some(PartyId::from(parent_id)).filter(|id| !id.as_str().is_empty());
        faults.extend(faults_of_place(&standing.parties, &party));
    }
    let agent = match &before.agent {
        None => None,
        Some(agent) => {
            let dialect = dialect_of(office.engine(), agent.dialect_id.as_str())?;
            faults.extend(faults_of_settings(
                office.engine(),
                dialect.descriptor(),
                &change.settings,
            ));
            Some(Agent {
                settings: switches::changed(&agent.settings, &change.settings),
                ..agent.clone()
            })
        }
    };
    faults.into_result()?;
    if party.parent_id != before.party.parent_id {
        fees::check_place(office, &party).await?;
    }
    put(office, actor, before, ChangedAgent { party, agent }, seen).await
}

/// Writes what differs, in one transaction with who did it.
async fn put(
    office: &Office,
    actor: &Actor,
    before: ChangedAgent,
    after: ChangedAgent,
    fee_tree: u64,
) -> Result<ChangedAgent, OfficeError> {
    let (party, agent) = (after.party.clone(), after.agent.clone());
    let is_about_wire = party == before.party && agent.is_some();
    let writing = match agent {
        Some(agent) if is_about_wire => {
            let keys = Vec::new();
            DirectoryChange::PutAgent { agent, keys }
        }
        agent => {
            let agents = agent.into_iter().collect();
            DirectoryChange::PutParty { party, agents }.over_fee_tree(fee_tree)
        }
    };
    change(office, actor, "agents.edit", (before, after), writing).await
}

/// Changes one as it stood into another.
async fn change(
    office: &Office,
    actor: &Actor,
    action: &'static str,
    (before, after): (ChangedAgent, ChangedAgent),
    writing: DirectoryChange,
) -> Result<ChangedAgent, OfficeError> {
    let about_wire = after.agent.as_ref().filter(|_| after.party == before.party);
    let with_party = about_wire.is_none();
    let act = Act {
        action,
        subject: about_wire.map_or_else(|| subject(&after.party.party_id), subject_on_wire),
        before: Some(before.told(with_party)),
        after: Some(after.told(with_party)),
    };
    office.change(actor, writing, act).await?;
    Ok(after)
}

/// Opens or shuts an agent's door, on every wire or on the one that is named; its merchants' orders
/// under way go on, and so do the parties below it.
///
/// # Errors
/// The actor may not, or there is no such agent.
pub async fn set_enabled(
    office: &Office,
    actor: &Actor,
    name: &AgentName,
    is_enabled: bool,
) -> Result<ChangedAgent, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = Standing::read(office).await?;
    let before = ChangedAgent {
        party: standing.party(name)?.clone(),
        agent: match &name.dialect {
            None => None,
            Some(_) => Some(standing.agent(name)?.clone()),
        },
    };
    let mut after = before.clone();
    let writing = match &mut after.agent {
        Some(agent) => {
            agent.is_enabled = is_enabled;
            DirectoryChange::SetAgentEnabled {
                dialect_id: agent.dialect_id.clone(),
                agent_id: agent.agent_id.clone(),
                is_enabled,
            }
        }
        None => {
            after.party.is_enabled = is_enabled;
            DirectoryChange::SetPartyEnabled {
                party_id: after.party.party_id.clone(),
                is_enabled,
            }
        }
    };
    let action = if is_enabled {
        "agents.enable"
    } else {
        "agents.disable"
    };
    change(office, actor, action, (before, after), writing).await
}

/// Makes the next version of an agent's key on a wire, or ends the overlap with the ones before.
///
/// # Errors
/// As [`crate::keys::rotate_named`].
pub async fn rotate_key(
    office: &Office,
    actor: &Actor,
    name: &AgentName,
    rotation: Rotation,
) -> Result<Rotated, OfficeError> {
    let standing = Standing::read(office).await?;
    let agent = standing.agent(name)?;
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id.clone());
    rotate(office, actor, &owner, &agent.dialect_id, rotation).await
}
