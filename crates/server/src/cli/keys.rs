//! `heliu keys`

use clap::Subcommand;
use heliu_vault::RootKey;
use secrecy::ExposeSecret;

use super::arguments::Next;
use crate::admin::{Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a fresh root key; keep it in a file that only the service can read
    Root,
    /// Fingerprints of an owner's keys
    List {
        /// As app:DIALECT:APP, agent:DIALECT:AGENT or channel_account:ID
        owner: String,
    },
    /// Make the next version of an app's or agent's key; both hold until --retire
    Rotate {
        /// As app:DIALECT:APP or agent:DIALECT:AGENT
        owner: String,
        #[command(flatten)]
        next: Next,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Root => Ok(RootKey::generate().to_hex().expose_secret().to_owned()),
        Command::List { owner } => ask(config, Request::ListKeys { owner }).await,
        Command::Rotate { owner, next } => {
            let rotation = next.rotation()?;
            ask(config, Request::RotateKey { owner, rotation }).await
        }
    }
}
