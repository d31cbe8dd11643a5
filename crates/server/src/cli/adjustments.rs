//! `heliu adjustments`

use clap::Subcommand;
use heliu_office::adjustments::{AdjustmentRow, NewAdjustment};
use heliu_trade::money::parse_yuan;

use super::approvals::proposed;
use super::desk::{Desk, Pages};
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Propose to put an owner's balance right
    Propose {
        /// Whose: merchant:ID or agent:ID
        owner: String,
        /// What the owner is given, in yuan; with a minus it pays
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// Why, and what shows it
        #[arg(long)]
        evidence: String,
    },
    /// Adjustments that were booked, newest first
    List {
        #[command(flatten)]
        pages: Pages,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Propose {
            owner,
            amount,
            evidence,
        } => {
            let request = Request::ProposeAdjustment(NewAdjustment {
                owner,
                amount_fen: signed_fen(&amount)?,
                evidence,
            });
            desk.tell(request, proposed).await
        }
        Command::List { pages } => {
            let request = |part| Request::ListAdjustments(part).into();
            desk.pages::<AdjustmentRow>(pages, request).await
        }
    }
}

fn signed_fen(yuan: &str) -> Result<i64, Failure> {
    let (sign, size) = yuan.strip_prefix('-').map_or((1, yuan), |size| (-1, size));
    let fen = parse_yuan(size).map(|fen| sign * fen);
    fen.ok_or_else(|| {
        Failure::new(format!(
            "{yuan} is no amount in yuan, such as 12.30 or -1.00"
        ))
    })
}
