//! Who is new: a merchant with its first app, a further app. What stands is never written over.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_engine::enrolment::keys::faults_of_keys;
use heliu_engine::enrolment::names::{check_id, check_name, check_number};
use heliu_engine::enrolment::partners::faults_of_partners;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::{Dialect, SignerKind};
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{Enrolment, Newcomer};
use heliu_trade::directory::{App, Merchant, MerchantState, PartnerNumber};
use heliu_trade::id::{AgentId, AppId, DialectId, MerchantId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::contracts::{Entered, NONE, NewContract};
use super::standing::{find, must_find, subject, told};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::fees::looking;
use crate::keys::{MadeKey, first_keys, rows_of};
use crate::permission::Permission;
use crate::{Act, Office, fees, switches};

/// What changes a merchant that stands.
const CHANGES_A_MERCHANT: &str = "change it: heliu merchants edit (names, switches, partners, \
    contracts), heliu merchants add-app (a further app)";
/// What changes an app that stands.
const CHANGES_AN_APP: &str =
    "change it: heliu merchants edit (switches, partners), heliu keys rotate (keys)";

/// A merchant with its first app.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewMerchant {
    /// Its id here.
    pub merchant_id: String,
    /// Its name.
    pub name: String,
    /// Its short name, which payers see instead.
    pub short_name: Option<String>,
    /// Its way in.
    pub app: NewApp,
    /// Its contracts.
    pub contracts: Vec<NewContract>,
    /// By which it lets us act for it, by the contract's name: `WALLET`, or `WALLET:ACCOUNT` where
    /// a wallet has several.
    pub tokens: BTreeMap<String, String>,
    /// Priorities of contracts, by name.
    pub priorities: BTreeMap<String, String>,
}

/// An app.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewApp {
    /// Its dialect.
    pub dialect: String,
    /// The number under which the wire knows it.
    pub app_id: String,
    /// The agent that brought it, where there are agents; its keys sign for it where agents sign.
    pub agent_id: Option<String>,
    /// Its numbers at institutions.
    pub partners: Vec<PartnerNumber>,
    /// Switches in the dialect's own words.
    pub settings: BTreeMap<String, String>,
    /// Its keys by role; a missing one is made.
    pub keys: BTreeMap<String, String>,
}

/// An app that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedApp {
    /// Whose.
    pub merchant_id: MerchantId,
    /// On which wire.
    pub dialect_id: DialectId,
    /// Its number there.
    pub app_id: AppId,
    /// Keys that were made.
    pub made: Vec<MadeKey>,
}

/// An app that may be written, with its keys and those of them that were made.
struct Checked {
    app: App,
    keys: Vec<SealedKey>,
    made: Vec<MadeKey>,
}

/// Adds a merchant that does not stand, with its first app; all that is wrong is told at once.
///
/// # Errors
/// The actor may not, or something that was entered is wrong.
pub async fn add(
    office: &Office,
    actor: &Actor,
    new: NewMerchant,
) -> Result<AddedApp, OfficeError> {
    actor.check(Permission::Enrol)?;
    looking(office, |seen| add_once(office, actor, new.clone(), seen)).await
}

async fn add_once(
    office: &Office,
    actor: &Actor,
    new: NewMerchant,
    seen: u64,
) -> Result<AddedApp, OfficeError> {
    let engine = office.engine();
    let merchant_id = MerchantId::from(new.merchant_id);
    let stands = || {
        let mut faults = Faults::new();
        let problem = Problem::Stands(CHANGES_A_MERCHANT.to_owned());
        faults.add(format!("merchant {merchant_id}"), problem);
        faults
    };
    let mut faults = match find(office, &merchant_id).await? {
        Some(_) => stands(),
        None => Faults::new(),
    };
    faults.note("merchant id", check_id(merchant_id.as_str()));
    faults.note("name", check_name(&new.name));
    let short_name = new.short_name.unwrap_or_default();
    if !short_name.is_empty() {
        faults.note("short name", check_name(&short_name));
    }
    let checked = check_app(engine, &merchant_id, new.app, &mut faults).await?;
    let entered = Entered {
        merchant_id: &merchant_id,
        new: &new.contracts,
        tokens: &new.tokens,
        priorities: &new.priorities,
        fees: NONE,
        dropped: &[],
        standing: &[],
    };
    let entered = entered.check(engine, &mut faults).await?;
    faults.into_result()?;
    let Some(Checked {
        app,
        mut keys,
        made,
    }) = checked
    else {
        return Err(OfficeError::new("the app cannot be written"));
    };
    keys.extend(entered.keys);
    let apps = std::slice::from_ref(&app);
    fees::check_merchant(office, actor, &merchant_id, apps, &entered.contracts).await?;
    let added = AddedApp {
        merchant_id: merchant_id.clone(),
        dialect_id: app.dialect_id.clone(),
        app_id: app.app_id.clone(),
        made,
    };
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: merchant_id.clone(),
            name: new.name,
            short_name,
            state: MerchantState::Enabled,
        },
        apps: vec![app],
        contracts: entered.contracts,
    };
    let act = Act {
        action: "merchants.add",
        subject: subject(&merchant_id),
        before: None,
        after: Some(told(&enrolment, &keys)),
    };
    let has_fees = !enrolment.contracts.is_empty();
    let newcomer = Newcomer::Merchant { enrolment, keys };
    let newcomer = match has_fees {
        true => newcomer.over_fee_tree(seen),
        false => newcomer,
    };
    if !office.admit(actor, newcomer, act).await? {
        // Somebody else has written it, or its app, since we looked.
        return Err(stands().into());
    }
    Ok(added)
}

