//! Where logs go, and that they cannot be flooded.

mod repeats;
mod sampling;

use std::time::Duration;

use tracing::Metadata;
use tracing::level_filters::LevelFilter;

use tokio::time::Instant;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

pub(crate) use sampling::Sampling;

use crate::terminal::Log;

/// How often it is looked for counts that are to be told.
const LOOK: Duration = Duration::from_secs(5);

/// Clients of databases, whose own lines below `info` hold statements with the values that they are
/// given: payers, keys, bodies. Whatever `RUST_LOG` says, such lines are not written.
const CAPPED: [&str; 4] = [
    "tokio_postgres",
    "postgres_protocol",
    "postgres_types",
    "deadpool_postgres",
];

/// Whether a line may be written at all.
fn is_fit(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_of = |name: &&str| {
        let rest = target.strip_prefix(*name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    *metadata.level() <= LevelFilter::INFO || !CAPPED.iter().any(is_of)
}

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
        .with(filter_fn(is_fit))
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            written.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_database_is_given_is_not_written_whatever_is_asked_for() {
        for asked in [
            "trace",
            "debug,tokio_postgres=trace",
            "tokio_postgres::query=debug",
        ] {
            let written = Written::default();
            let writer = written.clone();
            let lines = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
            let all = tracing_subscriber::registry()
                .with(lines.with_ansi(false))
                .with(EnvFilter::new(asked))
                .with(filter_fn(is_fit));
            tracing::subscriber::with_default(all, || {
                tracing::debug!(target: "tokio_postgres::query", "values: a secret");
                tracing::trace!(target: "tokio_postgres", "a secret too");
                tracing::debug!(target: "deadpool_postgres::config", "a secret there");
                tracing::info!(target: "tokio_postgres::query", "a notice");
                tracing::debug!(target: "tokio_postgres_like", "another crate");
            });
            let bytes = written.0.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("secret"), "{asked}: {text}");
            assert!(text.contains("a notice"), "{asked}: {text}");
            let all_debug = asked != "tokio_postgres::query=debug";
            assert_eq!(text.contains("another crate"), all_debug, "{asked}: {text}");
        }
    }
}
