//! `heliu merchants`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use heliu_office::merchants::{
    AddedApp, AppView, ChangedMerchant, MerchantChange, MerchantRow, MerchantView, MerchantsAsked,
    NewApp, NewMerchant,
};
use heliu_trade::directory::{Merchant, PartnerNumber};
use heliu_trade::fee::rate_text;

use super::arguments::{agent, pairs, secrets};
use super::contracts::Contracts;
use super::desk::{Desk, Pages, table};
use super::keys::{key_line, made_line};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Enrol a merchant with one app; keys that are not given are made and shown once
    Add {
        /// Its id here
        merchant_id: String,
        /// Its name, which payers see
        #[arg(long)]
        name: String,
        #[command(flatten)]
        app: Way,
        #[command(flatten)]
        contracts: Contracts,
        /// Its short name, which payers see instead of the full one
        #[arg(long)]
        short_name: Option<String>,
    },
    /// Give a merchant that stands a further app; keys that are not given are made and shown once
    AddApp {
        /// Its id
        merchant_id: String,
        #[command(flatten)]
        app: Way,
    },
    /// Change a merchant's names, fees and contracts, or switches and partners of one of its apps;
    /// what is not named stays
    #[command(group = clap::ArgGroup::new("change")
        .args(["name", "short_name", "settings", "partners", "fees", "contracts", "tokens",
            "priorities", "dropped"])
        .required(true).multiple(true))]
    Edit {
        /// Its id
        merchant_id: String,
        /// Its name, which payers see
        #[arg(long)]
        name: Option<String>,
        /// Its short name, which payers see instead of the full one; an empty text takes it away
        #[arg(long)]
        short_name: Option<String>,
        /// A switch as NAME=TEXT; NAME= takes it away
        #[arg(long = "setting", value_name = "NAME=TEXT")]
        settings: Vec<String>,
        /// The app's number at an institution, in place of those that it has there; INSTITUTION
        /// alone takes them away
        #[arg(long = "partner", value_name = "INSTITUTION:PARTNER_ID:APPID")]
        partners: Vec<String>,
        /// The number under which the protocol knows the app, if there are several
        #[arg(long)]
        app_id: Option<String>,
        /// The fee of a contract that stands, for orders from now on, such as wechat=0.38%
        #[arg(long = "fee", value_name = "WALLET[:ACCOUNT]=FEE")]
        fees: Vec<String>,
        #[command(flatten)]
        contracts: Contracts,
        /// Remove a contract; refused while something that was sent by it has not ended
        #[arg(long = "drop-contract", value_name = "WALLET:ACCOUNT")]
        dropped: Vec<String>,
    },
    /// Let a merchant trade again that was disabled
    Enable {
        /// Its id
        merchant_id: String,
    },
    /// Take no more orders of a merchant; queries and refunds go on
    Disable {
        /// Its id
        merchant_id: String,
    },
    /// Merchants, by id
    List {
        #[command(flatten)]
        wanted: Wanted,
        #[command(flatten)]
        pages: Pages,
    },
    /// One merchant with its apps, keys' fingerprints and contracts
    Show {
        /// Its id
        merchant_id: String,
    },
}

/// Which merchants; what is named must all hold.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// In this state: pending, enabled or disabled
    #[arg(long)]
    state: Option<String>,
    /// With an app that this agent signs for
    #[arg(long, value_name = "DIALECT:NUMBER")]
    agent: Option<String>,
    /// With a contract for this wallet; with --account, through that one
    #[arg(long)]
    wallet: Option<String>,
    /// With a contract through this account with a channel
    #[arg(long = "account")]
    channel_account_id: Option<String>,
    /// Its name has this in it, or its id or an app's number begins so
    #[arg(long)]
    name: Option<String>,
}

impl Wanted {
    fn asked(self) -> Result<MerchantsAsked, Failure> {
        Ok(MerchantsAsked {
            state: self.state,
            agent: agent(self.agent.as_deref())?,
            wallet: self.wallet,
            channel_account_id: self.channel_account_id,
            name: self.name,
        })
    }
}

/// A way in for a merchant's tills.
#[derive(Debug, Args)]
pub(super) struct Way {
    /// The protocol that its tills speak
    #[arg(long)]
    dialect: String,
    /// The number under which the protocol knows it
    #[arg(long)]
    app_id: String,
    /// A key as ROLE=@FILE, or ROLE=- for standard input, for tills that have one already
    #[arg(long = "key", value_name = "ROLE=@FILE")]
    keys: Vec<String>,
    /// The agent that brings it, by its number on the protocol; it signs where agents sign
    #[arg(long)]
    agent: Option<String>,
    /// A switch of the protocol for its app as NAME=TEXT
    #[arg(long = "setting", value_name = "NAME=TEXT")]
    settings: Vec<String>,
    /// Its number at an institution; number and app id may be empty
    #[arg(long = "partner", value_name = "INSTITUTION:PARTNER_ID:APPID")]
    partners: Vec<String>,
}

