//! Merchants that stand are changed: their names, switches, partners, fees and contracts.

use std::collections::BTreeMap;

use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::names::check_name;
use heliu_engine::enrolment::partners::faults_of_partners;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{App, Contract, Merchant, PartnerNumber};
use heliu_trade::id::MerchantId;
use heliu_trade::routing::ContractKey;
use serde::{Deserialize, Serialize};

use super::contracts::{Checked, Entered, NewContract};
use super::standing::{must_find, subject, told};
use crate::actor::Actor;
use crate::channels::{Through, open_through};
use crate::error::OfficeError;
use crate::fees::looking;
use crate::keys::dialect_of;
use crate::permission::Permission;
use crate::{Act, Office, fees, switches};

/// What changes of a merchant and one of its apps; what is not named stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MerchantChange {
    /// Whose.
    pub merchant_id: String,
    /// The number under which its wire knows the app, if it has several.
    pub app_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its short name; an empty text takes it away.
    pub short_name: Option<String>,
    /// Switches of the app by their names; an empty text takes one away.
    pub settings: BTreeMap<String, String>,
    /// The app's numbers at institutions, in place of those that stand for the same institutions;
    /// none takes them away.
    pub partners: BTreeMap<String, Vec<PartnerNumber>>,
    /// Fees of contracts that stand, by name (`WALLET`, or `WALLET:ACCOUNT` where a wallet has
    /// several), as percentages such as `0.38%`; for orders from now on.
    pub fees: BTreeMap<String, String>,
    /// Contracts that it gets; each takes the place of one for the same wallet through the same
    /// account.
    pub contracts: Vec<NewContract>,
    /// Tokens of those, or new ones of contracts that stand, by name.
    pub tokens: BTreeMap<String, String>,
    /// Priorities of those, or of contracts that stand, by name; the lowest number of a wallet's is
    /// taken.
    pub priorities: BTreeMap<String, String>,
    /// Names of contracts that go.
    pub dropped: Vec<String>,
}

/// How a merchant stands after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedMerchant {
    /// The merchant.
    pub merchant: Merchant,
    /// The app, if the change was about one.
    pub app: Option<App>,
    /// Contracts that changed.
    pub contracts: Vec<Contract>,
    /// Contracts that are gone.
    pub dropped: Vec<ContractKey>,
}

/// Changes a merchant's names, switches and partners of one of its apps, its contracts, their fees
/// and their priorities.
///
/// # Errors
/// The actor may not, there is no such merchant, something that was entered is wrong, or something
/// that was sent by a contract that is to go has not ended.
pub async fn set(
    office: &Office,
    actor: &Actor,
    change: MerchantChange,
) -> Result<ChangedMerchant, OfficeError> {
    actor.check(Permission::Enrol)?;
    looking(office, |seen| set_once(office, actor, &change, seen)).await
}

/// Changes it as it stands now.
async fn set_once(
    office: &Office,
    actor: &Actor,
    change: &MerchantChange,
    seen: u64,
) -> Result<ChangedMerchant, OfficeError> {
    let merchant_id = MerchantId::from(change.merchant_id.as_str());
    let standing = must_find(office, &merchant_id).await?;
    let mut faults = Faults::new();
    let merchant = renamed(standing.merchant.clone(), change, &mut faults);
    let touches_app =
        change.app_id.is_some() || !change.settings.is_empty() || !change.partners.is_empty();
    let app = if touches_app {
        let app = app_of(standing.apps.clone(), change)?;
        Some(changed_app(office, app, change, &mut faults)?)
    } else {
        None
    };
    let entered = Entered {
        merchant_id: &merchant_id,
        new: &change.contracts,
        tokens: &change.tokens,
        priorities: &change.priorities,
        fees: &change.fees,
        dropped: &change.dropped,
        standing: &standing.contracts,
    };
    let checked = entered.check(office.engine(), &mut faults).await?;
    faults.into_result()?;
    let Checked {
        contracts,
        keys,
        dropped,
    } = checked;
    check_unused(office, &dropped).await?;
    let gives_fee = |entered: &NewContract| !entered.fee.is_empty();
    if !change.fees.is_empty() || change.contracts.iter().any(gives_fee) {
        fees::check_none_comes(office, &merchant_id, &contracts).await?;
    }
    fees::check_merchant(office, actor, &merchant_id, &standing.apps, &contracts).await?;
    let enrolment = Enrolment {
        merchant: merchant.clone(),
        apps: app.iter().cloned().collect(),
        contracts: contracts.clone(),
    };
    let before = Enrolment {
        apps: app
            .iter()
            .filter_map(|app| same_app(&standing.apps, app))
            .collect(),
        contracts: touched(standing.contracts, &contracts, &dropped),
        merchant: standing.merchant,
    };
    let act = Act {
        action: "merchants.edit",
        subject: subject(&merchant_id),
        before: Some(told(&before, &[])),
        after: Some(told(&enrolment, &keys)),
    };
    let writing = DirectoryChange::EditMerchant {
        enrolment,
        keys,
        dropped: dropped.clone(),
    };
    let touches_fees = !contracts.is_empty() || !dropped.is_empty();
    let writing = match touches_fees {
        true => writing.over_fee_tree(seen),
        false => writing,
    };
    office.change(actor, writing, act).await?;
    Ok(ChangedMerchant {
        merchant,
        app,
        contracts,
        dropped,
    })
}

