//! Who is new: a merchant with its first app, a further app. What stands is never written over.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_engine::enrolment::keys::faults_of_keys;
use heliu_engine::enrolment::names::{check_foreign_number, check_id, check_name, check_number};
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::{Descriptor, SignerKind};
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{Enrolment, Newcomer};
use heliu_trade::directory::{App, Merchant, MerchantState, PartnerNumber};
use heliu_trade::id::{AgentId, AppId, DialectId, MerchantId};
use serde::{Deserialize, Serialize};

use super::contracts::{Entered, NewContract};
use super::keys::first_keys;
use super::merchants::{find, give_contracts, must_find};
use super::switches;
use crate::failure::Failure;

/// What changes a merchant that stands.
const CHANGES_A_MERCHANT: &str = "change it: heliu merchants set (names, switches, partners), heliu merchants activate \
    (contracts), heliu merchants add-app (a further app)";
/// What changes an app that stands.
const CHANGES_AN_APP: &str =
    "change it: heliu merchants set (switches, partners), heliu keys rotate (keys)";

/// A merchant with its first app.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct NewMerchant {
    /// Its id here.
    pub(crate) merchant_id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its short name, which payers see instead.
    pub(crate) short_name: Option<String>,
    /// Its way in.
    pub(crate) app: NewApp,
    /// Its contracts.
    pub(crate) contracts: Vec<NewContract>,
    /// By which it lets us act for it, by wallet.
    pub(crate) tokens: BTreeMap<String, String>,
}

/// An app.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct NewApp {
    /// Its dialect.
    pub(crate) dialect: String,
    /// The number under which the wire knows it.
    pub(crate) app_id: String,
    /// The agent whose keys sign for it, where agents sign.
    pub(crate) agent_id: Option<String>,
    /// Its numbers at institutions.
    pub(crate) partners: Vec<PartnerNumber>,
    /// Switches in the dialect's own words.
    pub(crate) settings: BTreeMap<String, String>,
    /// Its keys by role; a missing one is made.
    pub(crate) keys: BTreeMap<String, String>,
}

/// An app that may be written, with its keys and the lines that show which were made.
struct Checked {
    app: App,
    keys: Vec<SealedKey>,
    shown: Vec<String>,
}

/// Writes a merchant that does not stand; all that is wrong is told at once.
pub(super) async fn add(engine: &Engine, new: NewMerchant) -> Result<String, Failure> {
    let merchant_id = MerchantId::from(new.merchant_id);
    let stands = || {
        let mut faults = Faults::new();
        let problem = Problem::Stands(CHANGES_A_MERCHANT.to_owned());
        faults.add(format!("merchant {merchant_id}"), problem);
        faults
    };
    let mut faults = match find(engine, &merchant_id).await? {
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
        standing: &[],
    };
    let (contracts, tokens) = entered.check(engine, &mut faults).await?;
    faults.into_result()?;
    let Some(Checked {
        app,
        mut keys,
        shown,
    }) = checked
    else {
        return Err(Failure::new("the app cannot be written"));
    };
    keys.extend(tokens);
    let told = format!(
        "merchant {merchant_id} with {} app {}",
        app.dialect_id, app.app_id
    );
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: merchant_id.clone(),
            name: new.name,
            short_name,
            state: MerchantState::Enabled,
        },
        apps: vec![app],
        contracts,
    };
    if !engine.admit(Newcomer::Merchant { enrolment, keys }).await? {
        // Somebody else has written it, or its app, since we looked.
        return Err(stands().into());
    }
    let lines: Vec<_> = std::iter::once(told).chain(shown).collect();
    Ok(lines.join("\n"))
}

