//! `heliu orders`

use clap::Subcommand;

use crate::admin::{Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// An order's whole story: attempts, journal, notifications, exchanges
    Show {
        /// Our number, the merchant's, the channel's, or a refund's
        number: String,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Show { number } => ask(config, Request::ShowOrder { number }).await,
    }
}