/// Gives a merchant that stands a further app.
///
/// # Errors
/// The actor may not, there is no such merchant, or something that was entered is wrong.
pub async fn add_app(
    office: &Office,
    actor: &Actor,
    merchant_id: &str,
    new: NewApp,
) -> Result<AddedApp, OfficeError> {
    actor.check(Permission::Enrol)?;
    looking(office, |seen| {
        add_app_once(office, actor, merchant_id, new.clone(), seen)
    })
    .await
}

async fn add_app_once(
    office: &Office,
    actor: &Actor,
    merchant_id: &str,
    new: NewApp,
    seen: u64,
) -> Result<AddedApp, OfficeError> {
    let standing = must_find(office, &MerchantId::from(merchant_id)).await?;
    let merchant_id = standing.merchant.merchant_id;
    let mut faults = Faults::new();
    let checked = check_app(office.engine(), &merchant_id, new, &mut faults).await?;
    faults.into_result()?;
    let Some(Checked { app, keys, made }) = checked else {
        return Err(OfficeError::new("the app cannot be written"));
    };
    let apps = std::slice::from_ref(&app);
    fees::check_merchant(office, actor, &merchant_id, apps, &[]).await?;
    let added = AddedApp {
        merchant_id: merchant_id.clone(),
        dialect_id: app.dialect_id.clone(),
        app_id: app.app_id.clone(),
        made,
    };
    let act = Act {
        action: "merchants.add_app",
        subject: subject(&merchant_id),
        before: None,
        after: Some(json!({ "app": app, "keys": rows_of(&keys) })),
    };
    let has_agent = app.agent_id.is_some();
    let newcomer = Newcomer::App { app, keys };
    let newcomer = match has_agent {
        true => newcomer.over_fee_tree(seen),
        false => newcomer,
    };
    if !office.admit(actor, newcomer, act).await? {
        let mut faults = Faults::new();
        let name = format!("app {}", added.app_id);
        faults.add(name, Problem::Stands(CHANGES_AN_APP.to_owned()));
        return Err(faults.into());
    }
    Ok(added)
}

/// An app of this merchant that may be written, `None` if too much is wrong to tell how it would
/// look.
async fn check_app(
    engine: &Engine,
    merchant_id: &MerchantId,
    new: NewApp,
    faults: &mut Faults,
) -> Result<Option<Checked>, OfficeError> {
    let mut dialects = engine.dialects().iter();
    let Some(dialect) = dialects.find(|dialect| dialect.descriptor().id == new.dialect) else {
        let known = engine.dialects().iter();
        let known = known.map(|dialect| dialect.descriptor().id.to_owned());
        faults.add(
            format!("dialect {}", new.dialect),
            Problem::NotOneOf(known.collect()),
        );
        return Ok(None);
    };
    let descriptor = dialect.descriptor();
    let (dialect_id, app_id) = (DialectId::from(descriptor.id), AppId::from(new.app_id));
    faults.note("app id", check_number(descriptor.app_id, app_id.as_str()));
    if let Some(known) = engine.store().find_app(&dialect_id, &app_id).await? {
        let owner = known.merchant.merchant_id;
        let problem = if owner == *merchant_id {
            Problem::Stands(CHANGES_AN_APP.to_owned())
        } else {
            Problem::unfit(
                format!("belongs to merchant {owner} already"),
                "each app has a number of its own",
            )
        };
        faults.add(format!("app {app_id}"), problem);
    }
    faults.extend(switches::faults(descriptor.app_switches, &new.settings));
    faults.extend(faults_of_partners(&new.partners));
    let agent_id = agent_of(engine, &**dialect, new.agent_id, faults).await?;
    let (keys, made) = if dialect.is_signed_by(SignerKind::App) {
        let roles = dialect.key_roles(SignerKind::App);
        faults.extend(faults_of_keys(&roles, &new.keys));
        let owner = KeyOwner::App(dialect_id.clone(), app_id.clone());
        first_keys(engine, &owner, &roles, &new.keys, faults)
    } else {
        if !new.keys.is_empty() {
            let problem = Problem::unfit(
                format!(
                    "of merchants of {} do not exist: agents sign",
                    descriptor.id
                ),
                "give the key to the agent: heliu agents rotate-key",
            );
            faults.add("keys", problem);
        }
        (Vec::new(), Vec::new())
    };
    let app = App {
        app_id,
        merchant_id: merchant_id.clone(),
        dialect_id,
        agent_id,
        partners: new.partners,
        settings: switches::changed(&BTreeMap::new(), &new.settings),
    };
    Ok(Some(Checked { app, keys, made }))
}

/// The agent of an app; one must stand where only agents sign, and nobody is one where there are
/// none.
async fn agent_of(
    engine: &Engine,
    dialect: &dyn Dialect,
    agent_id: Option<String>,
    faults: &mut Faults,
) -> Result<Option<AgentId>, OfficeError> {
    let dialect_id = DialectId::from(dialect.descriptor().id);
    let agent_id = agent_id.map(AgentId::from);
    match &agent_id {
        None if dialect.is_signed_by(SignerKind::App) => {}
        Some(_) if !dialect.has_agents() => {
            let why = format!("signs for nobody: merchants of {dialect_id} have keys of their own");
            faults.add("agent", Problem::unfit(why, "leave --agent out"));
        }
        None => {
            let why = format!("is missing: on {dialect_id} an agent signs for its merchants");
            faults.add("agent", Problem::unfit(why, "name it with --agent"));
        }
        Some(agent_id) => {
            let found = engine.store().find_agent(&dialect_id, agent_id).await?;
            if found.is_none() {
                let why = format!("is none: there is no agent {agent_id} on {dialect_id}");
                let cure = "write it first: heliu agents add";
                faults.add("agent", Problem::unfit(why, cure));
            }
        }
    }
    Ok(agent_id)
}
