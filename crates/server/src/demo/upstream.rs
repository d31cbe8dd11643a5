//! The sandbox of a demonstration: in this process, in one of its own (`heliu sandbox`), or
//! elsewhere, shared by several nodes (`HELIU_SANDBOX_URL`).

use std::sync::Arc;

use bytes::Bytes;
use heliu_gateway::{ServeLimits, serve};
use heliu_outbound::{AddressPolicy, Outbound};
use heliu_ports::clock::{Clock, MovableClock, SystemClock};
use heliu_ports::transport::{CallLimits, Purpose, Transport as _};
use heliu_ports::wire::OutRequest;
use heliu_sandbox::{ClockMover, Options, PortalKeys, Sandbox};
use http::Method;
use serde_json::json;
use tokio::net::TcpListener;

use super::agents;
use super::clock::AloneClock;
use super::portals::Portals;
use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::lifecycle::{limits_beside, listen, serve_limits};
use crate::platform;
use crate::stop::Stop;
use crate::terminal::show;

/// Tells programs where the sandbox is; written last, when it answers.
const SANDBOX_FILE: &str = "sandbox.json";
const SANDBOX_BOOKS_FILE: &str = "sandbox.db";
/// A node's connection, and the one over which the node is notified.
const FILES_PER_CONNECTION: u64 = 2;
/// For the question what the channels would hand over.
const LIMITS: CallLimits = CallLimits {
    purpose: Purpose::Channel,
    connect_timeout_ms: 5_000,
    timeout_ms: 10_000,
    answer_bytes_max: 1 << 20,
};

/// What plays the channels and the payer.
pub(super) struct Upstream {
    /// What its portals hand over.
    pub(super) portals: Portals,
    own: Option<(Sandbox, TcpListener)>,
    clock: Option<MovableClock>,
}

impl Upstream {
    /// The one that is configured, else one of our own for the platform at `platform_url`, on its
    /// clock.
    pub(super) async fn open(
        config: &Config,
        folder: &Folder,
        platform_url: &str,
        clock: Arc<dyn Clock>,
        time_factor: u32,
    ) -> Result<Self, Failure> {
        if let Some(url) = &config.sandbox.sandbox_url {
            let portals = portals_of(url).await?;
            let (own, clock) = (None, None);
            return Ok(Self {
                portals,
                own,
                clock,
            });
        }
        let movable = clock.movable().cloned();
        let listener = listen(config.sandbox.sandbox_listen, "the sandbox").await?;
        let sandbox = Sandbox::open(Options {
            database: folder.file(SANDBOX_BOOKS_FILE),
            public_url: format!("http://{}", listener.local_addr()?),
            platform_url: platform_url.to_owned(),
            now_ms: Arc::new(move || clock.now().as_ms()),
            time_factor,
            caller: None,
        })?;
        sandbox.add_mini_program(agents::MINI_PROGRAM, agents::MINI_PROGRAM_SECRET)?;
        Ok(Self {
            portals: Portals::read(sandbox.portal_keys())?,
            own: Some((sandbox, listener)),
            clock: movable,
        })
    }

    /// From now on the sandbox's control moves the clock so.
    pub(super) fn move_clock_by(&self, mover: Arc<dyn ClockMover>) {
        if let Some((sandbox, _)) = &self.own {
            sandbox.move_clock_by(mover);
        }
    }

    /// Serves our own until `stop`; one that runs elsewhere needs nothing of us.
    pub(super) async fn serve(self, limits: ServeLimits, stop: Stop) {
        let Some((sandbox, listener)) = self.own else {
            return;
        };
        sandbox.start();
        let follow = async {
            let Some(clock) = &self.clock else {
                return std::future::pending().await;
            };
            let mut ahead_ms = clock.ahead_ms();
            loop {
                ahead_ms = clock.moved_from(ahead_ms).await;
                sandbox.clock_moved();
            }
        };
        let serving = serve(listener, sandbox.router(), limits, stop.wait());
        tokio::select! {
            () = serving => {}
            () = follow => {}
        }
    }
}

/// Asks a sandbox that runs elsewhere.
async fn portals_of(url: &str) -> Result<Portals, Failure> {
    let unusable = |why: String| {
        Failure::with_cure(
            format!("there is no sandbox at {url}: {why}"),
            "start heliu sandbox first, or unset HELIU_SANDBOX_URL",
        )
    };
    let policy = AddressPolicy {
        dangerous_allow_private: true,
        ..AddressPolicy::default()
    };
    let transport = Outbound::new(policy, Arc::new(SystemClock));
    let request = OutRequest {
        method: Method::GET,
        url: format!("{}/control/portal_keys", url.trim_end_matches('/')),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    let answer = transport.call(request, LIMITS).await;
    let answer = answer.map_err(|error| unusable(error.to_string()))?;
    let mut keys: PortalKeys = serde_json::from_slice(&answer.body)
        .map_err(|error| unusable(format!("status {}, {error}", answer.status)))?;
    // It knows itself by the address that it listens on, which from elsewhere may lead nowhere.
    let url = url.trim_end_matches('/');
    keys.sms.url = keys.sms.url.replacen(&keys.base_url, url, 1);
    url.clone_into(&mut keys.base_url);
    Portals::read(keys).map_err(|error| unusable(error.to_string()))
}

/// `heliu sandbox`: runs until it is stopped.
pub(crate) async fn run_alone(mut config: Config) -> Result<String, Failure> {
    // Whoever sets the nodes' environment for the whole machine means this one by it.
    config.sandbox.sandbox_url = None;
    let folder = Folder::take_to_serve(&config.books.data)?;
    let _ = std::fs::remove_file(folder.file(SANDBOX_FILE));
    let platform_url = config
        .listeners
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", config.listeners.listen));
    let clock = MovableClock::new(platform::laboratory_clock(&config.laboratory), 0);
    let factor = config.laboratory.factor();
    let moved = Arc::new(clock.clone());
    let upstream = Upstream::open(&config, &folder, &platform_url, moved, factor).await?;
    upstream.move_clock_by(Arc::new(AloneClock(clock)));
    let url = upstream.portals.base_url.clone();
    let stop = Stop::on_signals()?;
    let limits = serve_limits(&config, FILES_PER_CONNECTION);
    let limits = limits_beside(&limits, limits.connections_max);
    let serving = tokio::spawn(async move { upstream.serve(limits, stop).await });
    show(&format!(
        "SANDBOX  no real money moves.  data: {}\n\
         \n  sandbox    {url}   the channels and the payer; see /control in its README\
         \n  platform   {platform_url}   the only address that /control/scan visits\
         \n  nodes      HELIU_SANDBOX_URL={url} heliu demo\
         \n  stop   Ctrl-C",
        config.books.data.display()
    ));
    let facts = json!({ "sandbox": url, "platform": platform_url });
    folder.write(SANDBOX_FILE, &format!("{facts:#}\n"))?;
    serving
        .await
        .map_err(|cause| Failure::new(cause.to_string()))?;
    Ok(String::new())
}
