//! Where logs go, and that they cannot be flooded.

mod repeats;
mod sampling;

use std::time::Duration;

use tokio::time::Instant;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

pub(crate) use sampling::Sampling;

use crate::terminal::Log;

/// How often it is looked for counts that are to be told.
const LOOK: Duration = Duration::from_secs(5);

/// Logs go to standard error: for people on a terminal, as JSON otherwise. `RUST_LOG` filters.
pub(crate) fn init(is_service: bool) -> Sampling {
    let default = if is_service { "info" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt::layer()
        // A log that cannot be written is lost; to complain of that on the same output would panic.
        .log_internal_errors(false)
        .with_writer(Log);
    let lines = if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        // Colours are control characters too.
        lines.with_ansi(false).boxed()
    } else {
        lines.json().boxed()
    };
    let sampling = Sampling::default();
    tracing_subscriber::registry()
        .with(lines)
        .with(sampling.clone())
        .with(filter)
        .init();
    sampling
}

/// Tells, for as long as the process runs, what was only counted.
pub(crate) async fn tell_regularly(sampling: Sampling) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        let now: Instant = look.tick().await;
        sampling.tell(now);
    }
}
