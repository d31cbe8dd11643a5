//! A dialect's schedule of notifications, as a listener and the order's story show it.

use super::{Heard, Setup};

/// How late a delivery may be, in seconds of the wall: the machine has other tests to run.
const LATE_S: u64 = 1;

/// When notifications come again.
pub(crate) struct Schedule {
    /// Waits before the deliveries after the first, in virtual seconds.
    pub(crate) gaps_s: &'static [u64],
    /// A listener has so many virtual milliseconds to answer.
    pub(crate) timeout_ms: u64,
}

impl Schedule {
    /// The gaps between the deliveries that a listener heard are the schedule's, late by no more
    /// than a busy machine needs and, in virtual milliseconds, what the listener itself took.
    pub(crate) fn assert_gaps(&self, heard: &[Heard], factor: u64, extra_ms: u64) {
        for (index, pair) in heard.windows(2).enumerate() {
            let gap = pair[1].at.duration_since(pair[0].at).as_millis();
            let gap_ms = u64::try_from(gap).unwrap() * factor;
            let wanted_ms = self.gaps_s[index] * 1_000;
            // The wall's milliseconds are rounded down, which the factor makes larger.
            let is_early = gap_ms + 4 * factor < wanted_ms + extra_ms;
            let latest_ms = wanted_ms + extra_ms + self.timeout_ms + LATE_S * 1_000 * factor;
            assert!(
                !is_early && gap_ms <= latest_ms,
                "delivery {} came {gap_ms} virtual ms after the one before, not {wanted_ms}",
                index + 2
            );
        }
    }

    /// The same of deliveries that the story tells, where the process was away for `away_s` seconds
    /// of the wall after the second and went on with another factor.
    pub(crate) fn assert_gaps_around_a_kill(
        &self,
        deliveries: &[&str],
        (before, after): (u64, u64),
        away_s: u64,
    ) {
        let began: Vec<u64> = deliveries.iter().map(|line| second_of_day(line)).collect();
        for (index, pair) in began.windows(2).enumerate() {
            let (gap_s, wanted_s) = (pair[1] - pair[0], self.gaps_s[index]);
            let late_s = match index {
                0 => LATE_S * before,
                1 => (away_s + LATE_S) * after,
                _ => LATE_S * after,
            };
            assert!(
                gap_s + 1 >= wanted_s && gap_s <= wanted_s + late_s,
                "delivery {} began {gap_s} s after the one before, not {wanted_s} s: {deliveries:?}",
                index + 2
            );
        }
    }
}

/// Each time the same bytes, to the same address.
pub(crate) fn assert_frozen(heard: &[Heard]) {
    for one in heard {
        assert_eq!(one.text(), heard[0].text(), "frozen at the first try");
        assert_eq!(one.query, heard[0].query);
        assert_eq!(one.content_type, heard[0].content_type);
    }
}

/// The lines of an order's story that tell its deliveries.
pub(crate) fn deliveries(story: &str) -> Vec<&str> {
    let lines = story.lines().filter(|line| line.contains("  notified  "));
    lines.map(str::trim_end).collect()
}

/// What the deliveries about an order were answered.
pub(crate) fn replies(setup: &Setup, number: &str) -> Vec<String> {
    let story = setup.story(number);
    let replies = deliveries(&story);
    let replies = replies.iter().map(|line| line.split_once(": "));
    replies
        .map(|reply| reply.map_or("", |(_, reply)| reply).to_owned())
        .collect()
}

/// The same without those whose reply did not come in time, on a machine that is busy: they are
/// made again.
pub(crate) fn replies_in_time(setup: &Setup, number: &str) -> Vec<String> {
    let mut replies = replies(setup, number);
    replies.retain(|reply| reply.starts_with("200"));
    replies
}

/// When a delivery began, in seconds of the virtual day.
fn second_of_day(line: &str) -> u64 {
    let time = line.trim_start().get(11..19).unwrap();
    let parts = time.split(':').map(|part| part.parse::<u64>().unwrap());
    parts.fold(0, |sum, part| sum * 60 + part)
}
