//! Virtual time as the channels write it. Every channel's local time is UTC+8 (channels.md 0).

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned, civil};

fn zone() -> TimeZone {
    Offset::constant(8).to_time_zone()
}

fn beijing(at_ms: i64) -> Zoned {
    Timestamp::from_millisecond(at_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(zone())
}

/// `yyyyMMddHHmmss`, UTC+8.
pub(crate) fn compact(at_ms: i64) -> String {
    beijing(at_ms).strftime("%Y%m%d%H%M%S").to_string()
}

/// `yyyyMMdd`, UTC+8.
pub(crate) fn day(at_ms: i64) -> String {
    beijing(at_ms).strftime("%Y%m%d").to_string()
}

/// `yyyy-MM-dd`, UTC+8.
pub(crate) fn dashed_day(at_ms: i64) -> String {
    beijing(at_ms).strftime("%Y-%m-%d").to_string()
}

/// When the next day begins, UTC+8.
pub(crate) fn next_day(at_ms: i64) -> i64 {
    const DAY_MS: i64 = 86_400_000;
    const OFFSET_MS: i64 = 8 * 3_600_000;
    ((at_ms + OFFSET_MS).div_euclid(DAY_MS) + 1) * DAY_MS - OFFSET_MS
}

/// Year, month and day, UTC+8.
pub(crate) fn date(at_ms: i64) -> (i32, u8, u8) {
    let at = beijing(at_ms);
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(at.year()), small(at.month()), small(at.day()))
}

/// The same instant so many years later.
pub(crate) fn plus_years(at_ms: i64, years: i32) -> i64 {
    let later = beijing(at_ms).saturating_add(jiff::Span::new().years(years));
    later.timestamp().as_millisecond()
}

/// `yyyy-MM-dd HH:mm:ss`, UTC+8.
pub(crate) fn spaced(at_ms: i64) -> String {
    beijing(at_ms).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// RFC 3339 with `+08:00`.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    beijing(at_ms)
        .strftime("%Y-%m-%dT%H:%M:%S+08:00")
        .to_string()
}

/// Reads `yyyyMMddHHmmss` (exactly 14 digits).
pub(crate) fn parse_compact(text: &str) -> Option<i64> {
    (text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| parse_local(text, "%Y%m%d%H%M%S"))
        .flatten()
}

/// Reads `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn parse_spaced(text: &str) -> Option<i64> {
    (text.len() == 19)
        .then(|| parse_local(text, "%Y-%m-%d %H:%M:%S"))
        .flatten()
}

fn parse_local(text: &str, format: &str) -> Option<i64> {
    let local = civil::DateTime::strptime(format, text).ok()?;
    Some(local.to_zoned(zone()).ok()?.timestamp().as_millisecond())
}

/// Reads RFC 3339 with any offset.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_beijing_times() {
        let at_ms = 1_767_232_800_000; // 2026-01-01T02:00:00Z
        assert_eq!(compact(at_ms), "20260101100000");
        assert_eq!(spaced(at_ms), "2026-01-01 10:00:00");
        assert_eq!(rfc3339(at_ms), "2026-01-01T10:00:00+08:00");
        assert_eq!(parse_compact("20260101100000"), Some(at_ms));
        assert_eq!(parse_spaced("2026-01-01 10:00:00"), Some(at_ms));
        assert_eq!(parse_rfc3339("2026-01-01T10:00:00+08:00"), Some(at_ms));
        assert_eq!(dashed_day(at_ms), "2026-01-01");
        assert_eq!(spaced(next_day(at_ms)), "2026-01-02 00:00:00");
        assert_eq!(spaced(next_day(next_day(at_ms))), "2026-01-03 00:00:00");
        assert_eq!(parse_compact("2026010110000"), None);
        assert_eq!(parse_compact("20261301100000"), None);
    }
}
