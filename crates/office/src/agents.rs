//! Agents: who brought merchants, and signs for them where agents sign.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_engine::enrolment::keys::faults_of_keys;
use heliu_engine::enrolment::names::{check_foreign_number, check_name, check_number};
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::{Descriptor, SignerKind};
use heliu_ports::keys::KeyOwner;
use heliu_ports::lists::AgentFilter;
use heliu_ports::store::{AgentRecord, DirectoryChange, Newcomer};
use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::id::{AgentId, ChannelAccountId, DialectId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::keys::{KeyRow, MadeKey, Rotated, Rotation, dialect_of, first_keys, rotate, rows_of};
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::{Cell, Column};
use crate::{Act, Office, switches};

/// What changes an agent that stands.
const CHANGES: &str =
    "change it: heliu agents edit (switches), heliu agents rotate-key (keys), heliu agents disable";

/// An agent.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewAgent {
    /// The number under which the wire knows it.
    pub agent_id: String,
    /// The dialect that it speaks.
    pub dialect: String,
    /// Its name.
    pub name: String,
    /// Its keys by role; a missing one is made.
    pub keys: BTreeMap<String, String>,
    /// Switches in the dialect's own words.
    pub settings: BTreeMap<String, String>,
    /// Mini programs whose payers it may identify, with the channel account that holds each one's
    /// secret.
    pub mini_programs: BTreeMap<String, String>,
}

/// One agent, and which one is meant if several wires know that number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgentName {
    /// Its number.
    pub agent_id: String,
    /// Its dialect.
    pub dialect: Option<String>,
}

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// The agent.
    pub agent: Agent,
    /// How many apps' merchants it brought.
    pub merchants: u64,
}

/// An agent, shown by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentView {
    /// The agent.
    pub agent: Agent,
    /// Its keys.
    pub keys: Vec<KeyRow>,
}

/// An agent that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedAgent {
    /// Its number.
    pub agent_id: AgentId,
    /// Its dialect.
    pub dialect_id: DialectId,
    /// Keys that were made.
    pub made: Vec<MadeKey>,
}

/// Adds an agent that does not stand; all that is wrong is told at once.
///
/// # Errors
/// The actor may not, or something that was entered is wrong.
pub async fn add(office: &Office, actor: &Actor, new: NewAgent) -> Result<AddedAgent, OfficeError> {
    actor.check(Permission::Enrol)?;
    let engine = office.engine();
    let dialect = dialect_of(engine, &new.dialect)?;
    let descriptor = dialect.descriptor();
    if !dialect.is_signed_by(SignerKind::Agent) {
        return Err(OfficeError::with_cure(
            format!("on {} merchants sign themselves", descriptor.id),
            "add merchants without an agent",
        ));
    }
    let dialect_id = DialectId::from(descriptor.id);
    let agent_id = AgentId::from(new.agent_id);
    let stands = || {
        let mut faults = Faults::new();
        let problem = Problem::Stands(CHANGES.to_owned());
        faults.add(format!("agent {agent_id} on {dialect_id}"), problem);
        faults
    };
    let mut faults = match engine.store().find_agent(&dialect_id, &agent_id).await? {
        Some(_) => stands(),
        None => Faults::new(),
    };
    faults.note(
        "agent id",
        check_number(descriptor.agent_id, agent_id.as_str()),
    );
    faults.note("name", check_name(&new.name));
    faults.extend(faults_of_settings(descriptor, &new.settings));
    let mini_programs = mini_programs(engine, new.mini_programs, &mut faults).await?;
    let roles = dialect.key_roles(SignerKind::Agent);
    faults.extend(faults_of_keys(&roles, &new.keys));
    let owner = KeyOwner::Agent(dialect_id.clone(), agent_id.clone());
    let (keys, made) = first_keys(engine, &owner, &roles, &new.keys, &mut faults);
    faults.into_result()?;
    let agent = Agent {
        agent_id: agent_id.clone(),
        dialect_id: dialect_id.clone(),
        name: new.name,
        is_enabled: true,
        settings: switches::changed(&BTreeMap::new(), &new.settings),
        mini_programs,
    };
    let act = Act {
        action: "agents.add",
        subject: subject(&agent),
        before: None,
        after: Some(told(&agent, &rows_of(&keys))),
    };
    if !office
        .admit(actor, Newcomer::Agent { agent, keys }, act)
        .await?
    {
        // Somebody else has written it since we looked.
        return Err(stands().into());
    }
    Ok(AddedAgent {
        agent_id,
        dialect_id,
        made,
    })
}

