//! `heliu agents`

use clap::{Args, Subcommand};
use heliu_office::agents::{
    AddedAgent, AgentChange, AgentName, AgentRow, AgentView, AgentsAsked, ChangedAgent, NewAgent,
    NewWire, WireView, state, wire_state,
};
use heliu_office::keys::Rotated;
use heliu_ports::dialect::SignerKind;
use heliu_trade::directory::Agent;
use heliu_trade::id::PartyId;

use super::arguments::{Next, pairs, secrets};
use super::desk::{Desk, Pages, table};
use super::keys::{key_line, made_line, rotated};
use super::merchants::setting_line;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write an agent and its first protocol; keys that are not given are made and shown once
    Add {
        #[command(flatten)]
        wire: Wire,
        /// Its name
        #[arg(long)]
        name: String,
        /// Its id here, under which it stands on every protocol; its number if left out
        #[arg(long)]
        party: Option<String>,
        /// The agent above it, by its id here; a tree has at most five levels
        #[arg(long)]
        parent: Option<String>,
    },
    /// Put an agent on a further protocol; keys that are not given are made and shown once
    AddWire {
        /// The agent, by its id here or its number on a protocol
        party: String,
        /// The number under which the protocol knows it
        #[arg(long)]
        agent_id: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// Agents, by protocol and number: a line for each protocol on which one stands
    List {
        /// On this protocol
        #[arg(long)]
        dialect: Option<String>,
        /// In this state: enabled or disabled
        #[arg(long)]
        state: Option<String>,
        /// Its name has this in it, or its number begins so
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// One agent: who stands above and below it, its protocols, keys' fingerprints and settings
    Show(Named),
    /// Change its name, the agent above it, or switches of a protocol; what is not named stays
    Edit {
        #[command(flatten)]
        agent: Named,
        #[command(flatten)]
        edits: Edits,
    },
    /// Make the next version of its key; both hold until --retire
    RotateKey {
        #[command(flatten)]
        agent: Named,
        #[command(flatten)]
        next: Next,
    },
    /// Take its requests again: on every protocol, or on the one that is named
    Enable(Named),
    /// Take no more requests of it, on any protocol or on the one that is named; orders under way
    /// go on
    Disable(Named),
}

#[derive(Debug, Args)]
pub(super) struct Wire {
    /// The number under which the protocol knows it
    agent_id: String,
    #[command(flatten)]
    terms: Terms,
}

/// What goes with a number on a protocol.
#[derive(Debug, Args)]
pub(super) struct Terms {
    /// The protocol that its merchants' tills speak
    #[arg(long)]
    dialect: String,
    /// A key as ROLE=@FILE, or ROLE=- for standard input; without ROLE= if there is one role
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// A switch of the protocol as NAME=TEXT; new_merchant_state is pending, enabled or disabled
    #[arg(long = "setting", value_name = "NAME=TEXT")]
    settings: Vec<String>,
    /// A mini program and the channel account that holds its secret
    #[arg(long = "mini-program", value_name = "APPID=CHANNEL_ACCOUNT")]
    mini_programs: Vec<String>,
}

impl Terms {
    fn wire(self, agent_id: String) -> Result<NewWire, Failure> {
        Ok(NewWire {
            agent_id,
            keys: secrets("key", &keys(&self.dialect, self.keys)?)?,
            dialect: self.dialect,
            settings: pairs(&self.settings)?,
            mini_programs: pairs(&self.mini_programs)?,
        })
    }
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct Edits {
    /// Its name
    #[arg(long)]
    name: Option<String>,
    /// The agent above it, by its id here
    #[arg(long, conflicts_with = "no_parent")]
    parent: Option<String>,
    /// Nobody stands above it
    #[arg(long)]
    no_parent: bool,
    /// A switch as NAME=TEXT; NAME= takes it away
    #[arg(long = "setting", value_name = "NAME=TEXT")]
    settings: Vec<String>,
    /// Where it is told how payouts of its merchants ended; an empty text takes it away
    #[arg(long, value_name = "URL")]
    payout_callback: Option<String>,
}

impl Edits {
    fn of(mut self, agent: AgentName) -> Result<AgentChange, Failure> {
        if let Some(url) = self.payout_callback.take() {
            let name = Agent::PAYOUT_CALLBACK;
            self.settings.push(format!("{name}={url}"));
        }
        let nobody = || self.no_parent.then(String::new);
        Ok(AgentChange {
            agent,
            parent_id: self.parent.clone().or_else(nobody),
            name: self.name,
            settings: pairs(&self.settings)?,
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its id here, or its number on a protocol
    agent: String,
    /// The protocol, if it stands on several or several know that number
    #[arg(long)]
    dialect: Option<String>,
}

impl From<Named> for AgentName {
    fn from(Named { agent, dialect }: Named) -> Self {
        Self { agent, dialect }
    }
}

/// Keys as `ROLE=TEXT`; a text without a role belongs to the protocol's only one.
fn keys(dialect: &str, mut arguments: Vec<String>) -> Result<Vec<String>, Failure> {
    let found = heliu_dialects::find(dialect);
    let roles = found.map(|dialect| dialect.key_roles(SignerKind::Agent));
    if let Some([role]) = roles.as_deref() {
        for argument in &mut arguments {
            if !argument.starts_with(&format!("{role}=")) {
                *argument = format!("{role}={argument}");
            }
        }
    }
    Ok(arguments)
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List {
            dialect,
            state,
            name,
            pages,
        } => {
            let asked = AgentsAsked {
                dialect,
                state,
                name,
            };
            let request = |part| Request::ListAgents(asked.clone(), part);
            desk.pages::<AgentRow>(pages, request).await
        }
        Command::Show(agent) => desk.show(Request::ShowAgent(agent.into()), text).await,
        Command::Edit { agent, edits } => {
            let request = Request::SetAgent(edits.of(agent.into())?);
            desk.tell(request, changed).await
        }
        Command::RotateKey { agent, next } => {
            let (agent, rotation) = (agent.into(), next.rotation()?);
            let request = Request::RotateAgentKey { agent, rotation };
            desk.tell::<Rotated>(request, rotated).await
        }
        Command::Enable(agent) => set_enabled(desk, agent, true).await,
        Command::Disable(agent) => set_enabled(desk, agent, false).await,
        Command::Add {
            wire,
            name,
            party,
            parent,
        } => {
            let request = Request::AddAgent(NewAgent {
                party_id: party,
                parent_id: parent,
                name,
                wire: wire.terms.wire(wire.agent_id)?,
            });
            desk.tell(request, added).await
        }
        Command::AddWire {
            party,
            agent_id,
            terms,
        } => {
            let party = AgentName {
                agent: party,
                dialect: None,
            };
            let wire = terms.wire(agent_id)?;
            desk.tell(Request::AddAgentWire { party, wire }, added)
                .await
        }
    }
}

async fn set_enabled(desk: &Desk, agent: Named, is_enabled: bool) -> Result<Output, Failure> {
    let agent = agent.into();
    let request = Request::SetAgentEnabled { agent, is_enabled };
    let text = |changed: &ChangedAgent| match &changed.agent {
        None => format!(
            "agent {} is {}",
            changed.party.party_id,
            state(&changed.party)
        ),
        Some(agent) => {
            let (number, dialect) = (&agent.agent_id, &agent.dialect_id);
            let state = wire_state(&changed.party, agent);
            let by_party = if agent.is_enabled && !changed.party.is_enabled {
                "; enable it on every protocol: heliu agents enable without --dialect"
            } else {
                ""
            };
            format!("agent {number} on {dialect} is {state}{by_party}")
        }
    };
    desk.tell(request, text).await
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn added(added: &AddedAgent) -> String {
    let line = format!("agent {} on {}", added.agent_id, added.dialect_id);
    let party = (added.party_id.as_str() != added.agent_id.as_str())
        .then(|| format!("party {}", added.party_id));
    let made = added.made.iter().map(made_line);
    lines(std::iter::once(line).chain(party).chain(made))
}

fn changed(changed: &ChangedAgent) -> String {
    let ChangedAgent { party, agent } = changed;
    let line = format!("agent {}  {}", party.party_id, escaped_line(&party.name));
    let parent = party.parent_id.as_ref().map(below_line);
    let wire = agent.iter().flat_map(|agent| {
        let line = format!("on {} as {}", agent.dialect_id, agent.agent_id);
        std::iter::once(line).chain(agent.settings.iter().map(setting_line))
    });
    lines(std::iter::once(line).chain(parent).chain(wire))
}

fn below_line(parent: &PartyId) -> String {
    format!("below {parent}")
}

fn text(view: &AgentView) -> String {
    let AgentView {
        party,
        above,
        below,
        wires,
        merchants_below,
        costs,
    } = view;
    let name = escaped_line(&party.name);
    let head = format!("{}  {name}  {}", party.party_id, state(party));
    let above = above
        .first()
        .map(|_| format!("below {}", listed(above, ", below ")));
    let under = below
        .first()
        .map(|_| format!("above {}", listed(below, ", ")));
    let merchants = format!("merchants below {merchants_below}");
    let all = std::iter::once(head).chain(above).chain(under);
    let wires = wires.iter().flat_map(|wire| wire_lines(view, wire));
    let costs = (!costs.is_empty()).then(|| table(costs));
    lines(all.chain([merchants]).chain(wires).chain(costs))
}

fn listed(parties: &[PartyId], between: &str) -> String {
    let parties: Vec<_> = parties.iter().map(PartyId::as_str).collect();
    parties.join(between)
}

fn wire_lines(view: &AgentView, wire: &WireView) -> Vec<String> {
    let agent = &wire.agent;
    let head = format!(
        "speaks {} as {}  {}  merchants {}",
        agent.dialect_id,
        agent.agent_id,
        wire_state(&view.party, agent),
        wire.merchants
    );
    let mini_programs = agent
        .mini_programs
        .iter()
        .map(|(app_id, account)| format!("  mini program {app_id} with the secret of {account}"));
    let keys = wire.keys.iter().map(key_line);
    let settings = agent.settings.iter().map(setting_line);
    let all = std::iter::once(head).chain(keys).chain(settings);
    all.chain(mini_programs).collect()
}
