//! Channel accounts and exchange rates.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_ports::keys::KeyOwner;
use heliu_ports::store::DirectoryChange;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::id::{ChannelAccountId, ChannelId};
use heliu_trade::money::{ExchangeRate, RateDirection};
use serde::{Deserialize, Serialize};

use super::text::table;
use crate::failure::Failure;

/// A channel account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewChannelAccount {
    /// Its id here.
    pub(crate) channel_account_id: String,
    /// Which channel.
    pub(crate) channel: String,
    /// Addresses and numbers.
    pub(crate) settings: BTreeMap<String, String>,
    /// Its keys by role.
    pub(crate) keys: BTreeMap<String, String>,
}

pub(super) async fn put_channel_account(
    engine: &Engine,
    new: NewChannelAccount,
) -> Result<String, Failure> {
    let channel = heliu_channels::find(&new.channel)
        .ok_or_else(|| Failure::new(format!("there is no channel {}", new.channel)))?;
    let descriptor = channel.descriptor();
    let missing: Vec<_> = descriptor
        .keys
        .iter()
        .filter(|(role, _)| !new.keys.contains_key(*role))
        .collect();
    if !missing.is_empty() {
        let names: Vec<_> = missing
            .iter()
            .map(|(role, form)| format!("{role} ({form})"))
            .collect();
        return Err(Failure::new(format!(
            "keys are missing: {}",
            names.join(", ")
        )));
    }
    let channel_account_id = ChannelAccountId::from(new.channel_account_id);
    let owner = KeyOwner::ChannelAccount(channel_account_id.clone());
    let sealed = new.keys.iter().map(|(role, secret)| {
        engine
            .vault()
            .seal_key(&owner, role, 1, secret)
            .map_err(Failure::from)
    });
    let keys = sealed.collect::<Result<Vec<_>, Failure>>()?;
    let account = ChannelAccount {
        channel_account_id: channel_account_id.clone(),
        channel_id: ChannelId::from(descriptor.id),
        settings: new.settings,
    };
    engine
        .change_directory(DirectoryChange::PutChannelAccount { account, keys })
        .await?;
    Ok(format!(
        "channel account {channel_account_id} on {}",
        descriptor.name
    ))
}

pub(super) async fn set_rate(
    engine: &Engine,
    currency: &str,
    rate: Option<&str>,
    divides: bool,
) -> Result<String, Failure> {
    let currency = currency
        .parse()
        .map_err(|cause| Failure::new(format!("{currency}: {cause}")))?;
    let direction = if divides {
        RateDirection::UnitsPerCny
    } else {
        RateDirection::CnyPerUnit
    };
    let parsed = match rate {
        None => None,
        Some(text) => Some(ExchangeRate::parse(text, direction).ok_or_else(|| {
            Failure::new(format!(
                "{text} is not a rate above zero with at most eight decimals"
            ))
        })?),
    };
    engine
        .change_directory(DirectoryChange::PutRate(currency, parsed))
        .await?;
    Ok(match parsed {
        Some(rate) => format!("{currency} {rate}"),
        None => format!("{currency} has no rate any more"),
    })
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
