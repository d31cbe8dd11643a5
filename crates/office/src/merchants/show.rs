//! The list of merchants, and one of them.

use heliu_ports::keys::KeyOwner;
use heliu_ports::lists::MerchantFilter;
use heliu_ports::store::Enrolment;
use heliu_trade::directory::{App, Contract, Merchant, MerchantState};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{ChannelAccountId, MerchantId};
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use super::standing::must_find;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::fees::{self, FeeRow, VersionState};
use crate::keys::{KeyRow, rows_of};
use crate::orders::{agent_key, wallet};
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::{Cell, Column};

/// Which merchants, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MerchantsAsked {
    /// In this state.
    pub state: Option<String>,
    /// With an app that this agent signs for, as dialect and number.
    pub agent: Option<(String, String)>,
    /// With a contract for this wallet.
    pub wallet: Option<String>,
    /// With a contract through this account.
    pub channel_account_id: Option<String>,
    /// Its name has this in it, or its id or an app's number begins so.
    pub name: Option<String>,
}

/// A merchant in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantRow {
    /// Its id here.
    pub merchant_id: MerchantId,
    /// Its name.
    pub name: String,
    /// Whether it may trade.
    pub state: MerchantState,
    /// Its apps as `DIALECT:NUMBER`.
    pub apps: Vec<String>,
    /// The wallets that it takes.
    pub wallets: Vec<String>,
}

/// A merchant, shown by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantView {
    /// The merchant.
    pub merchant: Merchant,
    /// Its apps.
    pub apps: Vec<AppView>,
    /// Its contracts.
    pub contracts: Vec<ContractRow>,
    /// What it was and is asked for, by contract and version; of dropped contracts too.
    pub fees: Vec<FeeRow>,
}

/// An app and what is known of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// The app.
    pub app: App,
    /// Its keys.
    pub keys: Vec<KeyRow>,
}

/// A contract and what is known of its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRow {
    /// The contract.
    pub contract: Contract,
    /// The fee that is in force, as people read it.
    pub fee: String,
    /// Fingerprints of its tokens.
    pub fingerprints: Vec<String>,
}

/// Merchants, by id.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: MerchantsAsked,
    part: Part,
) -> Result<Paged<MerchantRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let state = asked.state.as_ref();
    let filter = MerchantFilter {
        state: words.one("state", state, MerchantState::ALL, MerchantState::as_str),
        agent: asked.agent.map(agent_key),
        wallet: wallet(&mut words, asked.wallet.as_ref()),
        channel_account_id: asked.channel_account_id.map(ChannelAccountId::from),
        text: asked.name,
    };
    words.end()?;
    let listed = office.store().page_merchants(filter, part.into()).await?;
    Ok(Paged::of(listed, MerchantRow::from))
}

impl From<Enrolment> for MerchantRow {
    fn from(enrolment: Enrolment) -> Self {
        let apps = enrolment.apps.iter();
        let wallets = enrolment.contracts.iter();
        let mut wallets: Vec<_> = wallets
            .map(|contract| contract.wallet.as_str().to_owned())
            .collect();
        wallets.dedup();
        Self {
            apps: apps
                .map(|app| format!("{}:{}", app.dialect_id, app.app_id))
                .collect(),
            wallets,
            merchant_id: enrolment.merchant.merchant_id,
            name: enrolment.merchant.name,
            state: enrolment.merchant.state,
        }
    }
}

/// One merchant with its apps, keys' fingerprints and contracts.
///
/// # Errors
/// There is none, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    merchant_id: &str,
) -> Result<MerchantView, OfficeError> {
    actor.check(Permission::See)?;
    let standing = must_find(office, &MerchantId::from(merchant_id)).await?;
    let mut apps = Vec::new();
    for app in standing.apps {
        let owner = KeyOwner::App(app.dialect_id.clone(), app.app_id.clone());
        let keys = rows_of(&office.store().list_keys(owner.name()).await?);
        apps.push(AppView { app, keys });
    }
    let owner = Owner::Merchant(standing.merchant.merchant_id.clone());
    let versions = office.store().list_fees(owner).await?;
    let fees = fees::rows_of(&versions, office.engine().clock().now());
    let mut contracts = Vec::new();
    for contract in standing.contracts {
        let owner = KeyOwner::of_contract(&contract).name();
        let keys = office.store().list_keys(owner).await?;
        contracts.push(ContractRow {
            fee: in_force(&fees, &contract),
            fingerprints: keys.into_iter().map(|key| key.fingerprint).collect(),
            contract,
        });
    }
    Ok(MerchantView {
        fees,
        merchant: standing.merchant,
        apps,
        contracts,
    })
}

