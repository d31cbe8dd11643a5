//! `heliu books`

use clap::Subcommand;

use super::moving;
use crate::admin::{Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the invariants against the books, also beside a serving process
    Check,
    #[command(flatten)]
    Moving(moving::Command),
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Check => ask(config, Request::CheckBooks).await,
        Command::Moving(command) => moving::run(config, command).await,
    }
}
