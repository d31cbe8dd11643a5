//! 当日结算: the hours by which owners are settled that have their money on the same day.

use crate::calendar::BusinessDate;
use crate::time::{MINUTE_MS, Timestamp};

/// An hour, in ms.
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The last hour of a date.
const LAST: u32 = 24;

/// What was booked of a date until one of its hours had passed: the first settlement of 14:00
/// gathers what no earlier one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    date: BusinessDate,
    /// How many hours of the date have passed: from 1 on, up to [`LAST`].
    hours: u32,
}

impl Window {
    /// The last one of a date that is over at an instant; `None` in its first hour and before.
    #[must_use]
    pub fn over_at(date: BusinessDate, now: Timestamp) -> Option<Self> {
        let passed = now.since_ms(date.start()).div_euclid(HOUR_MS);
        let hours = u32::try_from(passed).ok()?.min(LAST);
        (hours > 0).then_some(Self { date, hours })
    }

    /// The one of a number among an owner's settlements of a date, if that is a window's.
    #[must_use]
    pub fn numbered(date: BusinessDate, number: u32) -> Option<Self> {
        let is_one = (1..=LAST).contains(&number);
        is_one.then_some(Self {
            date,
            hours: number,
        })
    }

    /// When the first one that is over behind an instant is (UTC); `None` if the date is.
    #[must_use]
    pub fn next_end(date: BusinessDate, now: Timestamp) -> Option<Timestamp> {
        let passed = Self::over_at(date, now).map_or(0, |window| window.hours);
        (passed < LAST).then(|| end_of(date, passed + 1))
    }

    /// The first instant behind it (UTC).
    #[must_use]
    pub fn end(self) -> Timestamp {
        end_of(self.date, self.hours)
    }

    /// Whether it ends with its date.
    #[must_use]
    pub const fn is_last(self) -> bool {
        self.hours == LAST
    }

    /// Its number among an owner's settlements of the date.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.hours
    }

    /// The number from which on settlements of what came to light behind all windows count.
    pub const LATER: u32 = LAST + 1;
}

fn end_of(date: BusinessDate, hours: u32) -> Timestamp {
    date.start().plus_ms(i64::from(hours) * HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_a_window_for_each_hour_and_the_last_ends_with_it() {
        let date: BusinessDate = "2026-01-15".parse().expect("a date");
        let at = |ms| date.start().plus_ms(ms);
        for (ms, over, next_ms) in [
            (-1, None, Some(HOUR_MS)),
            (0, None, Some(HOUR_MS)),
            (HOUR_MS - 1, None, Some(HOUR_MS)),
            (HOUR_MS, Some(1), Some(2 * HOUR_MS)),
            (14 * HOUR_MS + 1, Some(14), Some(15 * HOUR_MS)),
            (24 * HOUR_MS - 1, Some(23), Some(24 * HOUR_MS)),
            (24 * HOUR_MS, Some(24), None),
            (90 * HOUR_MS, Some(24), None),
        ] {
            let window = Window::over_at(date, at(ms));
            assert_eq!(window.map(Window::number), over, "{ms}");
            assert_eq!(Window::next_end(date, at(ms)), next_ms.map(at), "{ms}");
        }
        let last = Window::over_at(date, date.end()).expect("it is over");
        assert!(last.is_last() && last.end() == date.end());
    }
}
