//! `heliu merchants`

use std::collections::BTreeMap;

use clap::Subcommand;
use heliu_trade::fee::FeeTerms;

use crate::admin::{NewContract, NewMerchant, Request, ask};

use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Enrol a merchant with one app; keys that are not given are made and shown once
    Add {
        /// Its id here
        merchant_id: String,
        /// Its name, which payers see
        #[arg(long)]
        name: String,
        /// The protocol that its tills speak
        #[arg(long)]
        dialect: String,
        /// The number under which the protocol knows it
        #[arg(long)]
        app_id: String,
        /// A key as ROLE=TEXT, for tills that have one already
        #[arg(long = "key", value_name = "ROLE=TEXT")]
        keys: Vec<String>,
        /// A contract as WALLET=CHANNEL_ACCOUNT:FEE_PPM:SUB_MERCHANT
        #[arg(long = "contract", value_name = "WALLET=ACCOUNT:FEE_PPM:SUB_MERCHANT")]
        contracts: Vec<String>,
    },
    /// All merchants
    List,
    /// One merchant with its apps, keys' fingerprints and contracts
    Show {
        /// Its id
        merchant_id: String,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    let request = match command {
        Command::List => Request::ListMerchants,
        Command::Show { merchant_id } => Request::ShowMerchant { merchant_id },
        Command::Add {
            merchant_id,
            name,
            dialect,
            app_id,
            keys,
            contracts,
        } => {
            let contracts = contracts
                .iter()
                .map(|text| contract(text))
                .collect::<Result<_, _>>()?;
            Request::AddMerchant(NewMerchant {
                merchant_id,
                name,
                dialect,
                app_id,
                keys: pairs(&keys)?,
                contracts,
            })
        }
    };
    ask(config, request).await
}

/// `NAME=TEXT` arguments; `@FILE` reads the text from a file.
pub(super) fn pairs(arguments: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for argument in arguments {
        let (name, text) = argument
            .split_once('=')
            .ok_or_else(|| Failure::new(format!("{argument} is not of the form NAME=TEXT")))?;
        let text = match text.strip_prefix('@') {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|cause| Failure::new(format!("{path} cannot be read: {cause}")))?
                .trim_end()
                .to_owned(),
            None => text.to_owned(),
        };
        pairs.insert(name.to_owned(), text);
    }
    Ok(pairs)
}

fn contract(text: &str) -> Result<NewContract, Failure> {
    let malformed = || {
        Failure::new(format!(
            "{text} is not WALLET=CHANNEL_ACCOUNT:FEE_PPM:SUB_MERCHANT"
        ))
    };
    let (wallet, rest) = text.split_once('=').ok_or_else(malformed)?;
    let mut parts = rest.splitn(3, ':');
    let account = parts.next().ok_or_else(malformed)?;
    let rate_ppm = parts
        .next()
        .and_then(|ppm| ppm.parse().ok())
        .ok_or_else(malformed)?;
    let sub_merchant_id = parts.next().ok_or_else(malformed)?;
    Ok(NewContract {
        wallet: wallet.to_owned(),
        channel_account_id: account.to_owned(),
        sub_merchant_id: sub_merchant_id.to_owned(),
        fee: FeeTerms {
            rate_ppm,
            ..FeeTerms::default()
        },
    })
}
