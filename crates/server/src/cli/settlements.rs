//! `heliu settlements`

use clap::Subcommand;
use heliu_office::settlements::{SettlementRow, SettlementView, SettlementsAsked};

use super::desk::{Desk, Pages, table};
use crate::admin::PayoutRequest as Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What trade dates owe owners, newest first
    List {
        /// In this state: open, closed or paid_out
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// One settlement: its sums and what happened
    Show {
        /// Our number of it
        settlement_no: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { state, pages } => {
            let asked = SettlementsAsked { state };
            let request = |part| Request::ListSettlements(asked.clone(), part).into();
            desk.pages::<SettlementRow>(pages, request).await
        }
        Command::Show { settlement_no } => {
            let request = Request::ShowSettlement { settlement_no };
            desk.show(request, text).await
        }
    }
}

fn text(view: &SettlementView) -> String {
    let SettlementView {
        settlement,
        timeline,
    } = view;
    [table(std::slice::from_ref(settlement)), table(timeline)].join("\n")
}
