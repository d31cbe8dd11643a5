//! `heliu clock`

use clap::Subcommand;
use heliu_trade::time::Timestamp;

use super::arguments::instant;
use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What the platform's clock says
    Show,
    /// Move a sandbox's clock forward: what is due until then is done
    Move {
        /// To when: 2026-11-30, \"2026-11-30 08:00:00\" (both Beijing time) or RFC 3339
        at: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let request = match command {
        Command::Show => Request::ShowClock,
        Command::Move { at } => Request::MoveClock { at: instant(&at)? },
    };
    desk.tell(request, Timestamp::to_string).await
}
