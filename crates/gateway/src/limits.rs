//! How many requests one address, one app and one agent may send: by the operator's limits, and by
//! the wire's own.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use heliu_ports::dialect::{Pace, Signer};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, AppId};
use heliu_trade::time::{SECOND_MS, Timestamp};
use http::StatusCode;
use tokio::time::Instant;

use crate::misses::Misses;
use crate::paces::Paces;
use crate::recording::busy;
use crate::serve::Visitor;
use crate::visitor::Origin;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// How many apps' worth of requests one agent may send in all.
const APPS_PER_AGENT: u32 = 20;

/// Requests that are let through; an absent limit lets all through.
pub struct RateLimits {
    per_address: Option<Keyed<Origin>>,
    per_app: Option<Keyed<AppId>>,
    per_agent: Option<Keyed<AgentId>>,
    misses: Misses,
    paces: Paces,
}

impl RateLimits {
    /// Limits in requests per second, with a burst of twice as many; 0 is no limit.
    #[must_use]
    pub fn new(per_address_per_s: u32, per_app_per_s: u32) -> Self {
        Self {
            per_address: keyed(per_address_per_s),
            per_app: keyed(per_app_per_s),
            per_agent: keyed(per_app_per_s.saturating_mul(APPS_PER_AGENT)),
            misses: Misses::default(),
            paces: Paces::default(),
        }
    }

    /// Whether this address may send one more; asked before anything is decoded. One that is not
    /// counted may.
    pub(crate) fn takes_address(&self, origin: Option<Origin>) -> bool {
        match (&self.per_address, origin) {
            (Some(limit), Some(origin)) => limit.check_key(&origin).is_ok(),
            _ => true,
        }
    }

    /// Whether this signer may send one more; asked once its signature held, whatever it asks for.
    pub(crate) fn takes_signer(&self, signer: &Signer) -> bool {
        match signer {
            Signer::App(app) => self.takes_app(app),
            Signer::Agent(agent) => self
                .per_agent
                .as_ref()
                .is_none_or(|limit| limit.check_key(agent).is_ok()),
        }
    }

    /// Whether one more may be sent for this app by its agent.
    pub(crate) fn takes_app(&self, app: &AppId) -> bool {
        self.per_app
            .as_ref()
            .is_none_or(|limit| limit.check_key(app).is_ok())
    }

    /// Counts a request of a signer of a wire towards the wire's own pace.
    ///
    /// # Errors
    /// It is one too many; the error says how long to wait.
    pub(crate) fn keep_pace(
        &self,
        of: (&'static str, &Signer),
        pace: Pace,
        now: Timestamp,
    ) -> Result<(), TradeError> {
        let (dialect, signer) = of;
        let taken = self.paces.take((dialect, &signer.to_string()), pace, now);
        taken.map_err(|wait_ms| {
            let (requests, window_s) = (pace.requests, pace.window_ms / SECOND_MS);
            let problem = format!(
                "{signer} asks more than {requests} times in {window_s} s; it may ask again in \
                 {wait_ms} ms"
            );
            TradeError {
                wait_ms: Some(wait_ms),
                ..TradeError::advised(ErrorCode::RateLimited, problem)
            }
        })
    }

    /// Forgets addresses, apps and agents that have been quiet, so that memory does not grow with
    /// history.
    pub fn forget_the_quiet(&self, now: Timestamp) {
        if let Some(limit) = &self.per_address {
            limit.retain_recent();
        }
        if let Some(limit) = &self.per_app {
            limit.retain_recent();
        }
        if let Some(limit) = &self.per_agent {
            limit.retain_recent();
        }
        self.misses.forget_the_quiet(Instant::now());
        self.paces.forget_the_quiet(now);
    }
}

fn keyed<K: Clone + std::hash::Hash + Eq>(per_s: u32) -> Option<Keyed<K>> {
    let per_s = NonZeroU32::new(per_s)?;
    let burst = NonZeroU32::new(per_s.get().saturating_mul(2))?;
    Some(RateLimiter::keyed(
        Quota::per_second(per_s).allow_burst(burst),
    ))
}

/// Limits, by address, requests that nobody signs: payers' pages and channels' callbacks. Of an
/// address that asks too often for what is not there nothing more is heard for a while.
pub fn guarded(router: Router, limits: Arc<RateLimits>) -> Router {
    router.layer(from_fn_with_state(limits, guard))
}

async fn guard(State(limits): State<Arc<RateLimits>>, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>();
    let origin = visitor.and_then(|visitor| visitor.origin);
    let misses_often = |origin| limits.misses.are_too_many(origin, Instant::now());
    if !limits.takes_address(origin) || origin.is_some_and(misses_often) {
        return busy(
            429,
            "too many requests from this address\n请求过于频繁，请稍后再试",
        );
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND
        && let Some(origin) = origin
    {
        limits.misses.add(origin, Instant::now());
    }
    response
}
