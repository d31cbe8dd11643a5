//! `heliu merchants`

use clap::Subcommand;
use heliu_trade::directory::PartnerNumber;
use heliu_trade::fee::FeeTerms;

use super::arguments::{pairs, secrets};
use crate::admin::{AppName, NewContract, NewMerchant, Request, ask};
use crate::config::Config;
use crate::failure::Failure;

/// The form of a contract.
const CONTRACT: &str = "WALLET=ACCOUNT:FEE_PPM:SUB_MERCHANT[@SUB_APPID]";
/// The form of a token.
const TOKEN: &str = "WALLET=@FILE";

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
        /// A key as ROLE=@FILE, or ROLE=- for standard input, for tills that have one already
        #[arg(long = "key", value_name = "ROLE=@FILE")]
        keys: Vec<String>,
        /// A contract as WALLET=CHANNEL_ACCOUNT:FEE_PPM:SUB_MERCHANT, with @ and the merchant's own app id
        /// behind it if it has one
        #[arg(long = "contract", value_name = CONTRACT)]
        contracts: Vec<String>,
        /// The token by which it lets us act for it, for contracts whose channel wants one, as WALLET=@FILE
        #[arg(long = "token", value_name = TOKEN)]
        tokens: Vec<String>,
        /// Its short name, which payers see instead of the full one
        #[arg(long)]
        short_name: Option<String>,
        /// The agent whose keys sign for it, on protocols where agents sign
        #[arg(long)]
        agent: Option<String>,
        /// A switch of the protocol for its app as NAME=TEXT
        #[arg(long = "setting", value_name = "NAME=TEXT")]
        settings: Vec<String>,
        /// Its number at an institution; number and app id may be empty
        #[arg(long = "partner", value_name = "INSTITUTION:PARTNER_ID:APPID")]
        partners: Vec<String>,
    },
    /// Change switches of the protocol for one of its apps; those that are not named stay
    Set {
        /// Its id
        merchant_id: String,
        /// A switch as NAME=TEXT; NAME= takes it away
        #[arg(long = "setting", value_name = "NAME=TEXT", required = true)]
        settings: Vec<String>,
        /// The number under which the protocol knows the app, if there are several
        #[arg(long)]
        app_id: Option<String>,
    },
    /// Let a merchant trade that was registered or disabled
    Activate {
        /// Its id
        merchant_id: String,
        /// A contract that it gets, as in `merchants add`
        #[arg(long = "contract", value_name = CONTRACT)]
        contracts: Vec<String>,
        /// A token, as in `merchants add`; also a new one for a contract that stands
        #[arg(long = "token", value_name = TOKEN)]
        tokens: Vec<String>,
    },
    /// Take no more orders of a merchant; queries and refunds go on
    Disable {
        /// Its id
        merchant_id: String,
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
            tokens,
            short_name,
            agent,
            settings,
            partners,
        } => Request::AddMerchant(NewMerchant {
            merchant_id,
            name,
            short_name,
            dialect,
            app_id,
            agent_id: agent,
            partners: all(&partners, partner)?,
            settings: pairs(&settings)?,
            keys: secrets("key", &keys)?,
            contracts: all(&contracts, contract)?,
            tokens: secrets("token", &tokens)?,
        }),
        Command::Set {
            merchant_id,
            settings,
            app_id,
        } => Request::SetApp {
            app: AppName {
                merchant_id,
                app_id,
            },
            settings: pairs(&settings)?,
        },
        Command::Activate {
            merchant_id,
            contracts,
            tokens,
        } => Request::ActivateMerchant {
            merchant_id,
            contracts: all(&contracts, contract)?,
            tokens: secrets("token", &tokens)?,
        },
        Command::Disable { merchant_id } => Request::DisableMerchant { merchant_id },
    };
    ask(config, request).await
}

fn all<T>(texts: &[String], read: impl Fn(&str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    texts.iter().map(|text| read(text)).collect()
}

fn partner(text: &str) -> Result<PartnerNumber, Failure> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(institution), Some(partner_id), Some(app_id)) if !institution.is_empty() => {
            Ok(PartnerNumber {
                institution: institution.to_owned(),
                partner_id: partner_id.to_owned(),
                app_id: app_id.to_owned(),
            })
        }
        _ => Err(Failure::new(format!(
            "{text} is not INSTITUTION:PARTNER_ID:APPID"
        ))),
    }
}

fn contract(text: &str) -> Result<NewContract, Failure> {
    let malformed = || Failure::new(format!("{text} is not {CONTRACT}"));
    let (wallet, rest) = text.split_once('=').ok_or_else(malformed)?;
    let mut parts = rest.splitn(3, ':');
    let account = parts.next().ok_or_else(malformed)?;
    let rate_ppm = parts
        .next()
        .and_then(|ppm| ppm.parse().ok())
        .ok_or_else(malformed)?;
    let rest = parts.next().ok_or_else(malformed)?;
    let (sub_merchant_id, sub_app_id) = match rest.rsplit_once('@') {
        Some((sub_merchant_id, sub_app_id)) => (sub_merchant_id, Some(sub_app_id.to_owned())),
        None => (rest, None),
    };
    Ok(NewContract {
        wallet: wallet.to_owned(),
        channel_account_id: account.to_owned(),
        sub_merchant_id: sub_merchant_id.to_owned(),
        sub_app_id,
        fee: FeeTerms {
            rate_ppm,
            ..FeeTerms::default()
        },
    })
}
