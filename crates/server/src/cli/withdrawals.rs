//! `heliu withdrawals`

use clap::Subcommand;
use heliu_office::withdrawals::{WithdrawalRow, WithdrawalsAsked};
use heliu_trade::money::parse_yuan;

use super::desk::{Desk, Pages};
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Ask for money that an owner may withdraw; the next drafting puts it on a bill
    Ask {
        /// Whose: merchant:ID or agent:ID
        owner: String,
        /// How much, in yuan
        #[arg(long)]
        amount: String,
    },
    /// Withdrawals, newest first
    List {
        /// In this state: asked or billed
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Ask { owner, amount } => {
            let unread = || Failure::new(format!("{amount} is no amount in yuan, such as 12.30"));
            let request = Request::AskWithdrawal {
                amount_fen: parse_yuan(&amount).ok_or_else(unread)?,
                owner,
            };
            desk.tell(request, |no: &String| {
                format!("withdrawal {no} waits for the next bill")
            })
            .await
        }
        Command::List { state, pages } => {
            let asked = WithdrawalsAsked { state };
            let request = |part| Request::ListWithdrawals(asked.clone(), part).into();
            desk.pages::<WithdrawalRow>(pages, request).await
        }
    }
}