/// A contract goes only when nothing that was sent by it is open.
async fn check_unused(office: &Office, dropped: &[ContractKey]) -> Result<(), OfficeError> {
    for key in dropped {
        if let Some(subject) = open_through(office, &Through::Contract(key)).await? {
            let (wallet, account) = (key.wallet.as_str(), &key.channel_account_id);
            return Err(OfficeError::with_cure(
                format!(
                    "the {wallet} contract through {account} stays: {subject} was sent by it and \
                     has not ended"
                ),
                "wait until it has ended; heliu jobs list shows what is being done",
            ));
        }
    }
    Ok(())
}

/// Contracts that stand and that a change is about.
fn touched(
    standing: Vec<Contract>,
    changed: &[Contract],
    dropped: &[ContractKey],
) -> Vec<Contract> {
    let mut touched = standing;
    touched.retain(|contract| {
        let key = contract.key();
        dropped.contains(&key) || changed.iter().any(|of| of.is(&key))
    });
    touched
}

fn same_app(apps: &[App], wanted: &App) -> Option<App> {
    let key = |app: &App| (app.dialect_id.clone(), app.app_id.clone());
    apps.iter().find(|app| key(app) == key(wanted)).cloned()
}

fn changed_app(
    office: &Office,
    app: App,
    change: &MerchantChange,
    faults: &mut Faults,
) -> Result<App, OfficeError> {
    let dialect = dialect_of(office.engine(), app.dialect_id.as_str())?;
    let known = dialect.descriptor().app_switches;
    faults.extend(switches::faults(known, &change.settings));
    let given: Vec<_> = change.partners.values().flatten().cloned().collect();
    faults.extend(faults_of_partners(&given));
    let mut partners = app.partners;
    partners.retain(|partner| !change.partners.contains_key(&partner.institution));
    partners.extend(given);
    Ok(App {
        settings: switches::changed(&app.settings, &change.settings),
        partners,
        ..app
    })
}

fn renamed(merchant: Merchant, change: &MerchantChange, faults: &mut Faults) -> Merchant {
    if let Some(name) = &change.name {
        faults.note("name", check_name(name));
    }
    if let Some(name) = change.short_name.as_deref().filter(|name| !name.is_empty()) {
        faults.note("short name", check_name(name));
    }
    Merchant {
        name: change.name.clone().unwrap_or(merchant.name),
        short_name: change.short_name.clone().unwrap_or(merchant.short_name),
        ..merchant
    }
}

/// The app that is meant.
fn app_of(apps: Vec<App>, change: &MerchantChange) -> Result<App, OfficeError> {
    let merchant_id = &change.merchant_id;
    let mut apps = apps.into_iter().filter(|app| {
        let app_id = app.app_id.as_str();
        change
            .app_id
            .as_deref()
            .is_none_or(|wanted| wanted == app_id)
    });
    let app = apps.next();
    let app = app.ok_or_else(|| OfficeError::new(format!("{merchant_id} has no such app")))?;
    if apps.next().is_some() {
        return Err(OfficeError::with_cure(
            format!("merchant {merchant_id} has several apps"),
            "name one with --app-id",
        ));
    }
    Ok(app)
}