fn subject(agent: &Agent) -> String {
    format!("agent {} on {}", agent.agent_id, agent.dialect_id)
}

fn told(agent: &Agent, keys: &[KeyRow]) -> serde_json::Value {
    json!({ "agent": agent, "keys": keys })
}

/// Mini programs whose payers it may identify, each with the account that holds its secret.
async fn mini_programs(
    engine: &Engine,
    given: BTreeMap<String, String>,
    faults: &mut Faults,
) -> Result<BTreeMap<String, ChannelAccountId>, OfficeError> {
    let mut mini_programs = BTreeMap::new();
    for (app_id, account) in given {
        let field = format!("mini program {app_id}");
        faults.note(&field, check_foreign_number(&app_id));
        let account = ChannelAccountId::from(account);
        let found = engine.store().find_channel_account(&account).await?;
        if found.is_none() {
            let why = format!("has no secret: there is no channel account {account}");
            let cure = "write one with the mini program's secret first: heliu channels put";
            faults.add(field, Problem::unfit(why, cure));
        }
        mini_programs.insert(app_id, account);
    }
    Ok(mini_programs)
}

/// The switches of its dialect, and the one that every agent has.
fn faults_of_settings(descriptor: &Descriptor, settings: &BTreeMap<String, String>) -> Faults {
    let mut faults = Faults::new();
    let mut of_dialect = settings.clone();
    let word = of_dialect.remove(Agent::NEW_MERCHANT_STATE);
    let word = word.filter(|word| !word.is_empty());
    if let Some(word) = word
        && MerchantState::parse(&word).is_none()
    {
        let words = MerchantState::ALL.map(|state| state.as_str().to_owned());
        let field = format!("switch {}", Agent::NEW_MERCHANT_STATE);
        faults.add(field, Problem::NotOneOf(words.into()));
    }
    faults.extend(switches::faults(descriptor.agent_switches, &of_dialect));
    faults
}

/// Changes switches of an agent; those that are not named stay.
///
/// # Errors
/// The actor may not, there is no such agent, or its dialect does not know a switch.
pub async fn set(
    office: &Office,
    actor: &Actor,
    name: &AgentName,
    settings: BTreeMap<String, String>,
) -> Result<Agent, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = find(office, name).await?.agent;
    let dialect = dialect_of(office.engine(), standing.dialect_id.as_str())?;
    faults_of_settings(dialect.descriptor(), &settings).into_result()?;
    let agent = Agent {
        settings: switches::changed(&standing.settings, &settings),
        ..standing.clone()
    };
    let writing = DirectoryChange::PutAgent {
        agent: agent.clone(),
        keys: Vec::new(),
    };
    change(office, actor, "agents.edit", (&standing, agent), writing).await
}

/// Changes one as it stood into another.
async fn change(
    office: &Office,
    actor: &Actor,
    action: &'static str,
    (before, agent): (&Agent, Agent),
    writing: DirectoryChange,
) -> Result<Agent, OfficeError> {
    let act = Act {
        action,
        subject: subject(&agent),
        before: Some(json!(before)),
        after: Some(json!(agent)),
    };
    office.change(actor, writing, act).await?;
    Ok(agent)
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
    Ok(Paged::of(listed, |row| AgentRow {
        agent: row.agent,
        merchants: row.app_count,
    }))
}

