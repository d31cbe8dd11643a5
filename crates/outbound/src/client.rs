//! Sending, within limits.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliu_ports::BoxFuture;
use heliu_ports::clock::Clock;
use heliu_ports::crash;
use heliu_ports::transport::{CallError, CallLimits, ClientIdentity, Purpose, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::files;
use crate::filter::AddressPolicy;

/// Idle connections kept per destination.
const IDLE_PER_HOST_MAX: usize = 64;
/// How long an idle connection is kept, in ms.
const IDLE_TIMEOUT_MS: i64 = 30_000;
/// Pause before the next try where no file was free for a connection.
const FILE_PAUSE: Duration = Duration::from_millis(20);

/// The one HTTP client.
pub struct Outbound {
    policy: AddressPolicy,
    clock: Arc<dyn Clock>,
    /// Certificates that are trusted beside the public ones, for channels.
    trusted: Vec<reqwest::Certificate>,
    /// One client for each of these, since the library fixes them at building.
    clients: Mutex<HashMap<ClientKey, reqwest::Client>>,
}

/// Purpose, connect time-out in ms, fingerprint of the client certificate.
type ClientKey = (Purpose, i64, Option<String>);

impl Outbound {
    /// A client that filters notification addresses by `policy`. Addresses of channels are the
    /// operator's own and not filtered.
    #[must_use]
    pub fn new(policy: AddressPolicy, clock: Arc<dyn Clock>) -> Self {
        Self {
            policy,
            clock,
            trusted: Vec::new(),
            clients: Mutex::new(HashMap::new()),
        }
    }

    /// The same client that also trusts what these certificates (PEM) have signed: a bank's own
    /// authority. Only for channels.
    ///
    /// # Errors
    /// The text holds no certificate.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, String> {
        let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|cause| chain(&cause))?;
        if found.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        self.trusted.extend(found);
        Ok(self)
    }

    fn client(
        &self,
        identity: Option<&ClientIdentity>,
        limits: CallLimits,
    ) -> Result<reqwest::Client, Failure> {
        let fingerprint = identity.map(|identity| identity.fingerprint.clone());
        let key = (limits.purpose, limits.connect_timeout_ms, fingerprint);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Old receivers look for `Content-Length`, capitals and all.
            .http1_title_case_headers()
            .user_agent(concat!("heliu/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.clock.duration(limits.connect_timeout_ms))
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .pool_idle_timeout(self.clock.duration(IDLE_TIMEOUT_MS));
        if limits.purpose == Purpose::Notification {
            builder = builder.dns_resolver(Arc::new(FilteringResolver {
                policy: self.policy.clone(),
            }));
        }
        if limits.purpose == Purpose::Channel {
            builder = builder.tls_certs_merge(self.trusted.clone());
        }
        if let Some(identity) = identity {
            let pem = identity.pem.expose_secret().as_bytes();
            let identity = reqwest::Identity::from_pem(pem).map_err(|_| {
                // The library's words might quote the key.
                let why = "the client certificate or its key cannot be read";
                CallError::NotSent(why.to_owned())
            })?;
            builder = builder.identity(identity);
        }
        let built = builder.build();
        // It reads the machine's authorities from files, and one that could not would trust nobody
        // for ever.
        if let Err(shortage) = files::check() {
            return Err(Failure::NoFile(shortage));
        }
        let client = built.map_err(|cause| CallError::NotSent(cause.to_string()))?;
        clients.insert(key, client.clone());
        Ok(client)
    }

    /// Connections that were kept for further notifications, to however many hosts, give their
    /// files to payments (reliability row A9).
    fn close_idle_notifications(&self) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|(purpose, ..), _| *purpose != Purpose::Notification);
    }

    async fn exchange(
        &self,
        identity: Option<&ClientIdentity>,
        request: &OutRequest,
        limits: CallLimits,
    ) -> Result<WireResponse, Failure> {
        if limits.purpose == Purpose::Notification {
            self.policy
                .check(&request.url)
                .map_err(CallError::NotSent)?;
        }
        let client = self.client(identity, limits)?;
        let mut builder = client.request(request.method.clone(), &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let built = builder.body(request.body.clone()).build();
        let built = built.map_err(|cause| CallError::NotSent(cause.to_string()))?;
        let sent = client.execute(built).await;
        let mut response = sent.map_err(|cause| {
            if !(cause.is_connect() || cause.is_builder()) {
                return Failure::Call(CallError::NoAnswer(chain(&cause)));
            }
            match files::check() {
                Err(shortage) => Failure::NoFile(shortage),
                Ok(()) if files::is_shortage(&cause) => Failure::NoFile(chain(&cause)),
                Ok(()) if cause.is_connect() && is_of_tls(&cause) => {
                    Failure::Call(CallError::NotSecured(chain(&cause)))
                }
                Ok(()) => Failure::Call(CallError::NotSent(chain(&cause))),
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
                return Err(CallError::NoAnswer(message).into());
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

impl Outbound {
    async fn call_within(
        &self,
        identity: Option<ClientIdentity>,
        request: OutRequest,
        limits: CallLimits,
    ) -> Result<WireResponse, CallError> {
        crash::point("before an outgoing call");
        let give_up_at = Instant::now() + self.clock.duration(limits.timeout_ms);
        let result = loop {
            let exchange = self.exchange(identity.as_ref(), &request, limits);
            match tokio::time::timeout_at(give_up_at, exchange).await {
                Ok(Ok(answer)) => break Ok(answer),
                Ok(Err(Failure::Call(error))) => break Err(error),
                // Nothing was sent. Others end their calls, and the next try finds their place.
                Ok(Err(Failure::NoFile(_))) if Instant::now() + FILE_PAUSE < give_up_at => {
                    if limits.purpose == Purpose::Channel {
                        self.close_idle_notifications();
                    }
                    tokio::time::sleep(FILE_PAUSE).await;
                }
                Ok(Err(Failure::NoFile(why))) => break Err(CallError::NotSent(why)),
                Err(_) => {
                    let why = format!("no answer within {} ms", limits.timeout_ms);
                    break Err(CallError::NoAnswer(why));
                }
            }
        };
        crash::point("after an outgoing call");
        result
    }
}

/// Why an exchange failed.
enum Failure {
    /// There was no file for a connection: nothing was sent, and a later try may find one.
    NoFile(String),
    /// Anything else.
    Call(CallError),
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Transport for Outbound {
    fn call(
        &self,
        request: OutRequest,
        limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(self.call_within(None, request, limits))
    }

    fn call_as(
        &self,
        identity: ClientIdentity,
        request: OutRequest,
        limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(self.call_within(Some(identity), request, limits))
    }

    fn check_address(&self, url: &str) -> Result<(), String> {
        self.policy.check(url).map(|_| ())
    }

    fn check_page(&self, url: &str) -> Result<(), String> {
        self.policy.check_page(url)
    }
}

/// Whether a connection failed after the other side had taken it: in the handshake of TLS.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let Some(error) = error.downcast_ref::<std::io::Error>() else {
        return error.source().is_some_and(is_of_tls);
    };
    // A connection that is hung up on had been made.
    let is_hung_up = matches!(
        error.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    );
    // Its source is what stands behind the error inside, and not that error.
    is_hung_up || error.get_ref().is_some_and(|inner| is_of_tls(inner))
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
        let policy = self.policy.clone();
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
