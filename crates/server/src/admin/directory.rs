//! Merchants, channel accounts, keys and rates.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{App, ChannelAccount, Contract, Merchant};
use heliu_trade::fee::FeeTerms;
use heliu_trade::id::{AppId, ChannelAccountId, ChannelId, DialectId, MerchantId};
use heliu_trade::money::{ExchangeRate, RateDirection};
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use super::text::table;
use crate::failure::Failure;

/// Length of a key that we make: what the wires' examples have.
const KEY_LENGTH: usize = 32;

/// A merchant with its first app.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewMerchant {
    /// Its id here.
    pub(crate) merchant_id: String,
    /// Its name.
    pub(crate) name: String,
    /// The dialect of its app.
    pub(crate) dialect: String,
    /// The number under which the wire knows it.
    pub(crate) app_id: String,
    /// Its keys by role; a missing one is made.
    pub(crate) keys: BTreeMap<String, String>,
    /// Its contracts.
    pub(crate) contracts: Vec<NewContract>,
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
    /// The fee's terms.
    pub(crate) fee: FeeTerms,
}

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

pub(super) async fn add_merchant(engine: &Engine, new: NewMerchant) -> Result<String, Failure> {
    let dialect = engine
        .dialects()
        .iter()
        .find(|dialect| dialect.descriptor().id == new.dialect)
        .ok_or_else(|| {
            let known: Vec<_> = engine
                .dialects()
                .iter()
                .map(|d| d.descriptor().id)
                .collect();
            Failure::new(format!(
                "there is no dialect {}; there are {}",
                new.dialect,
                known.join(", ")
            ))
        })?;
    let merchant_id = MerchantId::from(new.merchant_id);
    let app_id = AppId::from(new.app_id);
    let dialect_id = DialectId::from(dialect.descriptor().id);
    if let Some(known) = engine.store().find_app(&dialect_id, &app_id).await?
        && known.merchant.merchant_id != merchant_id
    {
        let owner = known.merchant.merchant_id;
        return Err(Failure::new(format!(
            "app {app_id} belongs to merchant {owner} already"
        )));
    }
    for contract in &new.contracts {
        let id = ChannelAccountId::from(contract.channel_account_id.as_str());
        if engine.store().find_channel_account(&id).await?.is_none() {
            return Err(Failure::with_cure(
                format!("there is no channel account {id}"),
                "write it first: heliu channels put",
            ));
        }
    }
    let owner = KeyOwner::App(dialect_id, app_id.clone());
    let existing = engine.store().list_keys(owner.name()).await?;
    let (mut keys, mut shown) = (Vec::new(), Vec::new());
    for role in dialect.descriptor().key_roles {
        let given = new.keys.get(*role).cloned();
        let has_one = existing.iter().any(|key| key.role == *role);
        if given.is_none() && has_one {
            continue;
        }
        let version = existing
            .iter()
            .filter(|key| key.role == *role)
            .map(|key| key.version)
            .max();
        let secret = given.unwrap_or_else(|| {
            let made = engine.vault().nonce(KEY_LENGTH);
            shown.push(format!("{role} key, shown only now: {made}"));
            made
        });
        keys.push(
            engine
                .vault()
                .seal_key(&owner, role, version.map_or(1, |v| v + 1), &secret)?,
        );
    }
    let contracts = new.contracts.into_iter().map(|contract| {
        let wallet = WalletKind::parse(&contract.wallet)
            .ok_or_else(|| Failure::new(format!("there is no wallet {}", contract.wallet)))?;
        Ok(Contract {
            merchant_id: merchant_id.clone(),
            wallet,
            channel_account_id: ChannelAccountId::from(contract.channel_account_id),
            sub_merchant_id: contract.sub_merchant_id,
            fee: contract.fee,
        })
    });
    let contracts = contracts.collect::<Result<Vec<_>, Failure>>()?;
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: merchant_id.clone(),
            name: new.name,
            is_enabled: true,
        },
        apps: vec![App {
            app_id: app_id.clone(),
            merchant_id: merchant_id.clone(),
            dialect_id: DialectId::from(dialect.descriptor().id),
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

pub(super) async fn list_merchants(engine: &Engine) -> Result<String, Failure> {
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
            if merchant.is_enabled {
                "enabled"
            } else {
                "disabled"
            }
            .to_owned(),
            apps.join(" "),
            wallets.join(" "),
        ]);
    }
    Ok(table(
        &["merchant", "name", "state", "apps", "wallets"],
        &rows,
    ))
}

pub(super) async fn show_merchant(engine: &Engine, merchant_id: &str) -> Result<String, Failure> {
    let all = engine.store().list_merchants().await?;
    let found = all
        .into_iter()
        .find(|e| e.merchant.merchant_id.as_str() == merchant_id);
    let Enrolment {
        merchant,
        apps,
        contracts,
    } = found.ok_or_else(|| Failure::new(format!("there is no merchant {merchant_id}")))?;
    let state = if merchant.is_enabled {
        "enabled"
    } else {
        "disabled"
    };
    let mut lines = vec![format!("{merchant_id}  {}  {state}", merchant.name)];
    for app in apps {
        lines.push(format!("app {} speaks {}", app.app_id, app.dialect_id));
        let owner = KeyOwner::App(app.dialect_id, app.app_id);
        lines.extend(key_lines(&engine.store().list_keys(owner.name()).await?));
    }
    let rows: Vec<_> = contracts
        .iter()
        .map(|contract| {
            vec![
                contract.wallet.as_str().to_owned(),
                contract.channel_account_id.to_string(),
                heliu_ports::exchange::mask(&contract.sub_merchant_id),
                format!("{} ppm", contract.fee.rate_ppm),
            ]
        })
        .collect();
    lines.push(table(
        &["wallet", "channel account", "sub-merchant", "fee"],
        &rows,
    ));
    Ok(lines.join("\n"))
}

fn key_lines(keys: &[SealedKey]) -> Vec<String> {
    let line = |key: &SealedKey| {
        format!(
            "  {} key, version {}, fingerprint {}",
            key.role, key.version, key.fingerprint
        )
    };
    keys.iter().map(line).collect()
}

pub(super) async fn list_keys(engine: &Engine, owner: String) -> Result<String, Failure> {
    let keys = engine.store().list_keys(owner.clone()).await?;
    if keys.is_empty() {
        return Err(Failure::with_cure(
            format!("{owner} has no keys"),
            "owners are written app:DIALECT:APP or channel_account:ID",
        ));
    }
    Ok(key_lines(&keys).join("\n"))
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
