//! `heliu jobs`

use clap::Subcommand;
use heliu_office::jobs::{JobRow, JobsAsked};

use super::arguments::Time;
use super::desk::{Desk, Pages};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What is still to be done, the earliest due first
    List {
        #[command(flatten)]
        time: Time,
        /// Of this kind; several may be given
        #[arg(long = "kind")]
        kinds: Vec<String>,
        /// Of this merchant
        #[arg(long)]
        merchant: Option<String>,
        /// Only those that a worker holds
        #[arg(long)]
        held: bool,
        #[command(flatten)]
        pages: Pages,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let Command::List {
        time,
        kinds,
        merchant,
        held,
        pages,
    } = command;
    let asked = JobsAsked {
        kinds,
        due: time.between()?,
        is_held: held,
        merchant_id: merchant,
    };
    let request = |part| Request::ListJobs(asked.clone(), part);
    desk.pages::<JobRow>(pages, request).await
}
