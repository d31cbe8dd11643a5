//! `heliu report`

use clap::Subcommand;
use heliu_office::report::DayRow;

use super::arguments::day;
use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Takings, refunds and fees that were booked on a day, by merchant, wallet and account
    Day {
        /// The day in Beijing, such as 2026-11-29
        date: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let Command::Day { date } = command;
    let midnight = day(&date)?;
    desk.list::<DayRow>(Request::ReportDay { midnight }).await
}