/// Writes a further app of a merchant that stands.
pub(super) async fn add_app(
    engine: &Engine,
    merchant_id: String,
    new: NewApp,
) -> Result<String, Failure> {
    let standing = must_find(engine, &MerchantId::from(merchant_id)).await?;
    let merchant_id = standing.merchant.merchant_id;
    let mut faults = Faults::new();
    let checked = check_app(engine, &merchant_id, new, &mut faults).await?;
    faults.into_result()?;
    let Some(Checked { app, keys, shown }) = checked else {
        return Err(Failure::new("the app cannot be written"));
    };
    let name = format!("app {}", app.app_id);
    let told = format!("merchant {merchant_id} with {} {name}", app.dialect_id);
    if !engine.admit(Newcomer::App { app, keys }).await? {
        let mut faults = Faults::new();
        faults.add(name, Problem::Stands(CHANGES_AN_APP.to_owned()));
        return Err(faults.into());
    }
    let lines: Vec<_> = std::iter::once(told).chain(shown).collect();
    Ok(lines.join("\n"))
}

/// Adds a merchant of the demonstration, or gives one that stands its contracts anew; the rest of it stays.
pub(crate) async fn sow(engine: &Engine, new: NewMerchant) -> Result<(), Failure> {
    let merchant_id = MerchantId::from(new.merchant_id.as_str());
    if find(engine, &merchant_id).await?.is_none() {
        let added = add(engine, new.clone()).await;
        // Another node may have been first.
        if added.is_ok() || find(engine, &merchant_id).await?.is_none() {
            return added.map(|_| ());
        }
    }
    let standing = must_find(engine, &merchant_id).await?;
    let state = standing.merchant.state;
    give_contracts(engine, standing, state, &new.contracts, &new.tokens).await?;
    Ok(())
}

/// An app of this merchant that may be written, `None` if too much is wrong to tell how it would look.
async fn check_app(
    engine: &Engine,
    merchant_id: &MerchantId,
    new: NewApp,
    faults: &mut Faults,
) -> Result<Option<Checked>, Failure> {
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
    note_partners(&new.partners, faults);
    let agent_id = agent_of(engine, descriptor, new.agent_id, faults).await?;
    let (keys, shown) = match descriptor.signer {
        SignerKind::App => {
            faults.extend(faults_of_keys(descriptor.key_roles, &new.keys));
            let owner = KeyOwner::App(dialect_id.clone(), app_id.clone());
            first_keys(engine, &owner, descriptor.key_roles, &new.keys, faults)
        }
        SignerKind::Agent => {
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
        }
    };
    let app = App {
        app_id,
        merchant_id: merchant_id.clone(),
        dialect_id,
        agent_id,
        partners: new.partners,
        settings: switches::changed(&BTreeMap::new(), &new.settings),
    };
    Ok(Some(Checked { app, keys, shown }))
}

/// What is wrong with numbers at institutions. Number and app id may be empty: the contract's hold then.
pub(super) fn note_partners(partners: &[PartnerNumber], faults: &mut Faults) {
    for (index, partner) in partners.iter().enumerate() {
        let field = format!("partner {}", partner.institution);
        faults.note(&field, check_foreign_number(&partner.institution));
        for (what, text) in [("number", &partner.partner_id), ("app id", &partner.app_id)] {
            if !text.is_empty() {
                faults.note(&format!("{field}: {what}"), check_foreign_number(text));
            }
        }
        if partners.iter().take(index).any(|other| other == partner) {
            faults.add(field, Problem::Twice);
        }
    }
}

/// The agent that signs for an app; it must stand where agents sign, and nobody is one where they do not.
async fn agent_of(
    engine: &Engine,
    descriptor: &Descriptor,
    agent_id: Option<String>,
    faults: &mut Faults,
) -> Result<Option<AgentId>, Failure> {
    let dialect_id = DialectId::from(descriptor.id);
    let agent_id = agent_id.map(AgentId::from);
    match (descriptor.signer, &agent_id) {
        (SignerKind::App, None) => {}
        (SignerKind::App, Some(_)) => {
            let why = format!("signs for nobody: merchants of {dialect_id} have keys of their own");
            faults.add("agent", Problem::unfit(why, "leave --agent out"));
        }
        (SignerKind::Agent, None) => {
            let why = format!("is missing: on {dialect_id} an agent signs for its merchants");
            faults.add("agent", Problem::unfit(why, "name it with --agent"));
        }
        (SignerKind::Agent, Some(agent_id)) => {
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
