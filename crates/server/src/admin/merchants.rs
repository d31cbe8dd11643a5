//! Merchants, their apps and contracts.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_ports::dialect::SignerKind;
use heliu_ports::keys::KeyOwner;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{App, Contract, Merchant, MerchantState, PartnerNumber};
use heliu_trade::fee::FeeTerms;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId, MerchantId};
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use super::contract_keys;
use super::keys::{dialect_of, key_lines, new_keys};
use super::switches;
use super::text::table;
use crate::failure::Failure;
use crate::terminal::escaped_line;

/// A merchant with its first app.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct NewMerchant {
    /// Its id here.
    pub(crate) merchant_id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its short name; the one that stands, if absent.
    pub(crate) short_name: Option<String>,
    /// The dialect of its app.
    pub(crate) dialect: String,
    /// The number under which the wire knows it.
    pub(crate) app_id: String,
    /// The agent whose keys sign for it, where agents sign.
    pub(crate) agent_id: Option<String>,
    /// Its numbers at institutions; those that stand, if there are none.
    pub(crate) partners: Vec<PartnerNumber>,
    /// Switches of its app in the dialect's own words, beside those that stand.
    pub(crate) settings: BTreeMap<String, String>,
    /// Its keys by role; a missing one is made.
    pub(crate) keys: BTreeMap<String, String>,
    /// Its contracts.
    pub(crate) contracts: Vec<NewContract>,
    /// By which it lets us act for it, by wallet; those that stand, if absent.
    #[serde(default)]
    pub(crate) tokens: BTreeMap<String, String>,
}

/// A contract for one wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NewContract {
    /// The wallet's word.
    pub(crate) wallet: String,
    /// Through which channel account.
    pub(crate) channel_account_id: String,
    /// The merchant's number at the channel.
    pub(crate) sub_merchant_id: String,
    /// The merchant's own app id there.
    pub(crate) sub_app_id: Option<String>,
    /// The fee's terms.
    pub(crate) fee: FeeTerms,
}

pub(super) async fn add(engine: &Engine, new: NewMerchant) -> Result<String, Failure> {
    let dialect = dialect_of(engine, &new.dialect)?;
    let descriptor = dialect.descriptor();
    let merchant_id = MerchantId::from(new.merchant_id);
    let app_id = AppId::from(new.app_id);
    let dialect_id = DialectId::from(descriptor.id);
    let known = engine.store().find_app(&dialect_id, &app_id).await?;
    if let Some(known) = &known
        && known.merchant.merchant_id != merchant_id
    {
        let owner = &known.merchant.merchant_id;
        return Err(Failure::new(format!(
            "app {app_id} belongs to merchant {owner} already"
        )));
    }
    switches::check(descriptor.app_switches, &new.settings)?;
    let standing_settings = known.as_ref().map(|known| known.app.settings.clone());
    let agent_id = agent_of(engine, descriptor.signer, &dialect_id, new.agent_id).await?;
    let (keys, shown) = match descriptor.signer {
        SignerKind::App => {
            let owner = KeyOwner::App(dialect_id.clone(), app_id.clone());
            new_keys(engine, &owner, descriptor.key_roles, &new.keys).await?
        }
        SignerKind::Agent if new.keys.is_empty() => (Vec::new(), Vec::new()),
        SignerKind::Agent => {
            return Err(Failure::with_cure(
                format!("merchants of {} have no keys of their own", descriptor.id),
                "give the key to the agent: heliu agents rotate-key",
            ));
        }
    };
    let contracts = contracts(engine, &merchant_id, new.contracts).await?;
    let mut keys = keys;
    keys.extend(contract_keys::seal(engine, &contracts, &[], &new.tokens).await?);
    let standing = find(engine, &merchant_id).await?;
    let standing = standing.map(|enrolment| enrolment.merchant);
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: merchant_id.clone(),
            name: new.name,
            short_name: match (new.short_name, &standing) {
                (Some(short_name), _) => short_name,
                (None, Some(standing)) => standing.short_name.clone(),
                (None, None) => String::new(),
            },
            state: standing.map_or(MerchantState::Enabled, |standing| standing.state),
        },
        apps: vec![App {
            app_id: app_id.clone(),
            merchant_id: merchant_id.clone(),
            dialect_id,
            agent_id,
            partners: match known {
                Some(known) if new.partners.is_empty() => known.app.partners,
                _ => new.partners,
            },
            settings: switches::changed(&standing_settings.unwrap_or_default(), &new.settings),
        }],
        contracts,
    };
    engine
        .change_directory(DirectoryChange::Enrol { enrolment, keys })
        .await?;
    let mut lines = vec![format!(
        "merchant {merchant_id} with {} app {app_id}",
        new.dialect
    )];
    lines.extend(shown);
    Ok(lines.join("\n"))
}

