//! 账期日: a day in Beijing.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, MINUTE_MS, Timestamp};

/// What Beijing's time is ahead of UTC, in ms.
const BEIJING_MS: i64 = 8 * 60 * MINUTE_MS;

/// A day in Beijing (UTC+8, no daylight saving), from midnight up to midnight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessDate(Date);

/// A text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no date such as 2026-11-29")]
pub struct NotADate(String);

impl BusinessDate {
    /// The date of an instant.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let days = (at.as_ms().saturating_add(BEIJING_MS)).div_euclid(DAY_MS);
        Self::epoch().plus_days(days)
    }

    fn epoch() -> Self {
        Self(Date::constant(1970, 1, 1))
    }

    /// The first instant of it (UTC).
    #[must_use]
    pub fn start(self) -> Timestamp {
        let epoch = Self::epoch().0;
        let days = self
            .0
            .since(epoch)
            .map_or(0, |span| i64::from(span.get_days()));
        Timestamp::from_ms(days * DAY_MS - BEIJING_MS)
    }

    /// The first instant after it (UTC).
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.start().plus_ms(DAY_MS)
    }

    /// So many days later, or earlier; the calendar's ends are 9999 years away.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let moved = jiff::Span::new().try_days(days);
        Self(moved.map_or(self.0, |span| self.0.saturating_add(span)))
    }

    /// The day after it.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// The day before it.
    #[must_use]
    pub fn previous(self) -> Self {
        self.plus_days(-1)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Whether it is a Saturday or a Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// `yyyyMMdd`, as wires and files write it.
    #[must_use]
    pub fn compact(self) -> String {
        self.to_string().replace('-', "")
    }

    /// From a year, a month and a day.
    pub(super) fn from_parts(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }
}

impl FromStr for BusinessDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let found = Date::strptime("%Y-%m-%d", text);
        let found = found.ok().map(Self).filter(|date| date.to_string() == text);
        found.ok_or_else(|| NotADate(text.to_owned()))
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = NotADate;

    fn try_from(text: String) -> Result<Self, NotADate> {
        text.parse()
    }
}

impl From<BusinessDate> for String {
    fn from(date: BusinessDate) -> Self {
        date.to_string()
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

impl fmt::Debug for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> BusinessDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight_in_beijing() {
        for (instant, expected) in [
            ("2026-11-29T15:59:59.999Z", "2026-11-29"),
            ("2026-11-29T16:00:00Z", "2026-11-30"),
            ("1969-12-31T15:59:59Z", "1969-12-31"),
            ("2024-02-28T16:00:00Z", "2024-02-29"),
        ] {
            let at = Timestamp::parse_rfc3339(instant).expect("valid");
            let found = BusinessDate::of(at);
            assert_eq!(found, date(expected), "{instant}");
            assert!(found.start() <= at && at < found.end(), "{instant}");
        }
        let day = date("2026-12-31");
        assert_eq!(day.end(), day.next().start());
        assert_eq!(day.next(), date("2027-01-01"));
        assert_eq!(day.next().previous(), day);
        assert_eq!(day.compact(), "20261231");
    }

    #[test]
    fn a_date_is_read_as_it_is_written_and_nothing_else_is() {
        for text in ["2026-1-2", "20260102", "2026-02-30", "", "2026-01-02 ", "x"] {
            assert!(text.parse::<BusinessDate>().is_err(), "{text}");
        }
        let text = serde_json::to_string(&date("2026-01-02")).expect("text");
        assert_eq!(text, "\"2026-01-02\"");
        assert_eq!(
            serde_json::from_str::<BusinessDate>(&text).expect("read"),
            date("2026-01-02")
        );
    }
}
