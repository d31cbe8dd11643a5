//! `heliu agents`

use clap::{Args, Subcommand};

use super::arguments::{Next, pairs, secrets};
use crate::admin::{AgentName, NewAgent, Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write an agent whose keys sign for its merchants; keys that are not given are made and shown once
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
        /// A switch of the protocol as NAME=TEXT; new_merchant_state is pending, enabled or disabled
        #[arg(long = "setting", value_name = "NAME=TEXT")]
        settings: Vec<String>,
        /// A mini program and the channel account that holds its secret
        #[arg(long = "mini-program", value_name = "APPID=CHANNEL_ACCOUNT")]
        mini_programs: Vec<String>,
    },
    /// All agents
    List,
    /// One agent with its keys' fingerprints and settings
    Show(Named),
    /// Change switches of the protocol for it; those that are not named stay
    Set {
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
    let only = heliu_dialects::find(dialect).map(|dialect| dialect.descriptor().key_roles);
    if let Some([role]) = only {
        for argument in &mut arguments {
            if !argument.starts_with(&format!("{role}=")) {
                *argument = format!("{role}={argument}");
            }
        }
    }
    Ok(arguments)
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    let request = match command {
        Command::List => Request::ListAgents,
        Command::Show(agent) => Request::ShowAgent(agent.into()),
        Command::Set { agent, settings } => Request::SetAgent {
            agent: agent.into(),
            settings: pairs(&settings)?,
        },
        Command::RotateKey { agent, next } => Request::RotateAgentKey {
            agent: agent.into(),
            rotation: next.rotation()?,
        },
        Command::Enable(agent) => Request::SetAgentEnabled {
            agent: agent.into(),
            is_enabled: true,
        },
        Command::Disable(agent) => Request::SetAgentEnabled {
            agent: agent.into(),
            is_enabled: false,
        },
        Command::Add {
            agent_id,
            dialect,
            name,
            keys: given,
            settings,
            mini_programs,
        } => Request::AddAgent(NewAgent {
            agent_id,
            keys: secrets("key", &keys(&dialect, given)?)?,
            dialect,
            name,
            settings: pairs(&settings)?,
            mini_programs: pairs(&mini_programs)?,
        }),
    };
    ask(config, request).await
}
