//! Merchants that stand: their trade opened and shut, their names, switches and contracts changed.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::names::check_name;
use heliu_ports::keys::KeyOwner;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{App, Merchant, MerchantState, PartnerNumber};
use heliu_trade::fee::rate_text;
use heliu_trade::id::MerchantId;
use serde::{Deserialize, Serialize};

use super::contracts::{Entered, NewContract};
use super::enrol::note_partners;
use super::keys::{dialect_of, key_lines};
use super::switches;
use super::text::table;
use crate::failure::Failure;
use crate::terminal::escaped_line;

pub(super) async fn find(
    engine: &Engine,
    merchant_id: &MerchantId,
) -> Result<Option<Enrolment>, Failure> {
    let all = engine.store().list_merchants().await?;
    Ok(all
        .into_iter()
        .find(|enrolment| enrolment.merchant.merchant_id == *merchant_id))
}

pub(super) async fn must_find(
    engine: &Engine,
    merchant_id: &MerchantId,
) -> Result<Enrolment, Failure> {
    let found = find(engine, merchant_id).await?;
    found.ok_or_else(|| Failure::new(format!("there is no merchant {merchant_id}")))
}

/// Opens a merchant's trade, with further contracts, and new tokens of those that stand, if some are given.
pub(super) async fn activate(
    engine: &Engine,
    merchant_id: String,
    new: Vec<NewContract>,
    tokens: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let merchant_id = MerchantId::from(merchant_id);
    let standing = must_find(engine, &merchant_id).await?;
    let has_contracts = !standing.contracts.is_empty() || !new.is_empty();
    give_contracts(engine, standing, MerchantState::Enabled, &new, tokens).await?;
    Ok(if has_contracts {
        format!("merchant {merchant_id} may trade")
    } else {
        format!(
            "merchant {merchant_id} is enabled but has no contracts: \
             heliu merchants activate {merchant_id} --contract ..."
        )
    })
}

/// Writes contracts of a merchant that stands, over those of the same wallets, and its state.
pub(super) async fn give_contracts(
    engine: &Engine,
    standing: Enrolment,
    state: MerchantState,
    new: &[NewContract],
    tokens: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let entered = Entered {
        merchant_id: &standing.merchant.merchant_id,
        new,
        tokens,
        standing: &standing.contracts,
    };
    let mut faults = Faults::new();
    let (contracts, keys) = entered.check(engine, &mut faults).await?;
    faults.into_result()?;
    let enrolment = Enrolment {
        merchant: Merchant {
            state,
            ..standing.merchant
        },
        apps: Vec::new(),
        contracts,
    };
    let change = DirectoryChange::Enrol { enrolment, keys };
    Ok(engine.change_directory(change).await?)
}

/// What changes of a merchant and one of its apps; what is not named stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MerchantChange {
    /// Whose.
    pub(crate) merchant_id: String,
    /// The number under which its wire knows the app, if it has several.
    pub(crate) app_id: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its short name; an empty text takes it away.
    pub(crate) short_name: Option<String>,
    /// Switches of the app by their names; an empty text takes one away.
    pub(crate) settings: BTreeMap<String, String>,
    /// The app's numbers at institutions, in place of those that stand for the same institutions; none takes them away.
    pub(crate) partners: BTreeMap<String, Vec<PartnerNumber>>,
}