/// What a contract's payments cost that no line is for.
fn in_force(fees: &[FeeRow], contract: &Contract) -> String {
    let account = Some(&contract.channel_account_id);
    let mut fees = fees.iter();
    let found = fees.find(|row| {
        row.is_base()
            && row.state == VersionState::InForce
            && row.wallet == contract.wallet
            && row.channel_account_id.as_ref() == account
    });
    found.map(|row| row.fee.clone()).unwrap_or_default()
}

impl Row for MerchantRow {
    const COLUMNS: &'static [Column] = &["merchant", "name", "state", "apps", "wallets"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.merchant_id.as_str()),
            Cell::text(self.name.as_str()),
            Cell::text(self.state.as_str()),
            Cell::text(self.apps.join(" ")),
            Cell::text(self.wallets.join(" ")),
        ]
    }
}

impl Row for ContractRow {
    const COLUMNS: &'static [Column] = &[
        "wallet",
        "priority",
        "channel_account",
        "sub_merchant",
        "app_id",
        "fee",
        "token_fingerprint",
    ];

    fn cells(&self) -> Vec<Cell> {
        let contract = &self.contract;
        let app_id = contract.sub_app_id.as_deref();
        vec![
            Cell::text(contract.wallet.as_str()),
            Cell::Count(i64::from(contract.routing.priority)),
            Cell::text(contract.channel_account_id.as_str()),
            Cell::number(&contract.sub_merchant_id),
            app_id.map_or(Cell::Empty, Cell::text),
            Cell::text(self.fee.as_str()),
            Cell::text(self.fingerprints.join(" ")),
        ]
    }
}

impl MerchantView {
    /// What a contract's facts begin with: its wallet, and behind it a number from 2 on for those
    /// that are not taken first.
    fn name_of(&self, index: usize, wallet: WalletKind) -> String {
        let before = self.contracts.iter().take(index);
        match before.filter(|row| row.contract.wallet == wallet).count() {
            0 => wallet.as_str().to_owned(),
            before => format!("{}_{}", wallet.as_str(), before.saturating_add(1)),
        }
    }
}

impl Facts for MerchantView {
    fn facts(&self) -> Vec<Fact> {
        let merchant = &self.merchant;
        let mut facts = vec![
            Fact::new("merchant", Cell::text(merchant.merchant_id.as_str())),
            Fact::new("name", Cell::text(merchant.name.as_str())),
            Fact::new("short_name", Cell::text(merchant.short_name.as_str())),
            Fact::new("state", Cell::text(merchant.state.as_str())),
        ];
        for AppView { app, keys } in &self.apps {
            let name = format!("app_{}", app.dialect_id);
            facts.push(Fact::new(name, Cell::number(&app.app_id)));
            facts.extend(keys.iter().map(|key| {
                let name = format!("{}_key_{}_fingerprint", key.role, key.version);
                Fact::new(name, Cell::text(key.fingerprint.as_str()))
            }));
        }
        for (index, row) in self.contracts.iter().enumerate() {
            let wallet = self.name_of(index, row.contract.wallet);
            let number = Cell::number(&row.contract.sub_merchant_id);
            let account = row.contract.channel_account_id.as_str();
            facts.push(Fact::new(format!("{wallet}_account"), Cell::text(account)));
            facts.push(Fact::new(
                format!("{wallet}_priority"),
                Cell::Count(i64::from(row.contract.routing.priority)),
            ));
            facts.push(Fact::new(format!("{wallet}_sub_merchant"), number));
            facts.push(Fact::new(
                format!("{wallet}_fee"),
                Cell::text(row.fee.as_str()),
            ));
        }
        facts.extend(self.fees.iter().flat_map(FeeRow::facts));
        facts
    }
}
