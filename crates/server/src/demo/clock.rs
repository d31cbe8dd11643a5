//! The one clock of a demonstration: the platform's books say how far it is ahead, and the sandbox
//! goes by it, in the same process or in one of its own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use heliu_engine::Engine;
use heliu_office::actor::Actor;
use heliu_office::{Office, clock};
use heliu_outbound::{AddressPolicy, Outbound};
use heliu_ports::clock::{Clock as _, MovableClock, SystemClock};
use heliu_ports::transport::{CallLimits, Purpose, Transport as _};
use heliu_ports::wire::OutRequest;
use heliu_sandbox::ClockMover;
use heliu_trade::time::Timestamp;
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// How often a node looks whether the clock of a sandbox elsewhere was moved.
const LOOK: Duration = Duration::from_secs(2);
/// Clocks that differ by less are equal: instants are told in whole seconds.
const EQUAL_MS: i64 = 1_000;
const LIMITS: CallLimits = CallLimits {
    purpose: Purpose::Channel,
    connect_timeout_ms: 2_000,
    timeout_ms: 5_000,
    answer_bytes_max: 1 << 12,
};

/// The platform's office, by which the control of a sandbox in this process moves the clock.
pub(super) struct OfficeClock(pub(super) Office);

impl ClockMover for OfficeClock {
    fn ahead_ms(&self) -> i64 {
        ahead_ms(self.0.engine())
    }

    fn move_to(&self, at_ms: i64) -> BoxFuture<'static, Result<i64, String>> {
        let office = self.0.clone();
        Box::pin(async move {
            let (actor, at) = (Actor::platform("sandbox"), Timestamp::from_ms(at_ms));
            let moved = clock::advance(&office, &actor, at).await;
            moved
                .map(Timestamp::as_ms)
                .map_err(|cause| cause.to_string())
        })
    }
}

/// The clock of a sandbox that runs alone; nodes follow it, and it follows them.
pub(super) struct AloneClock(pub(super) MovableClock);

impl ClockMover for AloneClock {
    fn ahead_ms(&self) -> i64 {
        self.0.ahead_ms()
    }

    fn move_to(&self, at_ms: i64) -> BoxFuture<'static, Result<i64, String>> {
        let (now, at) = (self.0.now(), Timestamp::from_ms(at_ms));
        let moved = if at > now {
            self.0.set_ahead(self.0.ahead_ms() + at.since_ms(now));
            Ok(self.0.now().as_ms())
        } else {
            let told =
                format!("{at} is not ahead: it is {now}, and the clock is moved forward only");
            Err(told)
        };
        Box::pin(std::future::ready(moved))
    }
}

/// What the clock of a sandbox says.
#[derive(Deserialize)]
struct Told {
    now_ms: i64,
    ahead_ms: i64,
}

/// Keeps the clocks of the platform and of a sandbox elsewhere equally far ahead; never ends.
pub(super) async fn follow(engine: Engine, sandbox_url: String) {
    let policy = AddressPolicy {
        dangerous_allow_private: true,
        ..AddressPolicy::default()
    };
    let transport = Outbound::new(policy, Arc::new(SystemClock));
    let url = format!("{}/control/clock", sandbox_url.trim_end_matches('/'));
    let office = OfficeClock(Office::new(engine.clone()));
    loop {
        tokio::time::sleep(LOOK).await;
        let Ok(told) = call(&transport, Method::GET, &url, Bytes::new()).await else {
            continue;
        };
        let behind_ms = told.ahead_ms - ahead_ms(&engine);
        let moved = if behind_ms >= EQUAL_MS {
            let at = engine.clock().now().plus_ms(behind_ms);
            office.move_to(at.as_ms()).await.map(|_| ())
        } else if behind_ms <= -EQUAL_MS {
            let at = Timestamp::from_ms(told.now_ms - behind_ms).to_string();
            let body = json!({ "at": at }).to_string().into();
            let moved = call(&transport, Method::POST, &url, body).await;
            moved.map(|_| ())
        } else {
            Ok(())
        };
        if let Err(cause) = moved {
            tracing::warn!(cause, "the clocks of platform and sandbox differ");
        }
    }
}

async fn call(
    transport: &Outbound,
    method: Method,
    url: &str,
    body: Bytes,
) -> Result<Told, String> {
    let request = OutRequest {
        method,
        url: url.to_owned(),
        headers: Vec::new(),
        body,
    };
    let answer = transport.call(request, LIMITS).await;
    let answer = answer.map_err(|error| error.to_string())?;
    serde_json::from_slice(&answer.body)
        .map_err(|_| String::from_utf8_lossy(&answer.body).into_owned())
}

fn ahead_ms(engine: &Engine) -> i64 {
    let movable = engine.clock().movable();
    movable.map_or(0, MovableClock::ahead_ms)
}
