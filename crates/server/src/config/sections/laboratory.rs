//! Switches of a sandbox: whoever works on live books refuses them, and no file holds them.

use heliu_ports::crash;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::option::section;
use crate::failure::Failure;

/// Days of history unless somebody wants others.
const HISTORY_DAYS: u32 = 3;
/// More would make a start long.
const HISTORY_DAYS_MAX: u32 = 31;

section! {
    /// Laboratory: in the environment alone, and refused by `heliu serve`
    Laboratory from Environment {
        /// How many times faster the clocks run.
        time_factor: Option<u32> = None,
        variable "HELIU_TIME_FACTOR",
        wants "a whole number";

        /// Where the clocks begin.
        clock_start: Option<Instant> = None,
        variable "HELIU_CLOCK_START",
        wants "an instant, such as 2026-01-15T02:00:00Z";

        /// How many days of payments and refunds a demonstration has behind it when its books are
        /// new; 3 unless said.
        history_days: Option<u32> = None,
        variable "HELIU_HISTORY_DAYS",
        wants "a whole number of days, 0 for none";

        /// Which crash point kills the process, counted from the moment its jobs start, or a
        /// command begins that works on the books by itself.
        crash_at: Option<i64> = None,
        variable "HELIU_CRASH_AT",
        wants "a whole number";
    }
}

impl Laboratory {
    /// How many times faster the clocks run; 1 if nothing is set.
    pub(crate) fn factor(&self) -> u32 {
        self.time_factor.unwrap_or(1).max(1)
    }

    /// How many days new books of a demonstration begin before now.
    pub(crate) fn history_days(&self) -> u32 {
        self.history_days
            .unwrap_or(HISTORY_DAYS)
            .min(HISTORY_DAYS_MAX)
    }

    /// Arms the crash point, if one is named. Of a sandbox's books only.
    pub(crate) fn arm(&self) {
        if let Some(nth) = self.crash_at {
            crash::arm(nth);
        }
    }

    /// With real money nothing of it may be set.
    pub(crate) fn check_live(&self) -> Result<(), Failure> {
        if *self == Self::default() {
            return Ok(());
        }
        Err(Failure::with_cure(
            "HELIU_TIME_FACTOR, HELIU_CLOCK_START, HELIU_HISTORY_DAYS and HELIU_CRASH_AT are for \
             the sandbox only",
            "unset them, or run heliu demo",
        ))
    }
}

/// An instant as people write it, in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Instant(pub(crate) Timestamp);

impl TryFrom<String> for Instant {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let instant = Timestamp::parse_rfc3339(&text);
        instant.map(Self).ok_or("this is no instant")
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.0.beijing_rfc3339()
    }
}