/// The word for whether an agent's keys open anything.
#[must_use]
pub const fn state(agent: &Agent) -> &'static str {
    word(agent.is_enabled)
}

const fn word(is_enabled: bool) -> &'static str {
    if is_enabled { "enabled" } else { "disabled" }
}

impl Row for AgentRow {
    const COLUMNS: &'static [Column] = &["agent", "dialect", "name", "state", "merchants"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(&self.agent.agent_id),
            Cell::text(self.agent.dialect_id.as_str()),
            Cell::text(self.agent.name.as_str()),
            Cell::text(state(&self.agent)),
            Cell::Count(i64::try_from(self.merchants).unwrap_or(i64::MAX)),
        ]
    }
}

impl Facts for AgentView {
    fn facts(&self) -> Vec<Fact> {
        let agent = &self.agent;
        let mut facts = vec![
            Fact::new("agent", Cell::number(&agent.agent_id)),
            Fact::new("dialect", Cell::text(agent.dialect_id.as_str())),
            Fact::new("name", Cell::text(agent.name.as_str())),
            Fact::new("state", Cell::text(state(agent))),
        ];
        facts.extend(self.keys.iter().map(|key| {
            let name = format!("{}_key_{}_fingerprint", key.role, key.version);
            Fact::new(name, Cell::text(key.fingerprint.as_str()))
        }));
        let settings = agent.settings.iter();
        facts.extend(
            settings.map(|(name, word)| {
                Fact::new(format!("setting_{name}"), Cell::text(word.as_str()))
            }),
        );
        facts
    }
}

async fn find(office: &Office, name: &AgentName) -> Result<AgentRecord, OfficeError> {
    let agent_id = AgentId::from(name.agent_id.as_str());
    let dialects = match &name.dialect {
        Some(dialect) => vec![DialectId::from(dialect.as_str())],
        None => {
            let known = office.engine().dialects().iter();
            known
                .map(|of| DialectId::from(of.descriptor().id))
                .collect()
        }
    };
    let mut fitting = Vec::new();
    for dialect in &dialects {
        fitting.extend(office.store().find_agent(dialect, &agent_id).await?);
    }
    if fitting.len() > 1 {
        return Err(OfficeError::with_cure(
            format!("several wires know an agent {agent_id}"),
            "name its dialect with --dialect",
        ));
    }
    let missing = || OfficeError::new(format!("there is no agent {agent_id}"));
    fitting.pop().ok_or_else(missing)
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
    let AgentRecord { agent, keys } = find(office, name).await?;
    let keys = rows_of(&keys);
    Ok(AgentView { agent, keys })
}

/// Makes the next version of an agent's key, or ends the overlap with the ones before.
///
/// # Errors
/// As [`crate::keys::rotate_named`].
pub async fn rotate_key(
    office: &Office,
    actor: &Actor,
    name: &AgentName,
    rotation: Rotation,
) -> Result<Rotated, OfficeError> {
    let agent = find(office, name).await?.agent;
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id);
    rotate(office, actor, &owner, &agent.dialect_id, rotation).await
}

/// Opens or shuts an agent's door; its merchants' orders under way go on.
///
/// # Errors
/// The actor may not, or there is no such agent.
pub async fn set_enabled(
    office: &Office,
    actor: &Actor,
    name: &AgentName,
    is_enabled: bool,
) -> Result<Agent, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = find(office, name).await?.agent;
    let agent = Agent {
        is_enabled,
        ..standing.clone()
    };
    let action = if is_enabled {
        "agents.enable"
    } else {
        "agents.disable"
    };
    let writing = DirectoryChange::SetAgentEnabled {
        dialect_id: agent.dialect_id.clone(),
        agent_id: agent.agent_id.clone(),
        is_enabled,
    };
    change(office, actor, action, (&standing, agent), writing).await
}
