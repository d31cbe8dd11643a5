//! What happened to a thing, in order: events, journal entries, deliveries, and whatever else is
//! known of it. Orders and applications are told by the same lines.

use heliu_trade::followup::trail::Trail;
use heliu_trade::money::yuan_text;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rows::{Fact, Row};
use crate::sheet::{Cell, Column};

/// Characters of a body that one line shows.
const BODY_SHOWN_MAX: usize = 400;

/// Kinds of moments. Of the same millisecond the earlier kind comes first.
const KINDS: [&str; 5] = ["asked", "event", "journal", "notified", "answered"];

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When (UTC).
    #[serde(rename = "at_ms")]
    pub at: Timestamp,
    /// What kind of thing: `asked`, `answered`, `event`, `journal`, `notified`.
    pub kind: String,
    /// What.
    pub text: String,
}

impl Moment {
    /// The moment as a fact of its thing.
    pub(crate) fn fact(&self) -> Fact {
        let name = format!("{} {}", self.at.beijing_spaced(), self.kind);
        Fact::new(name, Cell::text(self.text.as_str()))
    }
}

impl Row for Moment {
    const COLUMNS: &'static [Column] = &["at", "kind", "text"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.at),
            Cell::text(self.kind.as_str()),
            Cell::text(self.text.as_str()),
        ]
    }
}

/// Moments, as they are found.
#[derive(Default)]
pub(crate) struct Timeline(Vec<Moment>);

impl Timeline {
    /// What the books hold around a thing.
    pub(crate) fn of(trail: &Trail) -> Self {
        let mut timeline = Self::default();
        for event in &trail.events {
            let alarm = if event.kind.is_alarm() { "ALARM " } else { "" };
            let text = format!("{alarm}{} {}", event.kind.as_str(), shorten(&event.detail));
            timeline.add(event.at, "event", text.trim_end().to_owned());
        }
        for entry in &trail.entries {
            let lines: Vec<_> = entry
                .lines
                .iter()
                .map(|line| format!("{} {}", line.account.name(), yuan_text(line.amount_fen)))
                .collect();
            let text = format!("{}: {}", entry.kind.as_str(), lines.join(", "));
            timeline.add(entry.at, "journal", text);
        }
        for delivery in &trail.deliveries {
            let answer = delivery.answer.as_deref();
            let text = format!(
                "{} try {}: {}",
                delivery.notification_no,
                delivery.try_index,
                shorten(answer.unwrap_or("under way, or lost with the process"))
            );
            timeline.add(delivery.begun_at, "notified", text);
        }
        timeline
    }

    /// Something happened.
    pub(crate) fn add(&mut self, at: Timestamp, kind: &str, text: String) {
        let kind = kind.to_owned();
        self.0.push(Moment { at, kind, text });
    }

    /// All of it, in order.
    pub(crate) fn moments(mut self) -> Vec<Moment> {
        let rank = |kind: &str| KINDS.iter().position(|known| *known == kind);
        self.0.sort_by_key(|moment| (moment.at, rank(&moment.kind)));
        self.0
    }
}

/// A text as one line that is not too long.
pub(crate) fn shorten(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= BODY_SHOWN_MAX {
        return line;
    }
    line.chars().take(BODY_SHOWN_MAX).chain(['…']).collect()
}
