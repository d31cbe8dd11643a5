//! `heliu notifications`

use clap::Subcommand;
use heliu_office::notifications::{NoticeRow, NoticesAsked, Recovered};

use super::arguments::{Time, instant};
use super::desk::{Desk, Pages};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Notifications, newest first
    List {
        #[command(flatten)]
        time: Time,
        /// Of this merchant
        #[arg(long)]
        merchant: Option<String>,
        /// Only those that are due, acknowledged or given_up; several may be given
        #[arg(long = "state")]
        states: Vec<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Deliver anew what was written since an instant and has been tried in vain
    Recover {
        /// A date or an instant, Beijing time unless it says otherwise
        #[arg(long)]
        since: String,
    },
    /// Deliver one anew, whatever became of it
    Resend {
        /// Its number
        number: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List {
            time,
            merchant,
            states,
            pages,
        } => {
            let asked = NoticesAsked {
                created: time.between()?,
                merchant_id: merchant,
                states,
            };
            let request = |part| Request::ListNotifications(asked.clone(), part);
            desk.pages::<NoticeRow>(pages, request).await
        }
        Command::Recover { since } => {
            let since = instant(&since)?;
            let text =
                |done: &Recovered| format!("{} notifications are due again", done.notifications);
            desk.tell(Request::RecoverNotifications { since }, text)
                .await
        }
        Command::Resend { number } => {
            let text = |number: &String| format!("notification {number} is due again");
            desk.tell(Request::ResendNotification { number }, text)
                .await
        }
    }
}
