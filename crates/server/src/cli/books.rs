//! `heliu books`

use clap::Subcommand;

use super::desk::Desk;
use super::moving;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the invariants against the books, also beside a serving process
    Check,
    #[command(flatten)]
    Moving(moving::Command),
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Check => desk.tell(Request::CheckBooks, crate::moving::sound).await,
        Command::Moving(command) => moving::run(&desk.config, command).await.map(Output::from),
    }
}
