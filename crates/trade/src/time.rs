//! Instants, zones and the few ways in which wires write them.
//!
//! The one owner of the calendar. Instants are UTC milliseconds; a wire time is Beijing time
//! (UTC+8, no daylight saving) unless a request names a zone.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

/// Milliseconds in a second.
pub const SECOND_MS: i64 = 1000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in a day; one in Beijing has no other length.
pub const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From UTC milliseconds.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// UTC milliseconds.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds, saturating at the ends of time.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative if it is in fact later.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// From RFC 3339 text with any offset.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|instant| Self(instant.as_millisecond()))
    }

    /// From `yyyyMMddHHmmss`, Beijing time. The calendar ends at 9999-12-30T22:00:00Z: what is
    /// later is that end.
    #[must_use]
    pub fn parse_beijing_compact(text: &str) -> Option<Self> {
        Self::parse_civil("%Y%m%d%H%M%S", text)
    }

    /// From `yyyy-MM-dd HH:mm:ss`, Beijing time, with the same end.
    #[must_use]
    pub fn parse_beijing_spaced(text: &str) -> Option<Self> {
        Self::parse_civil("%Y-%m-%d %H:%M:%S", text)
    }

    fn parse_civil(format: &str, text: &str) -> Option<Self> {
        let civil = DateTime::strptime(format, text).ok()?;
        // A year of four digits fails at the calendar's end only.
        let zoned = civil.to_zoned(Zone::BEIJING.to_jiff());
        let instant = zoned.map_or(jiff::Timestamp::MAX, |zoned| zoned.timestamp());
        Some(Self(instant.as_second() * SECOND_MS))
    }

    fn civil(self, zone: &Zone) -> DateTime {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        match zone {
            Zone::Offset { seconds } => Offset::from_seconds(*seconds)
                .unwrap_or(Offset::UTC)
                .to_datetime(instant),
            Zone::Iana(_) => zone.to_jiff().to_datetime(instant),
        }
    }

    /// `yyyyMMddHHmmss` in `zone`.
    #[must_use]
    pub fn compact(self, zone: &Zone) -> String {
        let at = self.civil(zone);
        let tail = [at.month(), at.day(), at.hour(), at.minute(), at.second()];
        let digits = tail.into_iter().fold(i64::from(at.year()), |digits, part| {
            digits * 100 + i64::from(part)
        });
        format!("{digits:014}")
    }

    /// `yyyy-MM-dd HH:mm:ss`, Beijing time.
    #[must_use]
    pub fn beijing_spaced(self) -> String {
        let at = self.civil(&Zone::BEIJING);
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// RFC 3339 with seconds and the offset `+08:00`.
    #[must_use]
    pub fn beijing_rfc3339(self) -> String {
        self.beijing_spaced().replace(' ', "T") + "+08:00"
    }

    /// Second of the day in Beijing, 0 to 86399.
    #[must_use]
    pub fn beijing_second_of_day(self) -> i32 {
        let at = self.civil(&Zone::BEIJING);
        i32::from(at.hour()) * 3600 + i32::from(at.minute()) * 60 + i32::from(at.second())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.beijing_rfc3339())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.beijing_rfc3339())
    }
}

/// The zone in which an answer writes its times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// A fixed distance from UTC, in seconds, east positive.
    Offset {
        /// Seconds east of UTC.
        seconds: i32,
    },
    /// A zone of the IANA database, for instance `Asia/Bangkok`.
    Iana(String),
}

impl Zone {
    /// China Standard Time, the zone of every wire that names none.
    pub const BEIJING: Self = Self::Offset { seconds: 8 * 3600 };

    /// A zone of the IANA database, `None` if it has no such name.
    #[must_use]
    pub fn parse_iana(name: &str) -> Option<Self> {
        TimeZone::get(name).ok()?;
        Some(Self::Iana(name.to_owned()))
    }

    /// An offset such as `+08:00`, `-0330` or `+7`, at most 18 hours.
    #[must_use]
    pub fn parse_offset(text: &str) -> Option<Self> {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
            (Some((hours, minutes)), _) => (hours, minutes),
            (None, 4) => rest.split_at_checked(2)?,
            (None, _) => (rest, "0"),
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if hours.len() > 2 || minutes.len() > 2 || !digits(hours) || !digits(minutes) {
            return None;
        }
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 18 && minutes < 60).then_some(Self::Offset {
            seconds: sign * (hours * 3600 + minutes * 60),
        })
    }

    fn to_jiff(&self) -> TimeZone {
        match self {
            Self::Offset { seconds } => Offset::from_seconds(*seconds)
                .unwrap_or(Offset::UTC)
                .to_time_zone(),
            Self::Iana(name) => TimeZone::get(name).unwrap_or(TimeZone::UTC),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_times_are_beijing_times() {
        let at = Timestamp::parse_rfc3339("2026-01-15T02:00:00Z").expect("valid");
        assert_eq!(at.compact(&Zone::BEIJING), "20260115100000");
        assert_eq!(at.beijing_rfc3339(), "2026-01-15T10:00:00+08:00");
        assert_eq!(Timestamp::parse_beijing_compact("20260115100000"), Some(at));
        assert_eq!(
            Timestamp::parse_beijing_spaced("2026-01-15 10:00:00"),
            Some(at)
        );
        assert_eq!(at.beijing_second_of_day(), 36_000);
    }

    #[test]
    fn the_last_second_that_a_wire_can_write_is_the_end_of_the_calendar() {
        let end = Timestamp::parse_rfc3339("9999-12-30T22:00:00Z").expect("valid");
        for (text, at) in [
            ("99991231055959", end.plus_ms(-SECOND_MS)),
            ("99991231060001", end),
            ("99991231235959", end),
        ] {
            assert_eq!(Timestamp::parse_beijing_compact(text), Some(at));
        }
        assert_eq!(end.beijing_rfc3339(), "9999-12-31T06:00:00+08:00");
        for malformed in ["99991232000000", "99991231240000", "9999123123595x"] {
            assert_eq!(Timestamp::parse_beijing_compact(malformed), None);
        }
    }

    #[test]
    fn a_named_zone_moves_the_wire_time() {
        let at = Timestamp::parse_rfc3339("2026-01-15T02:00:00Z").expect("valid");
        let bangkok = Zone::parse_iana("Asia/Bangkok").expect("known");
        assert_eq!(at.compact(&bangkok), "20260115090000");
        assert_eq!(Zone::parse_iana("Asia/Nowhere"), None);
    }

    #[test]
    fn offsets_come_in_three_spellings() {
        for (text, seconds) in [("+08:00", 28_800), ("-0330", -12_600), ("+7", 25_200)] {
            assert_eq!(
                Zone::parse_offset(text),
                Some(Zone::Offset { seconds }),
                "{text}"
            );
        }
        for text in ["", "8", "+", "+19", "+08:60", "+a", "+8:000"] {
            assert_eq!(Zone::parse_offset(text), None, "{text}");
        }
    }
}
