//! Health and metrics, on a listener of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use heliu_engine::Engine;
use http::StatusCode;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::failure::Failure;

/// Upper bounds of the request histogram, in seconds.
const DURATION_BOUNDS_S: [f64; 10] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 3.0, 10.0, 30.0, 80.0];

/// How long whoever asks for readiness waits for the books.
const PROBE_LIMIT: Duration = Duration::from_secs(3);

/// Whether this process takes work; false while it starts and once it stops.
#[derive(Debug, Default)]
pub(crate) struct Readiness(AtomicBool);

impl Readiness {
    pub(crate) fn set(&self, is_ready: bool) {
        self.0.store(is_ready, Ordering::SeqCst);
    }
}

/// Installs the recorder of metrics; once per process.
pub(crate) fn install_metrics() -> Result<PrometheusHandle, Failure> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BOUNDS_S)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|cause| Failure::new(format!("metrics: {cause}")))
}

#[derive(Clone)]
struct Parts {
    engine: Engine,
    readiness: Arc<Readiness>,
    metrics: PrometheusHandle,
}

/// `/livez`, `/readyz`, `/version` and `/metrics`.
pub(crate) fn router(
    engine: Engine,
    readiness: Arc<Readiness>,
    metrics: PrometheusHandle,
) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/version", get(|| async { env!("CARGO_PKG_VERSION") }))
        .route("/metrics", get(metrics_text))
        .with_state(Parts {
            engine,
            readiness,
            metrics,
        })
}

async fn ready(State(parts): State<Parts>) -> impl IntoResponse {
    if !parts.readiness.0.load(Ordering::SeqCst) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "starting or stopping".to_owned(),
        );
    }
    let probe = tokio::time::timeout(PROBE_LIMIT, parts.engine.store().probe());
    let trouble = match probe.await {
        Ok(Ok(())) => return (StatusCode::OK, "ok".to_owned()),
        Ok(Err(cause)) => cause.to_string(),
        Err(_) => format!(
            "the books did not answer within {} s",
            PROBE_LIMIT.as_secs()
        ),
    };
    (StatusCode::SERVICE_UNAVAILABLE, trouble)
}

async fn metrics_text(State(parts): State<Parts>) -> String {
    parts.metrics.render()
}
