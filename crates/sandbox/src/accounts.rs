//! What the portals hand over: each upstream's account with the keys of both sides, and that of the
//! provider of text messages.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::store::Store;

/// Where text messages are handed in.
pub(crate) const SMS_PATH: &str = "/sms";

/// What the portal of one upstream hands to its customer, as a type of its own.
pub trait PortalAccount: DeserializeOwned {
    /// The upstream's name.
    const UPSTREAM: &'static str;
}

/// What all portals would hand over: the platform's side of every key, which here protects nothing.
#[derive(Clone, Serialize, Deserialize)]
pub struct PortalKeys {
    /// Where the sandbox is reached, without a trailing slash; each upstream has its folder there.
    pub base_url: String,
    /// The part of the provider of text messages.
    pub sms: SmsAccount,
    /// The parts of the upstreams, by their names; see [`PortalKeys::account`].
    #[serde(flatten)]
    pub upstreams: BTreeMap<String, Value>,
}

impl PortalKeys {
    /// One upstream's part.
    ///
    /// # Errors
    /// When it is not there, or is not what that upstream hands over.
    pub fn account<T: PortalAccount>(&self) -> Result<T, SandboxError> {
        let part = self.upstreams.get(T::UPSTREAM).cloned();
        Ok(serde_json::from_value(part.unwrap_or_default())?)
    }
}

/// What a provider of text messages would hand to its customer.
#[derive(Clone, Serialize, Deserialize)]
pub struct SmsAccount {
    /// Where messages are handed in.
    pub url: String,
    /// The bearer token that goes with each.
    pub token: String,
}

/// The account of one upstream, opened.
pub(crate) struct Opened {
    keys: Box<dyn Any + Send + Sync>,
    portal: Value,
}

impl Opened {
    /// The keys of both sides, found again by their type, and what the portal hands over of them.
    pub(crate) fn new<K: Any + Send + Sync>(
        keys: K,
        portal: &impl Serialize,
    ) -> Result<Self, SandboxError> {
        Ok(Self {
            keys: Box::new(keys),
            portal: serde_json::to_value(portal)?,
        })
    }
}

/// All secrets of both sides, loaded once.
pub(crate) struct Accounts {
    keys: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    portals: BTreeMap<String, Value>,
    pub(crate) sms_token: String,
}

impl Accounts {
    /// Makes or finds the secrets that belong to no upstream; [`Accounts::add`] does the others.
    pub(crate) fn load(store: &Store) -> Result<Self, SandboxError> {
        Ok(Self {
            keys: HashMap::new(),
            portals: BTreeMap::new(),
            sms_token: store.kept("sms_token", &|| random_hex(16))?,
        })
    }

    /// Adds what an upstream opened.
    pub(crate) fn add(&mut self, upstream: &str, opened: Opened) {
        self.keys.insert((*opened.keys).type_id(), opened.keys);
        self.portals.insert(upstream.to_owned(), opened.portal);
    }

    /// The keys of an upstream, by its own type of them.
    pub(crate) fn of<K: Any>(&self) -> Result<&K, SandboxError> {
        let keys = self.keys.get(&TypeId::of::<K>());
        keys.and_then(|keys| keys.downcast_ref())
            .ok_or(SandboxError::Key("an upstream's keys were not opened"))
    }

    /// All of them, for whoever reaches the sandbox at `base_url`.
    pub(crate) fn portal_keys(&self, base_url: &str) -> PortalKeys {
        PortalKeys {
            base_url: base_url.to_owned(),
            sms: SmsAccount {
                url: format!("{base_url}{SMS_PATH}"),
                token: self.sms_token.clone(),
            },
            upstreams: self.portals.clone(),
        }
    }
}
