//! `heliu rates`

use clap::Subcommand;
use heliu_office::rates::RateRow;

use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set the rate for orders from now on; orders in flight keep theirs
    Set {
        /// The currency, such as THB
        currency: String,
        /// CNY for one unit, such as 0.2028
        rate: String,
        /// The rate is units for one CNY instead
        #[arg(long)]
        divides: bool,
    },
    /// Take no more orders in this currency
    Remove {
        /// The currency
        currency: String,
    },
    /// All rates
    List,
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List => desk.list::<RateRow>(Request::ListRates).await,
        Command::Set {
            currency,
            rate,
            divides,
        } => {
            let request = Request::SetRate {
                currency,
                rate,
                divides,
            };
            let text = |row: &RateRow| format!("{} {}", row.currency, row.rate);
            desk.tell(request, text).await
        }
        Command::Remove { currency } => {
            let text = |currency: &String| format!("{currency} has no rate any more");
            desk.tell(Request::RemoveRate { currency }, text).await
        }
    }
}
