//! Channel accounts and exchange rates.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_engine::Engine;
use heliu_engine::enrolment::accounts::{faults_of_key_roles, faults_of_settings, merged};
use heliu_engine::enrolment::names::check_id;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::channel::Channel;
use heliu_ports::keys::KeyOwner;
use heliu_ports::store::DirectoryChange;
use heliu_trade::currencies::exchangeable;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::id::{ChannelAccountId, ChannelId};
use heliu_trade::money::{ExchangeRate, RateDirection};
use serde::{Deserialize, Serialize};

use super::keys::sealed;
use super::text::table;
use crate::failure::Failure;

/// An account has one key of each role, which a new one replaces: what the channel signs with is told apart by the
/// serial in the role, and what we sign with changes at the channel at once.
const VERSION: u32 = 1;

/// A channel account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewChannelAccount {
    /// Its id here.
    pub(crate) channel_account_id: String,
    /// Which channel; the one that stands, if absent.
    pub(crate) channel: Option<String>,
    /// Addresses and numbers; those that stand and are not named stay, an empty text takes one away.
    pub(crate) settings: BTreeMap<String, String>,
    /// Its keys by role; those that stand and are not named stay.
    pub(crate) keys: BTreeMap<String, String>,
}

pub(super) async fn put_channel_account(
    engine: &Engine,
    new: NewChannelAccount,
) -> Result<String, Failure> {
    let id = ChannelAccountId::from(new.channel_account_id);
    let (standing, standing_keys) = match engine.store().find_channel_account(&id).await? {
        Some((account, keys)) => (Some(account), keys),
        None => (None, Vec::new()),
    };
    let mut faults = Faults::new();
    faults.note("channel account", check_id(id.as_str()));
    let channel = match channel_of(&id, new.channel, standing.as_ref()) {
        Ok(channel) => channel,
        Err(problem) => {
            faults.add("channel", problem);
            return Err(faults.into());
        }
    };
    let descriptor = channel.descriptor();
    let standing = standing.map(|account| account.settings).unwrap_or_default();
    let settings = merged(&standing, &new.settings);
    faults.extend(faults_of_settings(descriptor, &settings));
    let roles = standing_keys.iter().map(|key| key.role.as_str());
    let roles = roles.chain(new.keys.keys().map(String::as_str)).collect();
    faults.extend(faults_of_key_roles(descriptor, &roles));
    let owner = KeyOwner::ChannelAccount(id.clone());
    let mut keys = Vec::new();
    for (role, secret) in &new.keys {
        if descriptor.knows_key(role) {
            let field = format!("key {role}");
            keys.extend(sealed(
                engine,
                &owner,
                role,
                VERSION,
                secret,
                &field,
                &mut faults,
            ));
        }
    }
    faults.into_result()?;
    let account = ChannelAccount {
        channel_account_id: id.clone(),
        channel_id: ChannelId::from(descriptor.id),
        settings,
    };
    engine
        .change_directory(DirectoryChange::PutChannelAccount { account, keys })
        .await?;
    Ok(format!("channel account {id} on {}", descriptor.name))
}

/// The channel of an account: the one that is named, or the one that stands, and never another than that.
fn channel_of(
    id: &ChannelAccountId,
    named: Option<String>,
    standing: Option<&ChannelAccount>,
) -> Result<Arc<dyn Channel>, Problem> {
    let stands = standing.map(|account| account.channel_id.as_str());
    let known = || {
        let all = heliu_channels::all().into_iter();
        all.map(|channel| channel.descriptor().id.to_owned())
    };
    let word = match (named.as_deref(), stands) {
        (Some(named), Some(stands)) if named != stands => {
            return Err(Problem::unfit(
                format!("of {id} is {stands}; its orders are there, so that it does not change"),
                format!("write another account: heliu channels put OTHER_ID --channel {named}"),
            ));
        }
        (Some(word), _) | (None, Some(word)) => word,
        (None, None) => {
            let known = known().collect::<Vec<_>>().join(", ");
            let problem = format!("is missing: {known}");
            return Err(Problem::unfit(problem, "name it with --channel"));
        }
    };
    heliu_channels::find(word).ok_or_else(|| Problem::NotOneOf(known().collect()))
}

pub(super) async fn set_rate(
    engine: &Engine,
    currency: &str,
    rate: Option<&str>,
    divides: bool,
) -> Result<String, Failure> {
    let Some(rate) = rate else {
        return remove_rate(engine, currency).await;
    };
    let currency = exchangeable(currency)
        .map_err(|fault| Failure::new(format!("{currency} can have no rate: {fault}")))?;
    let direction = if divides {
        RateDirection::UnitsPerCny
    } else {
        RateDirection::CnyPerUnit
    };
    let parsed = ExchangeRate::parse(rate, direction).ok_or_else(|| {
        Failure::new(format!(
            "{rate} is not a rate above zero with at most eight decimals"
        ))
    })?;
    engine
        .change_directory(DirectoryChange::PutRate(currency, Some(parsed)))
        .await?;
    Ok(format!("{currency} {parsed}"))
}

/// Whatever stands can be removed, also what would not be written today.
async fn remove_rate(engine: &Engine, currency: &str) -> Result<String, Failure> {
    let standing = engine.store().rates().await?;
    let mut standing = standing.into_iter().map(|(standing, _)| standing);
    let named = currency.to_ascii_uppercase();
    let Some(currency) = standing.find(|standing| standing.as_str() == named) else {
        return Err(Failure::with_cure(
            format!("{currency} has no rate; nothing was changed"),
            "heliu rates list shows which currencies have one",
        ));
    };
    engine
        .change_directory(DirectoryChange::PutRate(currency, None))
        .await?;
    Ok(format!("{currency} has no rate any more"))
}

pub(super) async fn list_rates(engine: &Engine) -> Result<String, Failure> {
    let rates = engine.store().rates().await?;
    let rows: Vec<_> = rates
        .iter()
        .map(|(currency, rate)| {
            let unit = match rate.direction {
                RateDirection::CnyPerUnit => format!("CNY per {currency}"),
                RateDirection::UnitsPerCny => format!("{currency} per CNY"),
            };
            vec![currency.to_string(), rate.to_string(), unit]
        })
        .collect();
    Ok(table(&["currency", "rate", "unit"], &rows))
}
