//! Merchants that stand are changed: their names, switches, partners, fees and contracts.

use std::collections::BTreeMap;

use heliu_engine::enrolment::names::check_name;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{App, Contract, Merchant, PartnerNumber};
use heliu_trade::fee::{FeeTerms, parse_rate};
use heliu_trade::id::MerchantId;
use serde::{Deserialize, Serialize};

use super::contracts::{Entered, NewContract};
use super::standing::{must_find, note_partners, subject, told};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::keys::dialect_of;
use crate::permission::Permission;
use crate::{Act, Office, switches};

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
    /// Fees of contracts that stand, by wallet, as percentages such as `0.38%`; for orders from now
    /// on.
    pub fees: BTreeMap<String, String>,
    /// Contracts that it gets; each takes the place of one for the same wallet.
    pub contracts: Vec<NewContract>,
    /// Tokens of those, or new ones of contracts that stand, by wallet.
    pub tokens: BTreeMap<String, String>,
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
}

/// Changes a merchant's names, switches and partners of one of its apps, its contracts and their
/// fees.
///
/// # Errors
/// The actor may not, there is no such merchant, or something that was entered is wrong.
pub async fn set(
    office: &Office,
    actor: &Actor,
    change: MerchantChange,
) -> Result<ChangedMerchant, OfficeError> {
    actor.check(Permission::Enrol)?;
    let merchant_id = MerchantId::from(change.merchant_id.as_str());
    let standing = must_find(office, &merchant_id).await?;
    let mut faults = Faults::new();
    let merchant = renamed(standing.merchant.clone(), &change, &mut faults);
    let touches_app =
        change.app_id.is_some() || !change.settings.is_empty() || !change.partners.is_empty();
    let app = if touches_app {
        let app = app_of(standing.apps.clone(), &change)?;
        Some(changed_app(office, app, &change, &mut faults)?)
    } else {
        None
    };
    let mut contracts = with_fees(&standing.contracts, &change, &mut faults);
    let entered = Entered {
        merchant_id: &merchant_id,
        new: &change.contracts,
        tokens: &change.tokens,
        standing: &standing.contracts,
    };
    let (new, keys) = entered.check(office.engine(), &mut faults).await?;
    contracts.extend(new);
    faults.into_result()?;
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
        contracts: contracts
            .iter()
            .filter_map(|contract| same_contract(&standing.contracts, contract))
            .collect(),
        merchant: standing.merchant,
    };
    let act = Act {
        action: "merchants.edit",
        subject: subject(&merchant_id),
        before: Some(told(&before, &[])),
        after: Some(told(&enrolment, &keys)),
    };
    let writing = DirectoryChange::Enrol { enrolment, keys };
    office.change(actor, writing, act).await?;
    Ok(ChangedMerchant {
        merchant,
        app,
        contracts,
    })
}

fn same_app(apps: &[App], wanted: &App) -> Option<App> {
    let key = |app: &App| (app.dialect_id.clone(), app.app_id.clone());
    apps.iter().find(|app| key(app) == key(wanted)).cloned()
}

fn same_contract(contracts: &[Contract], wanted: &Contract) -> Option<Contract> {
    let mut same = contracts
        .iter()
        .filter(|contract| contract.wallet == wanted.wallet);
    same.next().cloned()
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
    note_partners(&given, faults);
    let mut partners = app.partners;
    partners.retain(|partner| !change.partners.contains_key(&partner.institution));
    partners.extend(given);
    Ok(App {
        settings: switches::changed(&app.settings, &change.settings),
        partners,
        ..app
    })
}

/// Contracts that get another fee.
fn with_fees(standing: &[Contract], change: &MerchantChange, faults: &mut Faults) -> Vec<Contract> {
    let mut changed = Vec::new();
    for (wallet, fee) in &change.fees {
        let field = format!("fee {wallet}");
        if change.contracts.iter().any(|new| new.wallet == *wallet) {
            faults.add(field, Problem::Twice);
            continue;
        }
        let found = standing
            .iter()
            .find(|contract| contract.wallet.as_str() == *wallet);
        let Some(contract) = found else {
            let why = format!("belongs to no contract: there is no {wallet} contract");
            let cure = "heliu merchants show lists those that there are";
            faults.add(field, Problem::unfit(why, cure));
            continue;
        };
        match parse_rate(fee) {
            Ok(rate_ppm) => changed.push(Contract {
                fee: FeeTerms {
                    rate_ppm,
                    ..contract.fee
                },
                ..contract.clone()
            }),
            Err(fault) => faults.add(field, Problem::unfit(format!("is none: {fault}"), "")),
        }
    }
    changed
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
