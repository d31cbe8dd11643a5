//! Accounts with channels.

mod in_use;

pub(crate) use in_use::{Through, open_through};

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_engine::Engine;
use heliu_engine::enrolment::accounts::{faults_of_key_roles, faults_of_settings, merged};
use heliu_engine::enrolment::names::check_id;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::channel::Channel;
use heliu_ports::keys::KeyOwner;
use heliu_ports::lists::{AccountFilter, MerchantFilter, Page};
use heliu_ports::store::DirectoryChange;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::id::{ChannelAccountId, ChannelId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::keys::{KeyRow, rows_of, sealed};
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// An account has one key of each role, which a new one replaces: what the channel signs with is
/// told apart by the serial in the role, and what we sign with changes at the channel at once.
const VERSION: u32 = 1;

/// A channel account.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewChannelAccount {
    /// Its id here.
    pub channel_account_id: String,
    /// Which channel; the one that stands, if absent.
    pub channel: Option<String>,
    /// Addresses and numbers; those that stand and are not named stay, an empty text takes one
    /// away.
    pub settings: BTreeMap<String, String>,
    /// Its keys by role; those that stand and are not named stay.
    pub keys: BTreeMap<String, String>,
}

/// An account with what is known of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// The account.
    pub account: ChannelAccount,
    /// Its channel's name, for people.
    pub channel_name: String,
    /// Its keys.
    pub keys: Vec<KeyRow>,
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// Its id here.
    pub channel_account_id: ChannelAccountId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// How many contracts go through it.
    pub contracts: u64,
}

/// The channel of an id.
pub(crate) fn find_channel(engine: &Engine, id: &str) -> Option<Arc<dyn Channel>> {
    let mut channels = engine.channels().iter();
    channels
        .find(|channel| channel.descriptor().id == id)
        .cloned()
}

fn known_channels(engine: &Engine) -> Vec<String> {
    let all = engine.channels().iter();
    all.map(|channel| channel.descriptor().id.to_owned())
        .collect()
}

fn subject(id: &ChannelAccountId) -> String {
    format!("channel account {id}")
}

/// Writes an account: what one that stands has, and is not named, stays.
///
/// # Errors
/// The actor may not, or something that was entered is wrong.
pub async fn put(
    office: &Office,
    actor: &Actor,
    new: NewChannelAccount,
) -> Result<AccountView, OfficeError> {
    actor.check(Permission::Configure)?;
    let engine = office.engine();
    let id = ChannelAccountId::from(new.channel_account_id);
    let (standing, standing_keys) = match engine.store().find_channel_account(&id).await? {
        Some((account, keys)) => (Some(account), keys),
        None => (None, Vec::new()),
    };
    let mut faults = Faults::new();
    faults.note("channel account", check_id(id.as_str()));
    let channel = match channel_of(engine, &id, new.channel, standing.as_ref()) {
        Ok(channel) => channel,
        Err(problem) => {
            faults.add("channel", problem);
            return Err(faults.into());
        }
    };
    let descriptor = channel.descriptor();
    let standing_settings = standing.as_ref().map(|account| account.settings.clone());
    let settings = merged(&standing_settings.unwrap_or_default(), &new.settings);
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
    let act = Act {
        action: "channels.put",
        subject: subject(&id),
        before: standing.map(|account| told(&account, &rows_of(&standing_keys))),
        after: Some(told(&account, &rows_of(&keys))),
    };
    let change = DirectoryChange::PutChannelAccount {
        account: account.clone(),
        keys,
    };
    office.change(actor, change, act).await?;
    view(office, account).await
}

fn told(account: &ChannelAccount, keys: &[KeyRow]) -> serde_json::Value {
    json!({ "account": account, "keys": keys })
}

async fn view(office: &Office, account: ChannelAccount) -> Result<AccountView, OfficeError> {
    let owner = KeyOwner::ChannelAccount(account.channel_account_id.clone());
    let keys = rows_of(&office.store().list_keys(owner.name()).await?);
    let channel = find_channel(office.engine(), account.channel_id.as_str());
    let name = channel.map_or("", |channel| channel.descriptor().name);
    Ok(AccountView {
        account,
        channel_name: name.to_owned(),
        keys,
    })
}

async fn must_find(office: &Office, id: &ChannelAccountId) -> Result<ChannelAccount, OfficeError> {
    let found = office.store().find_channel_account(id).await?;
    let missing = || {
        OfficeError::with_cure(
            format!("there is no channel account {id}"),
            "heliu channels list shows which there are",
        )
    };
    Ok(found.ok_or_else(missing)?.0)
}

/// Which accounts, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AccountsAsked {
    /// With this channel.
    pub channel: Option<String>,
    /// Its id begins so.
    pub id: Option<String>,
}

