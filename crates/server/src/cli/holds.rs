//! `heliu holds`

use clap::Subcommand;
use heliu_office::holds::{HoldEndAsked, HoldRow, HoldsAsked, NewHold};
use heliu_trade::money::yuan_text;

use super::approvals::proposed;
use super::arguments::fen;
use super::desk::{Desk, Pages};
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Hold money of an owner: what is there at once, what it misses when a bill is drafted
    Place {
        /// Whose: merchant:ID or agent:ID
        owner: String,
        /// How much, in yuan
        #[arg(long, required_unless_present = "all")]
        amount: Option<String>,
        /// Everything, also what comes later
        #[arg(long, conflicts_with = "amount")]
        all: bool,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Propose that held money is free again
    Release {
        /// Our number of the hold
        hold_no: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Propose that held money is taken for good
    Seize {
        /// Our number of the hold
        hold_no: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// The channel account that took it; without it the money waits for an explanation
        #[arg(long, value_name = "CHANNEL_ACCOUNT")]
        taken_by: Option<String>,
    },
    /// Holds, newest first
    List {
        /// In this state: active, released or seized
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let asked = match command {
        Command::Place {
            owner,
            amount,
            all: _,
            reason,
        } => {
            let request = Request::PlaceHold(NewHold {
                owner,
                amount_fen: fen(amount.as_deref())?,
                reason,
            });
            return desk.tell(request, placed).await;
        }
        Command::List { state, pages } => {
            let asked = HoldsAsked { state };
            let request = |part| Request::ListHolds(asked.clone(), part).into();
            return desk.pages::<HoldRow>(pages, request).await;
        }
        Command::Release { hold_no, reason } => HoldEndAsked {
            hold_no,
            is_seizure: false,
            taken_by: None,
            reason,
        },
        Command::Seize {
            hold_no,
            reason,
            taken_by,
        } => HoldEndAsked {
            hold_no,
            is_seizure: true,
            taken_by,
            reason,
        },
    };
    desk.tell(Request::ProposeHoldEnd(asked), proposed).await
}

fn placed(hold: &HoldRow) -> String {
    let amount = hold.amount_fen.map_or("everything".to_owned(), yuan_text);
    format!(
        "hold {} of {amount} stands; {} is frozen by it",
        hold.hold_no,
        yuan_text(hold.filled_fen)
    )
}
