//! `heliu terms`

use clap::Subcommand;
use heliu_office::terms::{NewTerms, TermsRow};

use super::approvals::proposed;
use super::arguments::fen;
use super::desk::Desk;
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// How an owner is settled, and was
    Show {
        /// Whose: merchant:ID or agent:ID
        owner: String,
    },
    /// Propose how an owner is settled from a day on; what is not named stays
    Propose {
        /// Whose: merchant:ID or agent:ID
        owner: String,
        /// The first trade date, such as 2026-11-29; tomorrow without it
        #[arg(long)]
        from: Option<String>,
        /// When money is paid out: D0 (the same day), D1 (the next day), T1 (the next working day)
        /// or manual (when the owner asks)
        #[arg(long)]
        cycle: Option<String>,
        /// Less than so many yuan is not paid out, but taken along
        #[arg(long)]
        minimum: Option<String>,
        /// What a payout costs the owner, in yuan
        #[arg(long)]
        payout_fee: Option<String>,
        /// Which part of a payout is kept back, in parts per million
        #[arg(long)]
        reserve_ppm: Option<u32>,
        /// For how many days it is kept back
        #[arg(long)]
        reserve_days: Option<u32>,
        /// How much the owner may owe by refunds, in yuan
        #[arg(long)]
        debt_limit: Option<String>,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Show { owner } => desk.list::<TermsRow>(Request::ShowTerms { owner }).await,
        Command::Propose {
            owner,
            from,
            cycle,
            minimum,
            payout_fee,
            reserve_ppm,
            reserve_days,
            debt_limit,
        } => {
            let request = Request::ProposeTerms(NewTerms {
                owner,
                from,
                cycle,
                minimum_fen: fen(minimum.as_deref())?,
                payout_fee_fen: fen(payout_fee.as_deref())?,
                reserve_ppm,
                reserve_days,
                debt_limit_fen: fen(debt_limit.as_deref())?,
            });
            desk.tell(request, proposed).await
        }
    }
}