/// Changes a merchant's names, and switches and partners of one of its apps.
pub(super) async fn set(engine: &Engine, change: MerchantChange) -> Result<String, Failure> {
    let merchant_id = MerchantId::from(change.merchant_id.as_str());
    let standing = must_find(engine, &merchant_id).await?;
    let mut faults = Faults::new();
    let merchant = renamed(standing.merchant, &change, &mut faults);
    let touches_app =
        change.app_id.is_some() || !change.settings.is_empty() || !change.partners.is_empty();
    let mut lines = vec![merchant_line(&merchant)];
    let mut apps = Vec::new();
    if touches_app {
        let app = app_of(standing.apps, &change)?;
        let dialect = dialect_of(engine, app.dialect_id.as_str())?;
        let known = dialect.descriptor().app_switches;
        faults.extend(switches::faults(known, &change.settings));
        let given: Vec<_> = change.partners.values().flatten().cloned().collect();
        note_partners(&given, &mut faults);
        let mut partners = app.partners;
        partners.retain(|partner| !change.partners.contains_key(&partner.institution));
        partners.extend(given);
        let app = App {
            settings: switches::changed(&app.settings, &change.settings),
            partners,
            ..app
        };
        lines.push(format!("app {} of merchant {merchant_id}", app.app_id));
        lines.extend(app.partners.iter().map(partner_line));
        lines.extend(switches::lines(&app.settings));
        apps.push(app);
    }
    faults.into_result()?;
    let enrolment = Enrolment {
        merchant,
        apps,
        contracts: Vec::new(),
    };
    let keys = Vec::new();
    engine
        .change_directory(DirectoryChange::Enrol { enrolment, keys })
        .await?;
    Ok(lines.join("\n"))
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
fn app_of(apps: Vec<App>, change: &MerchantChange) -> Result<App, Failure> {
    let merchant_id = &change.merchant_id;
    let mut apps = apps.into_iter().filter(|app| {
        let app_id = app.app_id.as_str();
        change
            .app_id
            .as_deref()
            .is_none_or(|wanted| wanted == app_id)
    });
    let app = apps.next();
    let app = app.ok_or_else(|| Failure::new(format!("{merchant_id} has no such app")))?;
    if apps.next().is_some() {
        return Err(Failure::with_cure(
            format!("merchant {merchant_id} has several apps"),
            "name one with --app-id",
        ));
    }
    Ok(app)
}

/// Shuts a merchant's trade; queries and refunds go on.
pub(super) async fn disable(engine: &Engine, merchant_id: String) -> Result<String, Failure> {
    let merchant_id = MerchantId::from(merchant_id);
    must_find(engine, &merchant_id).await?;
    let change = DirectoryChange::SetMerchantState(merchant_id.clone(), MerchantState::Disabled);
    engine.change_directory(change).await?;
    Ok(format!(
        "merchant {merchant_id} takes no more orders; queries and refunds go on"
    ))
}

pub(super) async fn list(engine: &Engine) -> Result<String, Failure> {
    let mut rows = Vec::new();
    for Enrolment {
        merchant,
        apps,
        contracts,
    } in engine.store().list_merchants().await?
    {
        let apps: Vec<_> = apps
            .iter()
            .map(|app| format!("{}:{}", app.dialect_id, app.app_id))
            .collect();
        let wallets: Vec<_> = contracts.iter().map(|c| c.wallet.as_str()).collect();
        rows.push(vec![
            merchant.merchant_id.to_string(),
            merchant.name,
            merchant.state.as_str().to_owned(),
            apps.join(" "),
            wallets.join(" "),
        ]);
    }
    Ok(table(
        &["merchant", "name", "state", "apps", "wallets"],
        &rows,
    ))
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

pub(super) async fn show(engine: &Engine, merchant_id: &str) -> Result<String, Failure> {
    let Enrolment {
        merchant,
        apps,
        contracts,
    } = must_find(engine, &MerchantId::from(merchant_id)).await?;
    let mut lines = vec![merchant_line(&merchant)];
    if !merchant.short_name.is_empty() {
        let name = escaped_line(&merchant.short_name);
        lines.push(format!("payers see {name}"));
    }
    for app in apps {
        let signer = match &app.agent_id {
            Some(agent_id) => format!(", signed for by agent {agent_id}"),
            None => String::new(),
        };
        lines.push(format!(
            "app {} speaks {}{signer}",
            app.app_id, app.dialect_id
        ));
        lines.extend(app.partners.iter().map(partner_line));
        lines.extend(switches::lines(&app.settings));
        let owner = KeyOwner::App(app.dialect_id, app.app_id);
        lines.extend(key_lines(&engine.store().list_keys(owner.name()).await?));
    }
    let mut rows = Vec::new();
    for contract in contracts {
        let owner = KeyOwner::of_contract(&contract).name();
        let keys = engine.store().list_keys(owner).await?;
        let fingerprints: Vec<_> = keys.into_iter().map(|key| key.fingerprint).collect();
        rows.push(vec![
            contract.wallet.as_str().to_owned(),
            contract.channel_account_id.to_string(),
            contract.sub_merchant_id,
            contract.sub_app_id.unwrap_or_default(),
            rate_text(contract.fee.rate_ppm),
            fingerprints.join(" "),
        ]);
    }
    lines.push(table(
        &[
            "wallet",
            "channel account",
            "sub-merchant",
            "app id",
            "fee",
            "token's fingerprint",
        ],
        &rows,
    ));
    Ok(lines.join("\n"))
}
