//! `heliu rates`

use clap::Subcommand;

use crate::admin::{Request, ask};
use crate::config::Config;
use crate::failure::Failure;

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

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    let request = match command {
        Command::Set {
            currency,
            rate,
            divides,
        } => Request::SetRate {
            currency,
            rate: Some(rate),
            divides,
        },
        Command::Remove { currency } => Request::SetRate {
            currency,
            rate: None,
            divides: false,
        },
        Command::List => Request::ListRates,
    };
    ask(config, request).await
}
