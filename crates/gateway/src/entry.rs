//! What a merchant's request comes in by: one surface of one dialect.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use heliu_engine::Engine;
use heliu_ports::dialect::{Dialect, Signer, Surface};
use heliu_ports::keys::{KeyOwner, KeyVersion};
use heliu_ports::signature::KeyRole;
use heliu_ports::store::DirectoryChange;
use heliu_trade::id::DialectId;

use crate::limits::RateLimits;

/// The merchants' side.
pub struct Gateway {
    /// The use cases.
    pub engine: Engine,
    /// Who may send how much.
    pub limits: Arc<RateLimits>,
    /// Keys of which the books are being told that their owners have them.
    proving: Mutex<HashSet<ProvedKey>>,
}

type ProvedKey = (KeyOwner, KeyRole, KeyVersion);

impl Gateway {
    /// Takes requests for these use cases, within these limits.
    #[must_use]
    pub fn new(engine: Engine, limits: RateLimits) -> Self {
        Self {
            engine,
            limits: Arc::new(limits),
            proving: Mutex::default(),
        }
    }

    /// Tells the books, once at a time, that an owner has this key.
    async fn prove_key(&self, proved: ProvedKey) {
        let (owner, role, version) = &proved;
        let change = DirectoryChange::ProveKey {
            owner: owner.name(),
            role: role.0.to_owned(),
            version: version.0,
        };
        if !self.proving().insert(proved.clone()) {
            return;
        }
        if let Err(cause) = self.engine.change_directory(change).await {
            tracing::warn!(%cause, "it cannot be noted that a new key is in use");
        }
        self.proving().remove(&proved);
    }

    fn proving(&self) -> std::sync::MutexGuard<'_, HashSet<ProvedKey>> {
        self.proving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One surface of one dialect.
pub(crate) struct Entry {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) surface: &'static dyn Surface,
}

impl Entry {
    /// Tells the books that the signer has this key: notifications are signed with it from now on
    /// (ruling 30). Not waited for; if it is lost the next request does it.
    pub(crate) fn prove_key(&self, signer: &Signer, role: KeyRole, version: KeyVersion) {
        let dialect = DialectId::from(self.dialect.descriptor().id);
        let owner = signer.key_owner(dialect);
        let gateway = Arc::clone(&self.gateway);
        tokio::spawn(async move { gateway.prove_key((owner, role, version)).await });
    }
}
