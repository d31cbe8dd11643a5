//! `heliu notifications`

use clap::Subcommand;

use crate::admin::{Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Notifications, newest first
    List {
        /// Only those that are due, acknowledged or given_up
        #[arg(long)]
        state: Option<String>,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Deliver one anew, whatever became of it
    Resend {
        /// Its number
        number: String,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    let request = match command {
        Command::List { state, limit } => Request::ListNotifications { state, limit },
        Command::Resend { number } => Request::ResendNotification { number },
    };
    ask(config, request).await
}