/// The agent that signs for an app; it must stand where agents sign, and nobody is one where they do not.
async fn agent_of(
    engine: &Engine,
    signer: SignerKind,
    dialect_id: &DialectId,
    agent_id: Option<String>,
) -> Result<Option<AgentId>, Failure> {
    match (signer, agent_id.map(AgentId::from)) {
        (SignerKind::App, None) => Ok(None),
        (SignerKind::App, Some(_)) => Err(Failure::new(format!(
            "merchants of {dialect_id} sign with keys of their own and have no agent"
        ))),
        (SignerKind::Agent, None) => Err(Failure::with_cure(
            format!("on {dialect_id} an agent signs for its merchants"),
            "name it with --agent",
        )),
        (SignerKind::Agent, Some(agent_id)) => {
            let found = engine.store().find_agent(dialect_id, &agent_id).await?;
            if found.is_none() {
                return Err(Failure::with_cure(
                    format!("there is no agent {agent_id} on {dialect_id}"),
                    "write it first: heliu agents add",
                ));
            }
            Ok(Some(agent_id))
        }
    }
}

async fn contracts(
    engine: &Engine,
    merchant_id: &MerchantId,
    new: Vec<NewContract>,
) -> Result<Vec<Contract>, Failure> {
    let mut contracts = Vec::with_capacity(new.len());
    for contract in new {
        let wallet = WalletKind::parse(&contract.wallet)
            .ok_or_else(|| Failure::new(format!("there is no wallet {}", contract.wallet)))?;
        let id = ChannelAccountId::from(contract.channel_account_id);
        let Some((account, _)) = engine.store().find_channel_account(&id).await? else {
            return Err(Failure::with_cure(
                format!("there is no channel account {id}"),
                "write it first: heliu channels put",
            ));
        };
        let contract = Contract {
            merchant_id: merchant_id.clone(),
            wallet,
            channel_account_id: id,
            sub_merchant_id: contract.sub_merchant_id,
            sub_app_id: contract.sub_app_id,
            fee: contract.fee,
        };
        contract_keys::check_number(&contract, contract_keys::channel_of(&account)?)?;
        contracts.push(contract);
    }
    Ok(contracts)
}

async fn find(engine: &Engine, merchant_id: &MerchantId) -> Result<Option<Enrolment>, Failure> {
    let all = engine.store().list_merchants().await?;
    Ok(all
        .into_iter()
        .find(|enrolment| enrolment.merchant.merchant_id == *merchant_id))
}

async fn must_find(engine: &Engine, merchant_id: &MerchantId) -> Result<Enrolment, Failure> {
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
    let contracts = contracts(engine, &merchant_id, new).await?;
    let keys = contract_keys::seal(engine, &contracts, &standing.contracts, tokens).await?;
    let has_contracts = !standing.contracts.is_empty() || !contracts.is_empty();
    let enrolment = Enrolment {
        merchant: Merchant {
            state: MerchantState::Enabled,
            ..standing.merchant
        },
        apps: Vec::new(),
        contracts,
    };
    engine
        .change_directory(DirectoryChange::Enrol { enrolment, keys })
        .await?;
    Ok(if has_contracts {
        format!("merchant {merchant_id} may trade")
    } else {
        format!(
            "merchant {merchant_id} is enabled but has no contracts: \
             heliu merchants activate {merchant_id} --contract ..."
        )
    })
}

/// One app, and which one is meant if its merchant has several.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AppName {
    /// Whose.
    pub(crate) merchant_id: String,
    /// The number under which its wire knows it.
    pub(crate) app_id: Option<String>,
}

/// Changes switches of an app; those that are not named stay.
pub(super) async fn set(
    engine: &Engine,
    name: AppName,
    settings: BTreeMap<String, String>,
) -> Result<String, Failure> {
    let merchant_id = MerchantId::from(name.merchant_id);
    let standing = must_find(engine, &merchant_id).await?;
    let mut apps = standing.apps.into_iter().filter(|app| {
        let app_id = app.app_id.as_str();
        name.app_id.as_deref().is_none_or(|wanted| wanted == app_id)
    });
    let app = apps.next();
    let app = app.ok_or_else(|| Failure::new(format!("{merchant_id} has no such app")))?;
    if apps.next().is_some() {
        return Err(Failure::with_cure(
            format!("merchant {merchant_id} has several apps"),
            "name one with --app-id",
        ));
    }
    let dialect = dialect_of(engine, app.dialect_id.as_str())?;
    switches::check(dialect.descriptor().app_switches, &settings)?;
    let app = App {
        settings: switches::changed(&app.settings, &settings),
        ..app
    };
    let mut lines = vec![format!("app {} of merchant {merchant_id}", app.app_id)];
    lines.extend(switches::lines(&app.settings));
    let enrolment = Enrolment {
        merchant: standing.merchant,
        apps: vec![app],
        contracts: Vec::new(),
    };
    let keys = Vec::new();
    engine
        .change_directory(DirectoryChange::Enrol { enrolment, keys })
        .await?;
    Ok(lines.join("\n"))
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

pub(super) async fn show(engine: &Engine, merchant_id: &str) -> Result<String, Failure> {
    let Enrolment {
        merchant,
        apps,
        contracts,
    } = must_find(engine, &MerchantId::from(merchant_id)).await?;
    let state = merchant.state.as_str();
    let name = escaped_line(&merchant.name);
    let mut lines = vec![format!("{merchant_id}  {name}  {state}")];
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
        for partner in &app.partners {
            let PartnerNumber {
                institution,
                partner_id,
                app_id,
            } = partner;
            lines.push(format!("  at {institution}  {partner_id}  {app_id}"));
        }
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
            format!("{} ppm", contract.fee.rate_ppm),
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
