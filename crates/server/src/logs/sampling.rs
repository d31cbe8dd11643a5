//! Keeps the log from being flooded, whatever goes wrong and whoever makes it go wrong.
//!
//! Warnings and errors of one kind are said once, then counted ([`super::repeats`]); a kind is a
//! line of the program with what [`KIND_FIELDS`] say, so neither an order's number nor an address
//! makes a new one. A line of another level takes part by the name [`SAMPLED`]
//! (`tracing::info!(name: "sampled", ...)`), and one that is bounded by itself, since it tells of a
//! change, is left out by [`UNSAMPLED`].

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::repeats::{PERIOD, Repeats};

/// A line that strangers can bring about as often as they like.
const SAMPLED: &str = "sampled";
/// A line that its own logic says seldom.
const UNSAMPLED: &str = "unsampled";
/// What tells kinds of one line apart: few values each, none of a stranger's choice.
const KIND_FIELDS: [&str; 6] = ["account", "dialect", "kind", "outcome", "verb", "what"];

type Kind = (Identifier, String);

/// The first line of a kind, for those that were only counted.
#[derive(Debug, Clone)]
struct First {
    level: Level,
    message: String,
    kind: String,
}

/// The layer; its clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Sampling(Arc<Mutex<Repeats<Kind, First>>>);

impl Sampling {
    fn repeats(&self) -> MutexGuard<'_, Repeats<Kind, First>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says all that was only counted: the process ends.
    pub(crate) fn tell_all(&self) {
        self.tell(Instant::now() + PERIOD);
    }

    /// Says how many lines of each kind were only counted, where their period is over by `now`.
    pub(crate) fn tell(&self, now: Instant) {
        // Not while the lock is held: what is said passes here too.
        let due = self.repeats().take_due(now);
        let period_s = PERIOD.as_secs();
        for untold in due {
            let count = untold.count;
            let (level, message, of) = match untold.first {
                Some(first) => (first.level, first.message, first.kind),
                None => (
                    Level::WARN,
                    "lines of many other kinds".to_owned(),
                    String::new(),
                ),
            };
            match level {
                Level::ERROR => {
                    tracing::error!(name: "unsampled", count, period_s, of, "the same again: {message}");
                }
                Level::WARN => {
                    tracing::warn!(name: "unsampled", count, period_s, of, "the same again: {message}");
                }
                _ => {
                    tracing::info!(name: "unsampled", count, period_s, of, "the same again: {message}")
                }
            }
        }
    }
}

impl<S: Subscriber> Layer<S> for Sampling {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let is_bad = *metadata.level() <= Level::WARN && metadata.name() != UNSAMPLED;
        if !is_bad && metadata.name() != SAMPLED {
            return true;
        }
        let mut reading = Reading::default();
        event.record(&mut reading);
        let Reading { message, kind } = reading;
        let first = || First {
            level: *metadata.level(),
            message,
            kind: kind.clone(),
        };
        let key = (event.metadata().callsite(), kind.clone());
        self.repeats().is_first(key, first, Instant::now())
    }
}

#[derive(Default)]
struct Reading {
    message: String,
    kind: String,
}

impl Visit for Reading {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field, format_args!("{value:?}"));
    }
}

impl Reading {
    fn note(&mut self, field: &Field, value: std::fmt::Arguments<'_>) {
        let name = field.name();
        if name == "message" {
            let _ = write!(self.message, "{value}");
        } else if KIND_FIELDS.contains(&name) {
            let separator = if self.kind.is_empty() { "" } else { " " };
            let _ = write!(self.kind, "{separator}{name}={value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// A log in memory.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Paper {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// The lines that were written while `work` ran, without their dates.
    fn lines(work: impl FnOnce(&Sampling)) -> Vec<String> {
        let (paper, sampling) = (Paper::default(), Sampling::default());
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(paper.clone())
            .with_ansi(false)
            .with_target(false)
            .without_time();
        let log = tracing_subscriber::registry()
            .with(lines)
            .with(sampling.clone());
        tracing::subscriber::with_default(log, || work(&sampling));
        let written = paper.0.lock().expect("not poisoned");
        let text = String::from_utf8_lossy(&written);
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    fn channel_hangs(account: &str, order_no: u32) {
        tracing::warn!(account, order_no, "a channel hangs");
    }

    #[test]
    fn a_hung_channel_takes_two_lines_and_not_one_an_order() {
        let written = lines(|sampling| {
            for order_no in 0..700 {
                channel_hangs("one", order_no);
            }
            channel_hangs("two", 1);
            sampling.tell(Instant::now());
            sampling.tell(Instant::now() + PERIOD);
        });
        assert_eq!(
            written,
            [
                "WARN a channel hangs account=\"one\" order_no=0",
                "WARN a channel hangs account=\"two\" order_no=1",
                "WARN the same again: a channel hangs count=699 period_s=60 of=\"account=one\"",
            ]
        );
    }

    #[test]
    fn refusals_are_sampled_by_what_they_are_and_not_by_whom_they_meet() {
        let written = lines(|sampling| {
            for outcome in ["invalid_signature", "rate_limited", "invalid_signature"] {
                for request in 0..3 {
                    tracing::info!(name: "sampled", outcome, request, "refused");
                }
            }
            for request in 0..2 {
                tracing::info!(request, "served");
                tracing::error!(name: "unsampled", request, "the disk is full");
            }
            sampling.tell(Instant::now() + PERIOD);
        });
        assert_eq!(
            written[..6],
            [
                "INFO refused outcome=\"invalid_signature\" request=0",
                "INFO refused outcome=\"rate_limited\" request=0",
                "INFO served request=0",
                "ERROR the disk is full request=0",
                "INFO served request=1",
                "ERROR the disk is full request=1",
            ]
        );
        let mut counted = written[6..].to_vec();
        counted.sort();
        assert_eq!(
            counted,
            [
                "INFO the same again: refused count=2 period_s=60 of=\"outcome=rate_limited\"",
                "INFO the same again: refused count=5 period_s=60 of=\"outcome=invalid_signature\"",
            ]
        );
    }
}
