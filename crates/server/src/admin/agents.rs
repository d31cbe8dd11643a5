//! Agents: who brought merchants, and signs for them where agents sign.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_engine::enrolment::keys::faults_of_keys;
use heliu_engine::enrolment::names::{check_foreign_number, check_name, check_number};
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::{Descriptor, SignerKind};
use heliu_ports::keys::KeyOwner;
use heliu_ports::store::{AgentRecord, DirectoryChange, Newcomer};
use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::id::{AgentId, ChannelAccountId, DialectId};
use serde::{Deserialize, Serialize};

use super::keys::{Rotation, dialect_of, first_keys, key_lines, rotate};
use super::switches;
use super::text::table;
use crate::failure::Failure;
use crate::terminal::escaped_line;

/// What changes an agent that stands.
const CHANGES: &str =
    "change it: heliu agents set (switches), heliu agents rotate-key (keys), heliu agents disable";

/// An agent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewAgent {
    /// The number under which the wire knows it.
    pub(crate) agent_id: String,
    /// The dialect that it speaks.
    pub(crate) dialect: String,
    /// Its name.
    pub(crate) name: String,
    /// Its keys by role; a missing one is made.
    pub(crate) keys: BTreeMap<String, String>,
    /// Switches in the dialect's own words.
    pub(crate) settings: BTreeMap<String, String>,
    /// Mini programs whose payers it may identify, with the channel account that holds each one's secret.
    pub(crate) mini_programs: BTreeMap<String, String>,
}

/// One agent, and which one is meant if several wires know that number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AgentName {
    /// Its number.
    pub(crate) agent_id: String,
    /// Its dialect.
    pub(crate) dialect: Option<String>,
}

pub(super) async fn add(engine: &Engine, new: NewAgent) -> Result<String, Failure> {
    let descriptor = dialect_of(engine, &new.dialect)?.descriptor();
    if descriptor.signer != SignerKind::Agent {
        return Err(Failure::with_cure(
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
    faults.extend(faults_of_keys(descriptor.key_roles, &new.keys));
    let owner = KeyOwner::Agent(dialect_id.clone(), agent_id.clone());
    let (keys, shown) = first_keys(engine, &owner, descriptor.key_roles, &new.keys, &mut faults);
    faults.into_result()?;
    let agent = Agent {
        agent_id: agent_id.clone(),
        dialect_id: dialect_id.clone(),
        name: new.name,
        is_enabled: true,
        settings: switches::changed(&BTreeMap::new(), &new.settings),
        mini_programs,
    };
    if !engine.admit(Newcomer::Agent { agent, keys }).await? {
        // Somebody else has written it since we looked.
        return Err(stands().into());
    }
    let mut lines = vec![format!("agent {agent_id} on {}", descriptor.id)];
    lines.extend(shown);
    Ok(lines.join("\n"))
}

/// Mini programs whose payers it may identify, each with the account that holds its secret.
async fn mini_programs(
    engine: &Engine,
    given: BTreeMap<String, String>,
    faults: &mut Faults,
) -> Result<BTreeMap<String, ChannelAccountId>, Failure> {
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
pub(super) async fn set(
    engine: &Engine,
    name: &AgentName,
    settings: BTreeMap<String, String>,
) -> Result<String, Failure> {
    let agent = find(engine, name).await?.agent;
    let dialect = dialect_of(engine, agent.dialect_id.as_str())?;
    faults_of_settings(dialect.descriptor(), &settings).into_result()?;
    let agent = Agent {
        settings: switches::changed(&agent.settings, &settings),
        ..agent
    };
    let mut lines = vec![format!("agent {}", agent.agent_id)];
    lines.extend(switches::lines(&agent.settings));
    let keys = Vec::new();
    engine
        .change_directory(DirectoryChange::PutAgent { agent, keys })
        .await?;
    Ok(lines.join("\n"))
}

pub(super) async fn list(engine: &Engine) -> Result<String, Failure> {
    let merchants = engine.store().list_merchants().await?;
    let apps: Vec<_> = merchants.iter().flat_map(|m| &m.apps).collect();
    let rows: Vec<_> = engine
        .store()
        .list_agents()
        .await?
        .into_iter()
        .map(|agent| {
            let brought = apps.iter().filter(|app| {
                app.dialect_id == agent.dialect_id && app.agent_id.as_ref() == Some(&agent.agent_id)
            });
            vec![
                agent.agent_id.to_string(),
                agent.dialect_id.to_string(),
                agent.name.clone(),
                state(&agent).to_owned(),
                brought.count().to_string(),
            ]
        })
        .collect();
    Ok(table(
        &["agent", "dialect", "name", "state", "merchants"],
        &rows,
    ))
}

const fn state(agent: &Agent) -> &'static str {
    if agent.is_enabled {
        "enabled"
    } else {
        "disabled"
    }
}

async fn find(engine: &Engine, name: &AgentName) -> Result<AgentRecord, Failure> {
    let all = engine.store().list_agents().await?;
    let mut fitting = all.into_iter().filter(|agent| {
        agent.agent_id.as_str() == name.agent_id
            && name
                .dialect
                .as_deref()
                .is_none_or(|dialect| agent.dialect_id.as_str() == dialect)
    });
    let missing = || Failure::new(format!("there is no agent {}", name.agent_id));
    let agent = fitting.next().ok_or_else(missing)?;
    if fitting.next().is_some() {
        return Err(Failure::with_cure(
            format!("several wires know an agent {}", name.agent_id),
            "name its dialect with --dialect",
        ));
    }
    let (dialect, id) = (&agent.dialect_id, &agent.agent_id);
    let found = engine.store().find_agent(dialect, id).await?;
    found.ok_or_else(missing)
}

pub(super) async fn show(engine: &Engine, name: &AgentName) -> Result<String, Failure> {
    let AgentRecord { agent, keys } = find(engine, name).await?;
    let mut lines = vec![
        format!(
            "{}  {}  {}",
            agent.agent_id,
            escaped_line(&agent.name),
            state(&agent)
        ),
        format!("speaks {}", agent.dialect_id),
    ];
    lines.extend(key_lines(&keys));
    lines.extend(switches::lines(&agent.settings));
    let mini_programs = agent.mini_programs.iter();
    lines.extend(
        mini_programs.map(|(app_id, account)| {
            format!("  mini program {app_id} with the secret of {account}")
        }),
    );
    Ok(lines.join("\n"))
}

pub(super) async fn rotate_key(
    engine: &Engine,
    name: &AgentName,
    rotation: Rotation,
) -> Result<String, Failure> {
    let agent = find(engine, name).await?.agent;
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id);
    rotate(engine, &owner, &agent.dialect_id, rotation).await
}

/// Opens or shuts an agent's door; its merchants' orders under way go on.
pub(super) async fn set_enabled(
    engine: &Engine,
    name: &AgentName,
    is_enabled: bool,
) -> Result<String, Failure> {
    let agent = Agent {
        is_enabled,
        ..find(engine, name).await?.agent
    };
    let line = format!("agent {} is {}", agent.agent_id, state(&agent));
    let keys = Vec::new();
    engine
        .change_directory(DirectoryChange::PutAgent { agent, keys })
        .await?;
    Ok(line)
}
