//! Who is new: a party with its first wire, a further wire. What stands is never written over.

use std::collections::BTreeMap;

use heliu_engine::enrolment::keys::faults_of_keys;
use heliu_engine::enrolment::names::{check_id, check_name, check_number};
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::SignerKind;
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::Newcomer;
use heliu_trade::directory::Agent;
use heliu_trade::id::{AgentId, DialectId, PartyId};
use heliu_trade::parties::Party;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::named::{AgentName, Standing};
use super::place::faults_of_place;
use super::settings::{faults_of_settings, mini_programs};
use super::{subject, subject_on_wire};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::keys::{MadeKey, dialect_of, first_keys, rows_of};
use crate::permission::Permission;
use crate::{Act, Office, switches};

/// What changes an agent that stands.
const CHANGES: &str = "change it: heliu agents edit (name, parent, switches), heliu agents \
    rotate-key (keys), heliu agents disable";

/// A party on one wire.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewWire {
    /// The number under which the wire knows it.
    pub agent_id: String,
    /// The wire.
    pub dialect: String,
    /// Its keys by role; a missing one is made.
    pub keys: BTreeMap<String, String>,
    /// Switches in the dialect's own words.
    pub settings: BTreeMap<String, String>,
    /// Mini programs whose payers it may identify, with the channel account that holds each one's
    /// secret.
    pub mini_programs: BTreeMap<String, String>,
}

/// A party with its first wire.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewAgent {
    /// Its id here; its number on the wire if absent.
    pub party_id: Option<String>,
    /// The party above it; none for the root of a tree.
    pub parent_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its first wire.
    pub wire: NewWire,
}

/// An agent that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedAgent {
    /// The party.
    pub party_id: PartyId,
    /// Its number.
    pub agent_id: AgentId,
    /// Its dialect.
    pub dialect_id: DialectId,
    /// Keys that were made.
    pub made: Vec<MadeKey>,
}

/// An agent that may be written, with its keys and those of them that were made.
struct Checked {
    agent: Agent,
    keys: Vec<SealedKey>,
    made: Vec<MadeKey>,
}

impl Checked {
    fn added(self) -> AddedAgent {
        AddedAgent {
            party_id: self.agent.party_id,
            agent_id: self.agent.agent_id,
            dialect_id: self.agent.dialect_id,
            made: self.made,
        }
    }
}

/// Adds a party that does not stand, with its first wire; all that is wrong is told at once.
///
/// # Errors
/// The actor may not, or something that was entered is wrong.
pub async fn add(office: &Office, actor: &Actor, new: NewAgent) -> Result<AddedAgent, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = Standing::read(office).await?;
    let party = Party {
        party_id: new
            .party_id
            .as_ref()
            .unwrap_or(&new.wire.agent_id)
            .as_str()
            .into(),
        parent_id: new.parent_id.map(PartyId::from),
        name: new.name,
        is_enabled: true,
    };
    let party_id = &party.party_id;
    let mut faults = Faults::new();
    let checked = check(office, party_id, new.wire, &mut faults).await?;
    if new.party_id.is_some() {
        faults.note("party", check_id(party_id.as_str()));
    }
    // Where the wire knows its number already, that says all.
    let is_known = standing.parties.iter().any(|it| it.party_id == *party_id);
    if is_known && !stands(&standing, &checked.agent) {
        faults.extend(party_stands(party_id));
    }
    faults.note("name", check_name(&party.name));
    faults.extend(faults_of_place(&standing.parties, &party));
    faults.into_result()?;
    let act = Act {
        action: "agents.add",
        subject: subject(party_id),
        before: None,
        after: Some(json!({
            "party": party,
            "agent": checked.agent,
            "keys": rows_of(&checked.keys),
        })),
    };
    let newcomer = Newcomer::Party {
        party,
        agent: checked.agent.clone(),
        keys: checked.keys.clone(),
    };
    if !office.admit(actor, newcomer, act).await? {
        // Somebody else has written one of the two since we looked.
        let is_agent = stands(&Standing::read(office).await?, &checked.agent);
        let of_agent = || agent_stands(&checked.agent);
        let of_party = || party_stands(&checked.agent.party_id);
        return Err(if is_agent { of_agent() } else { of_party() }.into());
    }
    Ok(checked.added())
}

/// Puts a party that stands on a further wire.
///
/// # Errors
/// The actor may not, there is no such party, or something that was entered is wrong.
pub async fn add_wire(
    office: &Office,
    actor: &Actor,
    party: &AgentName,
    new: NewWire,
) -> Result<AddedAgent, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = Standing::read(office).await?;
    let party_id = &standing.party(party)?.party_id;
    let mut faults = Faults::new();
    let checked = check(office, party_id, new, &mut faults).await?;
    faults.into_result()?;
    let act = Act {
        action: "agents.add_wire",
        subject: subject(party_id),
        before: None,
        after: Some(json!({ "agent": checked.agent, "keys": rows_of(&checked.keys) })),
    };
    let newcomer = Newcomer::Agent {
        agent: checked.agent.clone(),
        keys: checked.keys.clone(),
    };
    if !office.admit(actor, newcomer, act).await? {
        return Err(agent_stands(&checked.agent).into());
    }
    Ok(checked.added())
}

fn stands(standing: &Standing, agent: &Agent) -> bool {
    let mut agents = standing.agents.iter();
    agents.any(|it| (&it.dialect_id, &it.agent_id) == (&agent.dialect_id, &agent.agent_id))
}

fn agent_stands(agent: &Agent) -> Faults {
    let mut faults = Faults::new();
    let problem = Problem::Stands(CHANGES.to_owned());
    faults.add(subject_on_wire(agent), problem);
    faults
}

fn party_stands(party_id: &PartyId) -> Faults {
    let mut faults = Faults::new();
    let cure = format!(
        "put it on a further wire: heliu agents add-wire {party_id}; \
         or give the new one another id: --party"
    );
    faults.add(subject(party_id), Problem::Stands(cure));
    faults
}

/// A party on a wire that does not know it yet.
async fn check(
    office: &Office,
    party_id: &PartyId,
    new: NewWire,
    faults: &mut Faults,
) -> Result<Checked, OfficeError> {
    let engine = office.engine();
    let dialect = dialect_of(engine, &new.dialect)?;
    let descriptor = dialect.descriptor();
    if !dialect.has_agents() {
        return Err(OfficeError::with_cure(
            format!("on {} merchants sign themselves", descriptor.id),
            "add merchants without an agent",
        ));
    }
    let dialect_id = DialectId::from(descriptor.id);
    let agent_id = AgentId::from(new.agent_id);
    faults.note(
        "agent id",
        check_number(descriptor.agent_id, agent_id.as_str()),
    );
    faults.extend(faults_of_settings(engine, descriptor, &new.settings));
    let mini_programs = mini_programs(engine, new.mini_programs, faults).await?;
    let roles = dialect.key_roles(SignerKind::Agent);
    faults.extend(faults_of_keys(&roles, &new.keys));
    let owner = KeyOwner::Agent(dialect_id.clone(), agent_id.clone());
    let (keys, made) = first_keys(engine, &owner, &roles, &new.keys, faults);
    let agent = Agent {
        agent_id,
        dialect_id,
        party_id: party_id.clone(),
        is_enabled: true,
        settings: switches::changed(&BTreeMap::new(), &new.settings),
        mini_programs,
    };
    let found = engine.store();
    let found = found.find_agent(&agent.dialect_id, &agent.agent_id).await?;
    if found.is_some() {
        faults.extend(agent_stands(&agent));
    }
    Ok(Checked { agent, keys, made })
}
