//! `heliu notifications`

use clap::Subcommand;
use heliu_office::notifications::NoticeRow;

use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

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

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { state, limit } => {
            let request = Request::ListNotifications { state, limit };
            desk.list::<NoticeRow>(request).await
        }
        Command::Resend { number } => {
            let text = |number: &String| format!("notification {number} is due again");
            desk.tell(Request::ResendNotification { number }, text)
                .await
        }
    }
}
