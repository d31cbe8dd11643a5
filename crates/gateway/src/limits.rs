//! How many requests one address and one app may send.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use heliu_trade::id::AppId;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// Requests that are let through; an absent limit lets all through.
pub struct RateLimits {
    per_address: Option<Keyed<IpAddr>>,
    per_app: Option<Keyed<AppId>>,
}

impl RateLimits {
    /// Limits in requests per second, with a burst of twice as many; 0 is no limit.
    #[must_use]
    pub fn new(per_address_per_s: u32, per_app_per_s: u32) -> Self {
        Self {
            per_address: keyed(per_address_per_s),
            per_app: keyed(per_app_per_s),
        }
    }

    /// Whether this address may send one more; asked before anything is decoded.
    #[must_use]
    pub fn takes_address(&self, address: IpAddr) -> bool {
        self.per_address
            .as_ref()
            .is_none_or(|limit| limit.check_key(&address).is_ok())
    }

    /// Whether this app may send one more; asked after it was verified.
    #[must_use]
    pub fn takes_app(&self, app: &AppId) -> bool {
        self.per_app
            .as_ref()
            .is_none_or(|limit| limit.check_key(app).is_ok())
    }

    /// Forgets addresses and apps that have been quiet, so that memory does not grow with history.
    pub fn forget_the_quiet(&self) {
        if let Some(limit) = &self.per_address {
            limit.retain_recent();
        }
        if let Some(limit) = &self.per_app {
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
