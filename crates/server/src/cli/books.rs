//! `heliu books`

use clap::Subcommand;
use heliu_office::books::{AccountRow, BookAsked, EntryRow};

use super::arguments::day;
use super::desk::{Desk, Pages};
use super::moving;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the invariants against the books, also beside a serving process
    Check,
    /// The accounts of an owner: debits, credits, and what stands on each (above zero debits)
    Show {
        /// Whose: merchant:ID, agent:ID or platform
        owner: String,
        /// At the end of this day in Beijing, with its debits and credits, such as 2026-11-29
        #[arg(long)]
        date: Option<String>,
        /// Only this account
        #[arg(long)]
        account: Option<String>,
        /// The entries behind each figure, line by line
        #[arg(long)]
        entries: bool,
        #[command(flatten)]
        pages: Pages,
    },
    #[command(flatten)]
    Moving(moving::Command),
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Check => desk.tell(Request::CheckBooks, crate::moving::sound).await,
        Command::Show {
            owner,
            date,
            account,
            entries,
            pages,
        } => {
            let asked = BookAsked {
                owner,
                account,
                midnight: date.as_deref().map(day).transpose()?,
            };
            if !entries {
                return desk.list::<AccountRow>(Request::ShowBook(asked)).await;
            }
            let request = |part| Request::ListJournal(asked.clone(), part);
            desk.pages::<EntryRow>(pages, request).await
        }
        Command::Moving(command) => moving::run(&desk.config, command).await.map(Output::from),
    }
}
