//! What runs from start to stop: listeners, jobs, the operators' socket, upkeep.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use heliu_engine::Engine;
use heliu_gateway::{Gateway, RateLimits, ServeLimits, guarded, serve};
use heliu_office::Office;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::admin;
use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::health::{self, Readiness};
use crate::open_files;
use crate::stop::Stop;

/// For a whole request header, also while a connection is idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// For a peer to take anything of its answer.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);
/// For requests under way when the stop comes: longer than any dialect lets a call wait (ruling
/// 25).
const DRAIN_TIMEOUT: Duration = Duration::from_secs(90);
/// How often quiet senders are forgotten and metrics kept small.
const UPKEEP_PERIOD: Duration = Duration::from_secs(60);

/// Opens a listener; says plainly which address is taken.
pub(crate) async fn listen(address: SocketAddr, what: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|cause| {
        Failure::with_cure(
            format!("{what} cannot listen on {address}: {cause}"),
            "stop whoever listens there, or set another address",
        )
    })
}

/// Connections to the listener of health and metrics.
const PRIVATE_CONNECTIONS_MAX: usize = 64;

/// The limits of the surface that strangers reach. Each of its connections takes `files_each`
/// files.
pub(crate) fn serve_limits(config: &Config, files_each: u64) -> ServeLimits {
    let wanted = config.limits.connections_max;
    ServeLimits {
        connections_max: open_files::connections_within(open_files::raise(), wanted, files_each),
        connections_per_address: config.limits.connections_per_address,
        trusted_proxies: config.proxies.trusted(),
        header_timeout: HEADER_TIMEOUT,
        stall_timeout: STALL_TIMEOUT,
        drain_timeout: DRAIN_TIMEOUT,
    }
}

/// The limits of a surface beside it.
pub(crate) fn limits_beside(public: &ServeLimits, connections_max: usize) -> ServeLimits {
    ServeLimits {
        connections_max,
        connections_per_address: 0,
        ..public.clone()
    }
}

/// The merchants' and payers' routes.
pub(crate) fn public_router(config: &Config, engine: &Engine) -> (Router, Arc<Gateway>) {
    let limits = RateLimits::new(
        config.limits.requests_per_address_per_s,
        config.limits.requests_per_app_per_s,
    );
    let gateway = Arc::new(Gateway::new(engine.clone(), limits));
    let pages = guarded(heliu_cashier::router(engine), Arc::clone(&gateway.limits));
    let router = heliu_gateway::router(Arc::clone(&gateway)).merge(pages);
    (heliu_gateway::with_any_slashes(router), gateway)
}

/// Everything of the platform that runs until the stop.
pub(crate) struct Running {
    pub(crate) tasks: JoinSet<()>,
    pub(crate) readiness: Arc<Readiness>,
    /// The last step: surfaces and jobs have ended.
    pub(crate) last: Stop,
}

/// Starts the platform's surfaces and jobs.
pub(crate) fn start(
    config: &Config,
    folder: &Folder,
    engine: &Engine,
    public: TcpListener,
    private: TcpListener,
    limits: ServeLimits,
    stop: &Stop,
) -> Result<Running, Failure> {
    let metrics = health::install_metrics()?;
    let readiness = Arc::new(Readiness::default());
    let mut tasks = JoinSet::new();
    let private_limits = limits_beside(&limits, PRIVATE_CONNECTIONS_MAX);
    let (router, gateway) = public_router(config, engine);
    let (stop_jobs, jobs_stop) = Stop::step();
    let (stop_last, last) = Stop::step();
    let surface = serve(public, router, limits, stop.clone().wait());
    tasks.spawn(async move {
        surface.await;
        stop_jobs.pull();
    });
    let jobs = engine.clone();
    tasks.spawn(async move {
        // A step of the day that is under way then is taken up again at the next start.
        let days = std::pin::pin!(jobs.run_days());
        let working = std::pin::pin!(jobs.run_jobs(jobs_stop.wait()));
        futures::future::select(working, days).await;
        stop_last.pull();
    });
    let private_router = health::router(engine.clone(), Arc::clone(&readiness), metrics.clone());
    tasks.spawn(serve(
        private,
        private_router,
        private_limits,
        last.clone().wait(),
    ));
    let socket = folder.file(admin::SOCKET_FILE);
    if let Some(listener) = admin::socket::open(&socket) {
        let office = Office::new(engine.clone());
        tasks.spawn(admin::socket::serve(listener, socket, office, last.clone()));
    }
    tasks.spawn(upkeep(gateway, metrics, last.clone()));
    let stopping = Arc::clone(&readiness);
    let readiness_stop = stop.clone();
    tokio::spawn(async move {
        readiness_stop.wait().await;
        stopping.set(false);
    });
    Ok(Running {
        tasks,
        readiness,
        last,
    })
}

/// Forgets quiet senders and keeps metrics small.
async fn upkeep(gateway: Arc<Gateway>, metrics: PrometheusHandle, stop: Stop) {
    let mut period = tokio::time::interval(UPKEEP_PERIOD);
    let mut stopped = std::pin::pin!(stop.wait());
    loop {
        tokio::select! {
            _ = period.tick() => {
                gateway.limits.forget_the_quiet(gateway.engine.clock().now());
                metrics.run_upkeep();
            }
            () = &mut stopped => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a supervisor waits, as its file says behind `name`, in s.
    fn patience_s(file: &str, name: &str) -> Vec<u64> {
        let lines = file
            .lines()
            .filter_map(|line| line.trim().strip_prefix(name));
        lines
            .map(|value| {
                value
                    .trim_end_matches('s')
                    .trim()
                    .parse()
                    .expect("a number")
            })
            .collect()
    }

    #[test]
    fn whoever_stops_a_node_waits_until_it_has_finished() {
        let unit = include_str!("../../../deploy/heliu.service");
        let compose = include_str!("../../../deploy/compose.yaml");
        let (first, rest) = compose
            .split_once("services:")
            .expect("the nodes stand first");
        let mut patience = patience_s(unit, "TimeoutStopSec=");
        patience.extend(patience_s(first, "stop_grace_period:"));
        assert_eq!(patience.len(), 2, "{rest}");
        // Behind the drain come the jobs and the books.
        let needed_s = DRAIN_TIMEOUT.as_secs() + 15;
        assert!(
            patience.iter().all(|given_s| *given_s >= needed_s),
            "{patience:?}"
        );
    }
}
