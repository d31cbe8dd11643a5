//! What an attack came to, and what is allowed.

use std::fmt;
use std::time::Duration;

/// One figure.
struct Figure {
    what: &'static str,
    measured: u64,
    allowed: u64,
    unit: &'static str,
}

/// The figures of one attack.
#[derive(Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    /// At most `allowed`.
    pub(crate) fn at_most(
        mut self,
        what: &'static str,
        measured: u64,
        allowed: u64,
        unit: &'static str,
    ) -> Self {
        self.0.push(Figure {
            what,
            measured,
            allowed,
            unit,
        });
        self
    }

    /// A time of at most `allowed_ms`.
    pub(crate) fn within(self, what: &'static str, took: Duration, allowed_ms: u64) -> Self {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.at_most(what, took_ms, allowed_ms, "ms")
    }

    pub(crate) fn are_within(&self) -> bool {
        self.0
            .iter()
            .all(|figure| figure.measured <= figure.allowed)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.are_within() {
            "ok        "
        } else {
            "EXCEEDED  "
        })?;
        for (index, figure) in self.0.iter().enumerate() {
            let Figure {
                what,
                measured,
                allowed,
                unit,
            } = figure;
            let separator = if index == 0 { "" } else { ", " };
            let space = if unit.is_empty() { "" } else { " " };
            write!(f, "{separator}{what} {measured} of {allowed}{space}{unit}")?;
        }
        Ok(())
    }
}