/// Accounts, by id.
///
/// # Errors
/// There is no such channel, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: AccountsAsked,
    part: Part,
) -> Result<Paged<AccountRow>, OfficeError> {
    actor.check(Permission::See)?;
    if let Some(channel) = &asked.channel
        && find_channel(office.engine(), channel).is_none()
    {
        let mut words = Words::default();
        words.add(
            "channel",
            Problem::NotOneOf(known_channels(office.engine())),
        );
        words.end()?;
    }
    let filter = AccountFilter {
        channel_id: asked.channel.map(ChannelId::from),
        text: asked.id,
    };
    let listed = office.store().page_channel_accounts(filter, part.into());
    Ok(Paged::of(listed.await?, |row| AccountRow {
        contracts: row.contract_count,
        channel_account_id: row.account.channel_account_id,
        channel_id: row.account.channel_id,
    }))
}

/// One account with its settings and its keys' fingerprints.
///
/// # Errors
/// There is none, or the books are away.
pub async fn show(office: &Office, actor: &Actor, id: &str) -> Result<AccountView, OfficeError> {
    actor.check(Permission::See)?;
    let account = must_find(office, &ChannelAccountId::from(id)).await?;
    view(office, account).await
}

/// Removes an account and its keys. While a contract goes through it, or something that was sent
/// through it has not ended, it stays. Later refunds of what was paid through it cannot be sent any
/// more.
///
/// # Errors
/// The actor may not, there is no such account, or it is in use: by what.
pub async fn remove(
    office: &Office,
    actor: &Actor,
    id: &str,
) -> Result<ChannelAccountId, OfficeError> {
    actor.check(Permission::Configure)?;
    let id = ChannelAccountId::from(id);
    let standing = view(office, must_find(office, &id).await?).await?;
    let filter = MerchantFilter {
        channel_account_id: Some(id.clone()),
        ..MerchantFilter::default()
    };
    let first = office
        .store()
        .page_merchants(filter, Page::first(1))
        .await?;
    let mut contracts = first.rows.iter().flat_map(|merchant| &merchant.contracts);
    if let Some(contract) = contracts.find(|contract| contract.channel_account_id == id) {
        return Err(OfficeError::with_cure(
            format!(
                "{id} stays: the {} contract of merchant {} goes through it",
                contract.wallet.as_str(),
                contract.merchant_id
            ),
            format!(
                "heliu merchants edit {} --drop-contract {}:{id}, with --contract for another account \
                 if the wallet is to go on",
                contract.merchant_id,
                contract.wallet.as_str()
            ),
        ));
    }
    if let Some(subject) = open_through(office, &Through::Account(&id)).await? {
        return Err(OfficeError::with_cure(
            format!("{id} stays: {subject} was sent through it and has not ended"),
            "wait until it has ended; heliu jobs list shows what is being done",
        ));
    }
    let act = Act {
        action: "channels.remove",
        subject: subject(&id),
        before: Some(told(&standing.account, &standing.keys)),
        after: None,
    };
    let change = DirectoryChange::RemoveChannelAccount(id.clone());
    office.change(actor, change, act).await?;
    Ok(id)
}

impl Row for AccountRow {
    const COLUMNS: &'static [Column] = &["channel_account", "channel", "contracts"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.channel_account_id.as_str()),
            Cell::text(self.channel_id.as_str()),
            Cell::Count(i64::try_from(self.contracts).unwrap_or(i64::MAX)),
        ]
    }
}

impl Facts for AccountView {
    fn facts(&self) -> Vec<Fact> {
        let account = &self.account;
        let id = Cell::text(account.channel_account_id.as_str());
        let mut facts = vec![
            Fact::new("channel_account", id),
            Fact::new("channel", Cell::text(account.channel_id.as_str())),
        ];
        facts.extend(
            account
                .settings
                .iter()
                .map(|(name, text)| Fact::new(format!("setting_{name}"), Cell::number(text))),
        );
        facts.extend(self.keys.iter().map(|key| {
            let name = format!("{}_key_fingerprint", key.role);
            Fact::new(name, Cell::text(key.fingerprint.as_str()))
        }));
        facts
    }
}

/// The channel of an account: the one that is named, or the one that stands, and never another than
/// that.
fn channel_of(
    engine: &Engine,
    id: &ChannelAccountId,
    named: Option<String>,
    standing: Option<&ChannelAccount>,
) -> Result<Arc<dyn Channel>, Problem> {
    let stands = standing.map(|account| account.channel_id.as_str());
    let word = match (named.as_deref(), stands) {
        (Some(named), Some(stands)) if named != stands => {
            return Err(Problem::unfit(
                format!("of {id} is {stands}; its orders are there, so that it does not change"),
                format!("write another account: heliu channels put OTHER_ID --channel {named}"),
            ));
        }
        (Some(word), _) | (None, Some(word)) => word,
        (None, None) => {
            let known = known_channels(engine).join(", ");
            let problem = format!("is missing: {known}");
            return Err(Problem::unfit(problem, "name it with --channel"));
        }
    };
    find_channel(engine, word).ok_or_else(|| Problem::NotOneOf(known_channels(engine)))
}
