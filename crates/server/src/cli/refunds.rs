//! `heliu refunds`

use clap::Subcommand;
use heliu_office::refunds::{RefundRow, RefundsAsked};

use super::arguments::{agent, fen};
use super::desk::{Desk, Pages};
use super::orders::Wanted;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Refunds, newest first
    List {
        #[command(flatten)]
        wanted: Wanted,
        #[command(flatten)]
        pages: Pages,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let Command::List { wanted, pages } = command;
    let asked = RefundsAsked {
        created: wanted.time.between()?,
        merchant_id: wanted.merchant,
        agent: agent(wanted.agent.as_deref())?,
        states: wanted.states,
        wallet: wanted.wallet,
        channel_account_id: wanted.channel_account_id,
        payable_fen_min: fen(wanted.min.as_deref())?,
        payable_fen_max: fen(wanted.max.as_deref())?,
        number: wanted.number,
    };
    let request = |part| Request::ListRefunds(asked.clone(), part);
    desk.pages::<RefundRow>(pages, request).await
}
