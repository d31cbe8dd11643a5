//! Sending, within limits.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use heliu_ports::BoxFuture;
use heliu_ports::clock::Clock;
use heliu_ports::crash;
use heliu_ports::transport::{CallError, CallLimits, Purpose, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::filter::AddressPolicy;

/// Idle connections kept per destination.
const IDLE_PER_HOST_MAX: usize = 64;
/// How long an idle connection is kept, in ms.
const IDLE_TIMEOUT_MS: i64 = 30_000;

/// The one HTTP client.
pub struct Outbound {
    policy: AddressPolicy,
    clock: Arc<dyn Clock>,
    /// One client for each purpose and connect time-out, since the library fixes both at building.
    clients: Mutex<HashMap<(Purpose, i64), reqwest::Client>>,
}

impl Outbound {
    /// A client that filters notification addresses by `policy`. Addresses of channels are the
    /// operator's own and not filtered.
    #[must_use]
    pub fn new(policy: AddressPolicy, clock: Arc<dyn Clock>) -> Self {
        Self {
            policy,
            clock,
            clients: Mutex::new(HashMap::new()),
        }
    }

    fn client(&self, limits: CallLimits) -> Result<reqwest::Client, CallError> {
        let key = (limits.purpose, limits.connect_timeout_ms);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("heliu/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.clock.duration(limits.connect_timeout_ms))
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .pool_idle_timeout(self.clock.duration(IDLE_TIMEOUT_MS));
        if limits.purpose == Purpose::Notification {
            builder = builder.dns_resolver(Arc::new(FilteringResolver {
                policy: self.policy,
            }));
        }
        let client = builder
            .build()
            .map_err(|cause| CallError::NotSent(cause.to_string()))?;
        clients.insert(key, client.clone());
        Ok(client)
    }

    async fn exchange(
        &self,
        request: OutRequest,
        limits: CallLimits,
    ) -> Result<WireResponse, CallError> {
        if limits.purpose == Purpose::Notification {
            self.policy
                .check(&request.url)
                .map_err(CallError::NotSent)?;
        }
        let client = self.client(limits)?;
        let mut builder = client.request(request.method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let built = builder.body(request.body).build();
        let built = built.map_err(|cause| CallError::NotSent(cause.to_string()))?;
        let mut response = client.execute(built).await.map_err(|cause| {
            if cause.is_connect() || cause.is_builder() {
                CallError::NotSent(chain(&cause))
            } else {
                CallError::NoAnswer(chain(&cause))
            }
        })?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|cause| CallError::NoAnswer(chain(&cause)))?
        {
            if body.len() + chunk.len() > limits.answer_bytes_max {
                let message = format!("the answer exceeds {} bytes", limits.answer_bytes_max);
                return Err(CallError::NoAnswer(message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(WireResponse {
            status,
            headers,
            body: body.into(),
        })
    }
}

impl Transport for Outbound {
    fn call(
        &self,
        request: OutRequest,
        limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(async move {
            crash::point("before an outgoing call");
            let timeout = self.clock.duration(limits.timeout_ms);
            let result = match tokio::time::timeout(timeout, self.exchange(request, limits)).await {
                Ok(result) => result,
                Err(_) => Err(CallError::NoAnswer(format!(
                    "no answer within {} ms",
                    limits.timeout_ms
                ))),
            };
            crash::point("after an outgoing call");
            result
        })
    }

    fn check_address(&self, url: &str) -> Result<(), String> {
        self.policy.check(url).map(|_| ())
    }
}

/// The whole chain of causes, since the outermost says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Resolves names and drops the addresses that may not be dialled.
struct FilteringResolver {
    policy: AddressPolicy,
}

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| policy.allows(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(format!("{} leads to no public address", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
