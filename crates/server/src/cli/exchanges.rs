//! `heliu exchanges`

use clap::Subcommand;

use crate::admin::{Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What a merchant sent and was answered
    Show {
        /// The X-Request-Id of the answer
        request_id: String,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Show { request_id } => ask(config, Request::ShowExchange { request_id }).await,
    }
}
