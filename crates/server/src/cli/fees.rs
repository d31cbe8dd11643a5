//! `heliu fees`

use clap::{Args, Subcommand};
use heliu_office::fees::{FeeRow, FeesAsked, NewFees, SetFees};

use super::arguments::day;
use super::desk::{Desk, table};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What is in force and what comes: of an owner, or of all agents
    List {
        /// Whose: merchant:ID or agent:ID
        owner: Option<String>,
    },
    /// Every version of what an owner pays, those too that are over
    Show {
        /// Whose: merchant:ID or agent:ID
        owner: String,
    },
    /// Say what an owner pays for some of its payments from now or from a day on; the others' fees
    /// stay. What an agent pays is a cost: its share is the difference to what is below it
    Set(Box<Set>),
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// Whose: merchant:ID or agent:ID
    owner: String,
    /// The wallet, such as wechat
    #[arg(long)]
    wallet: String,
    /// Through this channel account; if left out, of a merchant its only one, of an agent all
    #[arg(long, value_name = "ACCOUNT")]
    channel: Option<String>,
    /// The rate, such as 0.38%
    #[arg(long)]
    rate: String,
    /// A fixed part for each payment
    #[arg(long, value_name = "YUAN")]
    fixed: Option<String>,
    /// The least fee
    #[arg(long, value_name = "YUAN")]
    min: Option<String>,
    /// The highest fee
    #[arg(long, value_name = "YUAN")]
    max: Option<String>,
    /// The least and the highest hold the rate's part only; the fixed part is added to it
    #[arg(long)]
    fixed_beyond: bool,
    /// Only for payments that are settled so soon: t1 or t0
    #[arg(long)]
    speed: Option<String>,
    /// Only for cards of this kind: debit (balances too) or credit (unknown ones too)
    #[arg(long)]
    card: Option<String>,
    /// Only from this amount on
    #[arg(long, value_name = "YUAN")]
    from_yuan: Option<String>,
    /// Only below this amount
    #[arg(long, value_name = "YUAN")]
    until_yuan: Option<String>,
    /// From the beginning of this day in Beijing on, such as 2027-01-01; at once if left out
    #[arg(long, value_name = "DATE")]
    from_date: Option<String>,
}

impl Set {
    fn read(self) -> Result<NewFees, Failure> {
        Ok(NewFees {
            owner: self.owner,
            wallet: self.wallet,
            channel_account_id: self.channel,
            rate: self.rate,
            fixed: self.fixed,
            least: self.min,
            most: self.max,
            is_fixed_beyond: self.fixed_beyond,
            speed: self.speed,
            card: self.card,
            from_yuan: self.from_yuan,
            until_yuan: self.until_yuan,
            midnight: self.from_date.as_deref().map(day).transpose()?,
        })
    }
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let asked = match command {
        Command::Set(given) => {
            let request = Request::SetFees(given.read()?);
            return desk.tell(request, set).await;
        }
        Command::List { owner } => FeesAsked {
            owner,
            with_past: false,
        },
        Command::Show { owner } => FeesAsked {
            owner: Some(owner),
            with_past: true,
        },
    };
    desk.list::<FeeRow>(Request::ListFees(asked)).await
}

fn set(done: &SetFees) -> String {
    table(&done.lines)
}
