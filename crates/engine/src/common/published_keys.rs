//! The keys by which channels sign, where channels publish them: asked for by timer, since they
//! last for years and are there before they are used, and once more when a message names a key that
//! its account lacks.
//!
//! Each node asks for itself; what it learns is a key like those that operators enter, and the
//! others hear of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use heliu_ports::channel::LookupRefused;
use heliu_ports::keys::{KeyError, KeyOwner, SealedKey, named_role};
use heliu_ports::store::{DirectoryChange, StoreError};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::id::ChannelAccountId;
use heliu_trade::time::Timestamp;
use tokio::sync::Notify;

use crate::Inner;
use crate::common::directory::AccountProfile;

/// How often a channel is asked, in ms.
const PERIOD_MS: i64 = 6 * 60 * 60 * 1000;
/// When it is asked again if it gave no answer, and the earliest that it is asked again whatever it
/// names, in ms.
const RETRY_MS: i64 = 10 * 60 * 1000;
/// For how long an unknown key of an account is not told again, in ms.
const TOLD_MS: i64 = 60 * 60 * 1000;
/// So many unknown keys of an account are told within that time: whoever knows a callback's address
/// could name more.
const TOLD_MAX: usize = 8;

/// Which accounts were asked about when, and which keys were missed.
#[derive(Default)]
pub(crate) struct KeyWatch {
    accounts: Mutex<BTreeMap<ChannelAccountId, Watched>>,
    missed: Notify,
}

#[derive(Default)]
struct Watched {
    asked_at: Option<Timestamp>,
    /// When it is asked again; at once, if nothing stands here.
    due_at: Option<Timestamp>,
    told_since: Option<Timestamp>,
    told: BTreeSet<String>,
}

impl KeyWatch {
    fn with<T>(&self, account: &ChannelAccountId, act: impl FnOnce(&mut Watched) -> T) -> T {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        act(accounts.entry(account.clone()).or_default())
    }

    /// A message named a key that the account lacks: the operator is told, and the channel is asked
    /// for its keys.
    pub(crate) fn miss(&self, account: &ChannelAccountId, serial: &str, now: Timestamp) {
        let is_new = self.with(account, |watched| {
            let again_at = watched.asked_at.map(|at| at.plus_ms(RETRY_MS));
            let due_at = again_at.map_or(now, |at| at.max(now));
            watched.due_at = Some(watched.due_at.map_or(due_at, |at| at.min(due_at)));
            if watched
                .told_since
                .is_none_or(|at| now.since_ms(at) > TOLD_MS)
            {
                watched.told_since = Some(now);
                watched.told.clear();
            }
            watched.told.len() < TOLD_MAX && watched.told.insert(serial.to_owned())
        });
        if is_new {
            tracing::warn!(
                channel_account = %account,
                serial,
                "a channel signed with a key that its account lacks, so its message was refused; if the channel publishes \
                 its keys it is asked for them now, else give the key: heliu channels put, --key ROLE/SERIAL=@FILE"
            );
            metrics::counter!("heliu_unknown_channel_keys_total").increment(1);
        }
        self.missed.notify_one();
    }

    /// Whether it is an account's turn.
    fn is_due(&self, account: &ChannelAccountId, now: Timestamp) -> bool {
        self.with(account, |watched| watched.due_at.is_none_or(|at| at <= now))
    }

    fn asked(&self, account: &ChannelAccountId, now: Timestamp, gap_ms: i64) {
        self.with(account, |watched| {
            watched.asked_at = Some(now);
            watched.due_at = Some(now.plus_ms(gap_ms));
        });
    }

    /// When the next account's turn comes, at the latest after `now` and a period.
    fn next_at(&self, now: Timestamp) -> Timestamp {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let due = accounts.values().filter_map(|watched| watched.due_at);
        due.fold(now.plus_ms(PERIOD_MS), Timestamp::min)
    }
}

/// Never ends. Where no channel publishes keys it does nothing at all.
pub(crate) async fn keep(inner: &Inner) {
    if !inner
        .channels
        .iter()
        .any(|channel| channel.key_publisher().is_some())
    {
        return std::future::pending().await;
    }
    loop {
        let next_at = match inner.ask_for_keys().await {
            Ok(()) => inner.key_watch.next_at(inner.now()),
            Err(cause) => {
                tracing::error!(cause = %cause, "channels' keys cannot be looked after");
                inner.now().plus_ms(RETRY_MS)
            }
        };
        tokio::select! {
            biased;
            () = inner.key_watch.missed.notified() => {}
            () = inner.clock.sleep_until(next_at) => {}
        }
    }
}

