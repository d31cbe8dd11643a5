//! `heliu agents`

use clap::{Args, Subcommand};
use heliu_office::agents::{
    AddedAgent, AgentName, AgentRow, AgentView, AgentsAsked, NewAgent, state,
};
use heliu_office::keys::Rotated;
use heliu_ports::dialect::SignerKind;
use heliu_trade::directory::Agent;

use super::arguments::{Next, pairs, secrets};
use super::desk::{Desk, Pages};
use super::keys::{key_line, made_line, rotated};
use super::merchants::setting_line;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write an agent whose keys sign for its merchants; keys that are not given are made and shown
    /// once
    Add {
        /// The number under which the protocol knows it
        agent_id: String,
        /// The protocol that its merchants' tills speak
        #[arg(long)]
        dialect: String,
        /// Its name
        #[arg(long)]
        name: String,
        /// A key as ROLE=@FILE, or ROLE=- for standard input; without ROLE= if there is one role
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
        /// A switch of the protocol as NAME=TEXT; new_merchant_state is pending, enabled or
        /// disabled
        #[arg(long = "setting", value_name = "NAME=TEXT")]
        settings: Vec<String>,
        /// A mini program and the channel account that holds its secret
        #[arg(long = "mini-program", value_name = "APPID=CHANNEL_ACCOUNT")]
        mini_programs: Vec<String>,
    },
    /// Agents, by protocol and number
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
    /// One agent with its keys' fingerprints and settings
    Show(Named),
    /// Change switches of the protocol for it; those that are not named stay
    Edit {
        #[command(flatten)]
        agent: Named,
        /// A switch as NAME=TEXT; NAME= takes it away
        #[arg(long = "setting", value_name = "NAME=TEXT", required = true)]
        settings: Vec<String>,
    },
    /// Make the next version of its key; both hold until --retire
    RotateKey {
        #[command(flatten)]
        agent: Named,
        #[command(flatten)]
        next: Next,
    },
    /// Take its requests again
    Enable(Named),
    /// Take no more requests of it; orders under way go on
    Disable(Named),
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its number
    agent_id: String,
    /// Its protocol, if several know that number
    #[arg(long)]
    dialect: Option<String>,
}

impl From<Named> for AgentName {
    fn from(Named { agent_id, dialect }: Named) -> Self {
        Self { agent_id, dialect }
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
        Command::Edit { agent, settings } => {
            let (agent, settings) = (agent.into(), pairs(&settings)?);
            let request = Request::SetAgent { agent, settings };
            let text = |agent: &Agent| {
                let line = format!("agent {}", agent.agent_id);
                let settings = agent.settings.iter().map(setting_line);
                lines(std::iter::once(line).chain(settings))
            };
            desk.tell(request, text).await
        }
        Command::RotateKey { agent, next } => {
            let (agent, rotation) = (agent.into(), next.rotation()?);
            let request = Request::RotateAgentKey { agent, rotation };
            desk.tell::<Rotated>(request, rotated).await
        }
        Command::Enable(agent) => set_enabled(desk, agent, true).await,
        Command::Disable(agent) => set_enabled(desk, agent, false).await,
        Command::Add {
            agent_id,
            dialect,
            name,
            keys: given,
            settings,
            mini_programs,
        } => {
            let request = Request::AddAgent(NewAgent {
                agent_id,
                keys: secrets("key", &keys(&dialect, given)?)?,
                dialect,
                name,
                settings: pairs(&settings)?,
                mini_programs: pairs(&mini_programs)?,
            });
            let text = |added: &AddedAgent| {
                let line = format!("agent {} on {}", added.agent_id, added.dialect_id);
                lines(std::iter::once(line).chain(added.made.iter().map(made_line)))
            };
            desk.tell(request, text).await
        }
    }
}

async fn set_enabled(desk: &Desk, agent: Named, is_enabled: bool) -> Result<Output, Failure> {
    let agent = agent.into();
    let request = Request::SetAgentEnabled { agent, is_enabled };
    let text = |agent: &Agent| format!("agent {} is {}", agent.agent_id, state(agent));
    desk.tell(request, text).await
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn text(view: &AgentView) -> String {
    let AgentView { agent, keys } = view;
    let head = [
        format!(
            "{}  {}  {}",
            agent.agent_id,
            escaped_line(&agent.name),
            state(agent)
        ),
        format!("speaks {}", agent.dialect_id),
    ];
    let mini_programs = agent
        .mini_programs
        .iter()
        .map(|(app_id, account)| format!("  mini program {app_id} with the secret of {account}"));
    let all = head.into_iter().chain(keys.iter().map(key_line));
    lines(
        all.chain(agent.settings.iter().map(setting_line))
            .chain(mini_programs),
    )
}
