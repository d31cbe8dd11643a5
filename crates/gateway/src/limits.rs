//! How many requests one address, one app and one agent may send.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use heliu_ports::dialect::Signer;
use heliu_trade::id::{AgentId, AppId};

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// How many apps' worth of requests one agent may send in all.
const APPS_PER_AGENT: u32 = 20;

/// Requests that are let through; an absent limit lets all through.
pub struct RateLimits {
    per_address: Option<Keyed<IpAddr>>,
    per_app: Option<Keyed<AppId>>,
    per_agent: Option<Keyed<AgentId>>,
}

impl RateLimits {
    /// Limits in requests per second, with a burst of twice as many; 0 is no limit.
    #[must_use]
    pub fn new(per_address_per_s: u32, per_app_per_s: u32) -> Self {
        Self {
            per_address: keyed(per_address_per_s),
            per_app: keyed(per_app_per_s),
            per_agent: keyed(per_app_per_s.saturating_mul(APPS_PER_AGENT)),
        }
    }

    /// Whether this address may send one more; asked before anything is decoded.
    #[must_use]
    pub fn takes_address(&self, address: IpAddr) -> bool {
        self.per_address
            .as_ref()
            .is_none_or(|limit| limit.check_key(&address).is_ok())
    }

    /// Whether this signer may send one more; asked once its signature held, whatever it asks for.
    #[must_use]
    pub fn takes_signer(&self, signer: &Signer) -> bool {
        match signer {
            Signer::App(app) => self.takes_app(app),
            Signer::Agent(agent) => self
                .per_agent
                .as_ref()
                .is_none_or(|limit| limit.check_key(agent).is_ok()),
        }
    }

    /// Whether one more may be sent for this app by its agent.
    #[must_use]
    pub fn takes_app(&self, app: &AppId) -> bool {
        self.per_app
            .as_ref()
            .is_none_or(|limit| limit.check_key(app).is_ok())
    }

    /// Forgets addresses, apps and agents that have been quiet, so that memory does not grow with history.
    pub fn forget_the_quiet(&self) {
        if let Some(limit) = &self.per_address {
            limit.retain_recent();
        }
        if let Some(limit) = &self.per_app {
            limit.retain_recent();
        }
        if let Some(limit) = &self.per_agent {
            limit.retain_recent();
        }
    }
}

fn keyed<K: Clone + std::hash::Hash + Eq>(per_s: u32) -> Option<Keyed<K>> {
    let per_s = NonZeroU32::new(per_s)?;
    let burst = NonZeroU32::new(per_s.get().saturating_mul(2))?;
    Some(RateLimiter::keyed(
        Quota::per_second(per_s).allow_burst(burst),
    ))
}