impl Inner {
    /// Asks the channels of all accounts whose turn it is.
    async fn ask_for_keys(&self) -> Result<(), StoreError> {
        for account in self.store.list_channel_accounts().await? {
            let id = &account.channel_account_id;
            if self.key_watch.is_due(id, self.now()) {
                // An account that cannot be used is no reason to forget the others.
                let asked = self.ask_for_keys_of(&account).await;
                let gap_ms = asked.unwrap_or_else(|cause| {
                    tracing::warn!(channel_account = %id, cause = %cause, "its channel cannot be asked for its keys");
                    RETRY_MS
                });
                self.key_watch.asked(id, self.now(), gap_ms);
            }
        }
        Ok(())
    }

    /// Asks for one account's; in how many ms again.
    async fn ask_for_keys_of(&self, account: &ChannelAccount) -> Result<i64, StoreError> {
        let id = &account.channel_account_id;
        let mut channels = self.channels.iter();
        let channel =
            channels.find(|channel| channel.descriptor().id == account.channel_id.as_str());
        let Some(publisher) = channel.and_then(|channel| channel.key_publisher()) else {
            return Ok(PERIOD_MS);
        };
        let profile = self.account(id).await?;
        let line = self.line(&profile);
        let published = match publisher.published_keys(&line, account).await {
            Ok(published) => published,
            Err(LookupRefused::Unsupported) => return Ok(PERIOD_MS),
            Err(LookupRefused::Refused(word)) => {
                tracing::debug!(channel_account = %id, word, "the channel publishes no keys for this account");
                return Ok(PERIOD_MS);
            }
            Err(LookupRefused::Unknown(unknown)) => {
                tracing::warn!(channel_account = %id, why = unknown.why, "the channel did not tell its keys");
                return Ok(RETRY_MS);
            }
        };
        let owner = KeyOwner::ChannelAccount(id.clone());
        let known = self.store.list_keys(owner.name()).await?;
        let is_known = |role: &str| known.iter().any(|key| key.role == role);
        let mut fresh: Vec<SealedKey> = Vec::new();
        for key in &published {
            let role = named_role(key.role, &key.serial);
            if is_known(&role) {
                continue;
            }
            match self.vault.seal_key(&owner, &role, 1, &key.certificate) {
                Ok(sealed) => {
                    tracing::info!(channel_account = %id, serial = key.serial, "the channel has a further key");
                    fresh.push(sealed);
                }
                Err(cause) => tell_unusable(id, &cause),
            }
        }
        if !fresh.is_empty() {
            let change = DirectoryChange::PutKeys(fresh);
            self.store.change_directory(change).await?;
            self.directory.forget();
        }
        Ok(PERIOD_MS)
    }

    /// For a line whose channel named a key that it lacks.
    pub(crate) fn miss_key(&self, account: &AccountProfile, serial: &str) {
        let id = &account.account.channel_account_id;
        self.key_watch.miss(id, serial, self.now());
    }
}

fn tell_unusable(account: &ChannelAccountId, cause: &KeyError) {
    tracing::warn!(channel_account = %account, cause = %cause, "a key that the channel told cannot be used");
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_768_442_400_000);

    #[test]
    fn a_missed_key_is_asked_for_at_once_and_then_not_for_a_while() {
        let (watch, account) = (KeyWatch::default(), ChannelAccountId::from("one"));
        assert!(watch.is_due(&account, NOW), "at the start");
        watch.asked(&account, NOW, PERIOD_MS);
        assert_eq!(watch.next_at(NOW), NOW.plus_ms(PERIOD_MS));
        watch.miss(&account, "A1", NOW.plus_ms(1));
        let again_at = NOW.plus_ms(RETRY_MS);
        assert_eq!(
            watch.next_at(NOW),
            again_at,
            "a loop of askings helps nobody"
        );
        watch.miss(&account, "A1", again_at.plus_ms(5));
        assert!(watch.is_due(&account, again_at.plus_ms(5)));
        watch.asked(&account, again_at, PERIOD_MS);
        assert!(!watch.is_due(&account, again_at.plus_ms(5)));
    }

    #[test]
    fn only_so_many_names_of_strangers_are_remembered() {
        let (watch, account) = (KeyWatch::default(), ChannelAccountId::from("one"));
        for index in 0..1_000 {
            watch.miss(&account, &format!("A{index}"), NOW);
        }
        assert_eq!(watch.with(&account, |watched| watched.told.len()), TOLD_MAX);
        let later = NOW.plus_ms(TOLD_MS + 1);
        watch.miss(&account, "B", later);
        assert_eq!(watch.with(&account, |watched| watched.told.len()), 1);
    }
}