impl Way {
    fn app(self) -> Result<NewApp, Failure> {
        Ok(NewApp {
            dialect: self.dialect,
            app_id: self.app_id,
            agent_id: self.agent,
            partners: all(&self.partners, partner)?,
            settings: pairs(&self.settings)?,
            keys: secrets("key", &self.keys)?,
        })
    }
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { wanted, pages } => {
            let asked = wanted.asked()?;
            let request = |part| Request::ListMerchants(asked.clone(), part);
            desk.pages::<MerchantRow>(pages, request).await
        }
        Command::Show { merchant_id } => {
            desk.show(Request::ShowMerchant { merchant_id }, text).await
        }
        Command::Add {
            merchant_id,
            name,
            app,
            contracts,
            short_name,
        } => {
            let given = contracts.read()?;
            let request = Request::AddMerchant(NewMerchant {
                merchant_id,
                name,
                short_name,
                app: app.app()?,
                contracts: given.contracts,
                tokens: given.tokens,
                priorities: given.priorities,
            });
            desk.tell(request, added).await
        }
        Command::AddApp { merchant_id, app } => {
            let app = app.app()?;
            let request = Request::AddApp { merchant_id, app };
            desk.tell(request, added).await
        }
        Command::Edit {
            merchant_id,
            name,
            short_name,
            settings,
            partners,
            app_id,
            fees,
            contracts,
            dropped,
        } => {
            let given = contracts.read()?;
            let request = Request::SetMerchant(MerchantChange {
                merchant_id,
                app_id,
                name,
                short_name,
                settings: pairs(&settings)?,
                partners: of_institutions(&partners)?,
                fees: pairs(&fees)?,
                contracts: given.contracts,
                tokens: given.tokens,
                priorities: given.priorities,
                dropped,
            });
            desk.tell(request, changed).await
        }
        Command::Enable { merchant_id } => {
            let text = |merchant: &Merchant| format!("merchant {} may trade", merchant.merchant_id);
            desk.tell(Request::EnableMerchant { merchant_id }, text)
                .await
        }
        Command::Disable { merchant_id } => {
            let text = |merchant: &Merchant| {
                format!(
                    "merchant {} takes no more orders; queries and refunds go on",
                    merchant.merchant_id
                )
            };
            desk.tell(Request::DisableMerchant { merchant_id }, text)
                .await
        }
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn added(added: &AddedApp) -> String {
    let AddedApp {
        merchant_id,
        dialect_id,
        app_id,
        made,
    } = added;
    let line = format!("merchant {merchant_id} with {dialect_id} app {app_id}");
    lines(std::iter::once(line).chain(made.iter().map(made_line)))
}

fn changed(done: &ChangedMerchant) -> String {
    let mut lines = vec![merchant_line(&done.merchant)];
    if let Some(app) = &done.app {
        lines.push(format!(
            "app {} of merchant {}",
            app.app_id, app.merchant_id
        ));
        lines.extend(app.partners.iter().map(partner_line));
        lines.extend(app.settings.iter().map(setting_line));
    }
    lines.extend(done.contracts.iter().map(|contract| {
        let fee = rate_text(contract.fee.base.rate_ppm);
        let account = &contract.channel_account_id;
        format!(
            "{} costs {fee} through {account} from now on",
            contract.wallet.as_str()
        )
    }));
    lines.extend(done.dropped.iter().map(|key| {
        let (wallet, account) = (key.wallet.as_str(), &key.channel_account_id);
        format!("no {wallet} through {account} any more")
    }));
    lines.join("\n")
}

fn merchant_line(merchant: &Merchant) -> String {
    let (id, state) = (&merchant.merchant_id, merchant.state.as_str());
    format!("{id}  {}  {state}", escaped_line(&merchant.name))
}

fn partner_line(partner: &PartnerNumber) -> String {
    let PartnerNumber {
        institution,
        partner_id,
        app_id,
    } = partner;
    format!("  at {institution}  {partner_id}  {app_id}")
}

/// A switch, or a setting.
pub(super) fn setting_line((name, word): (&String, &String)) -> String {
    format!("  {name} = {word}")
}

fn text(view: &MerchantView) -> String {
    let merchant = &view.merchant;
    let mut lines = vec![merchant_line(merchant)];
    if !merchant.short_name.is_empty() {
        let name = escaped_line(&merchant.short_name);
        lines.push(format!("payers see {name}"));
    }
    for AppView { app, keys } in &view.apps {
        let agent_id = app.agent_id.as_ref();
        // Who signs for an app has the keys that it has not.
        let how = if keys.is_empty() {
            "signed for"
        } else {
            "brought"
        };
        let signer = agent_id.map(|agent_id| format!(", {how} by agent {agent_id}"));
        lines.push(format!(
            "app {} speaks {}{}",
            app.app_id,
            app.dialect_id,
            signer.unwrap_or_default()
        ));
        lines.extend(app.partners.iter().map(partner_line));
        lines.extend(app.settings.iter().map(setting_line));
        lines.extend(keys.iter().map(key_line));
    }
    lines.push(table(&view.contracts));
    lines.push(table(&view.fees));
    lines.join("\n")
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

/// Numbers by institution; one that stands alone has none any more.
fn of_institutions(texts: &[String]) -> Result<BTreeMap<String, Vec<PartnerNumber>>, Failure> {
    let mut partners: BTreeMap<String, Vec<PartnerNumber>> = BTreeMap::new();
    for text in texts {
        if text.contains(':') {
            let partner = partner(text)?;
            let institution = partner.institution.clone();
            partners.entry(institution).or_default().push(partner);
        } else {
            partners.entry(text.clone()).or_default();
        }
    }
    Ok(partners)
}
