//! Which agent is meant: a party by its id, or by its number on a wire.

use heliu_trade::directory::Agent;
use heliu_trade::parties::Party;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::error::OfficeError;

/// One agent, and on which wire if it stands on several.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgentName {
    /// Its id as a party, or its number on a wire.
    pub agent: String,
    /// The wire.
    pub dialect: Option<String>,
}

/// All parties and their agents on wires.
pub(super) struct Standing {
    pub(super) parties: Vec<Party>,
    pub(super) agents: Vec<Agent>,
}

impl Standing {
    pub(super) async fn read(office: &Office) -> Result<Self, OfficeError> {
        Ok(Self {
            parties: office.store().list_parties().await?,
            agents: office.store().list_agents().await?,
        })
    }

    fn with_id(&self, party_id: &str) -> Option<&Party> {
        let mut parties = self.parties.iter();
        parties.find(|party| party.party_id.as_str() == party_id)
    }

    /// The party of an agent; every agent has one.
    pub(super) fn party_of(&self, agent: &Agent) -> Result<&Party, OfficeError> {
        let missing = || OfficeError::new(format!("there is no party {}", agent.party_id));
        self.with_id(agent.party_id.as_str()).ok_or_else(missing)
    }

    /// The agents of a party, by wire and number.
    pub(super) fn agents_of(&self, party: &Party) -> impl Iterator<Item = &Agent> {
        let is_its = |agent: &&Agent| agent.party_id == party.party_id;
        self.agents.iter().filter(is_its)
    }

    /// The party that is meant. A name without a wire is a party's id before it is a number.
    pub(super) fn party(&self, name: &AgentName) -> Result<&Party, OfficeError> {
        if name.dialect.is_none()
            && let Some(party) = self.with_id(&name.agent)
        {
            return Ok(party);
        }
        let mut candidates = self.candidates(name);
        candidates.dedup_by_key(|agent| &agent.party_id);
        self.party_of(self.only(name, &candidates)?)
    }

    /// The agent on one wire that is meant.
    pub(super) fn agent(&self, name: &AgentName) -> Result<&Agent, OfficeError> {
        self.only(name, &self.candidates(name))
    }

    /// With its wire, a name is a number before it is a party's id; without, the other way round.
    fn candidates(&self, name: &AgentName) -> Vec<&Agent> {
        let is_on_wire = |agent: &&Agent| {
            let dialect = name.dialect.as_deref();
            dialect.is_none_or(|dialect| agent.dialect_id.as_str() == dialect)
        };
        let on_wire = || self.agents.iter().filter(is_on_wire);
        let by_number = on_wire().filter(|agent| agent.agent_id.as_str() == name.agent);
        let of_party = on_wire().filter(|agent| agent.party_id.as_str() == name.agent);
        let (by_number, of_party): (Vec<_>, Vec<_>) = (by_number.collect(), of_party.collect());
        let (first, second) = match name.dialect {
            Some(_) => (by_number, of_party),
            None => (of_party, by_number),
        };
        if first.is_empty() { second } else { first }
    }

    fn only<'s>(
        &'s self,
        name: &AgentName,
        candidates: &[&'s Agent],
    ) -> Result<&'s Agent, OfficeError> {
        match candidates {
            [agent] => Ok(agent),
            [] => Err(Self::missing(name)),
            several => {
                let wires = several.iter();
                let wires = wires.map(|it| format!("{} on {}", it.agent_id, it.dialect_id));
                let wires: Vec<_> = wires.collect();
                Err(OfficeError::with_cure(
                    format!("{} may be {}", name.agent, wires.join(" or ")),
                    "name its wire with --dialect, and its number there if it has several",
                ))
            }
        }
    }

    fn missing(name: &AgentName) -> OfficeError {
        match &name.dialect {
            Some(dialect) => OfficeError::with_cure(
                format!("there is no agent {} on {dialect}", name.agent),
                "heliu agents list tells which wires each stands on",
            ),
            None => OfficeError::new(format!("there is no agent {}", name.agent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn standing() -> Standing {
        let party = |party_id: &str| Party {
            party_id: party_id.into(),
            parent_id: None,
            name: party_id.to_owned(),
            is_enabled: true,
        };
        let agent = |party_id: &str, dialect: &str, number: &str| Agent {
            agent_id: number.into(),
            dialect_id: dialect.into(),
            party_id: party_id.into(),
            is_enabled: true,
            settings: BTreeMap::new(),
            mini_programs: BTreeMap::new(),
        };
        Standing {
            parties: ["north", "south", "10", "east"].map(party).into(),
            agents: vec![
                agent("north", "wire", "10"),
                agent("north", "other", "20"),
                agent("south", "wire", "30"),
                agent("10", "other", "10"),
                agent("east", "wire", "40"),
                agent("10", "third", "40"),
                agent("east", "other", "50"),
                agent("east", "third", "50"),
            ],
        }
    }

    #[test]
    fn a_name_is_a_partys_id_or_a_number_on_a_wire() {
        let standing = standing();
        for (agent, dialect, party, wire) in [
            ("north", None, Some("north"), None),
            ("north", Some("wire"), Some("north"), Some("wire 10")),
            ("20", None, Some("north"), Some("other 20")),
            ("30", None, Some("south"), Some("wire 30")),
            ("south", None, Some("south"), Some("wire 30")),
            ("10", None, Some("10"), None),
            ("10", Some("wire"), Some("north"), Some("wire 10")),
            ("10", Some("other"), Some("10"), Some("other 10")),
            ("10", Some("third"), Some("10"), Some("third 40")),
            ("40", None, None, None),
            ("50", None, Some("east"), None),
            ("40", Some("wire"), Some("east"), Some("wire 40")),
            ("south", Some("other"), None, None),
            ("nobody", None, None, None),
        ] {
            let name = AgentName {
                agent: agent.to_owned(),
                dialect: dialect.map(str::to_owned),
            };
            let found = standing.party(&name).ok();
            let found = found.map(|found| found.party_id.as_str());
            assert_eq!(found, party, "{name:?}");
            let found = standing.agent(&name).ok();
            let found = found.map(|found| format!("{} {}", found.dialect_id, found.agent_id));
            assert_eq!(found.as_deref(), wire, "{name:?}");
        }
    }

    #[test]
    fn a_name_of_several_is_told_with_all_of_them() {
        let name = AgentName {
            agent: "40".to_owned(),
            dialect: None,
        };
        let refused = standing()
            .agent(&name)
            .expect_err("two have it")
            .to_string();
        assert!(
            refused.contains("40 on wire or 40 on third") && refused.contains("--dialect"),
            "{refused}"
        );
    }
}
