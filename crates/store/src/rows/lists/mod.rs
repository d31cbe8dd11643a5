//! What lists ask of a database, as statements that both understand but for a few words ([`Kind`]).
//! Numbers and words of ours stand in the text, so that planners see which index fits; what people
//! typed is bound.
//!
//! Statements of PostgreSQL are planned anew each time, so they are not kept.

pub(crate) mod directory;
pub(crate) mod exchanges;
pub(crate) mod jobs;
pub(crate) mod journal;
pub(crate) mod notices;
pub(crate) mod orders;
pub(crate) mod orders_found;
pub(crate) mod refunds;
pub(crate) mod report;
pub(crate) mod trade_rows;

use heliu_ports::lists::{AgentKey, Cursor, Listed, Page, Span};
use heliu_trade::id::PlatformNo;
use heliu_trade::time::{SECOND_MS, Timestamp};

use crate::columns::{Columns, Result, integer};

/// Which database is asked, where words differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Where the register of merchants' numbers stands.
    const fn register(self) -> &'static str {
        match self {
            Self::Sqlite => "trade_order",
            Self::Postgres => "order_register",
        }
    }

    /// Whether a flag is set, or not.
    fn flag(self, column: &str, is_set: bool) -> String {
        match self {
            Self::Sqlite => format!("{column} = {}", u8::from(is_set)),
            Self::Postgres => format!("{column} = {is_set}"),
        }
    }

    /// Whether a text has another in it.
    fn contains(self, column: &str, part: &str) -> String {
        match self {
            Self::Sqlite => format!("instr({column}, {part}) > 0"),
            Self::Postgres => format!("strpos({column}, {part}) > 0"),
        }
    }
}

/// A statement and the texts that are bound to `$1`, `$2` ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) sql: String,
    pub(crate) texts: Vec<String>,
}

/// A page of a list: what is asked for it, how a row is read, and where a row stands in the list.
pub(crate) struct List<T> {
    pub(crate) asked: Asked,
    pub(crate) read: fn(&mut Columns<'_>) -> Result<T>,
    place: fn(&T) -> String,
    page: Page,
}

impl<T> List<T> {
    /// The page of the rows that were found.
    pub(crate) fn of(&self, found: Vec<T>) -> Listed<T> {
        Listed::of(found, &self.page, self.place)
    }
}

/// Rows that are asked for: one more than the page takes, which tells whether there is more.
pub(crate) fn limit(page: &Page) -> u32 {
    page.rows() + 1
}

/// Words of ours as SQL has them.
fn quoted(words: impl Iterator<Item = &'static str>) -> Vec<String> {
    words.map(|word| format!("'{word}'")).collect()
}

/// What must hold, and the texts that it names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    all: Vec<String>,
    texts: Vec<String>,
}

impl Conditions {
    /// A place for a text.
    pub(crate) fn bind(&mut self, text: &str) -> String {
        self.texts.push(text.to_owned());
        format!("${}", self.texts.len())
    }

    /// A condition.
    pub(crate) fn add(&mut self, condition: impl Into<String>) {
        self.all.push(condition.into());
    }

    /// A column has just this text, if one is asked for.
    pub(crate) fn is(&mut self, column: &str, text: Option<&str>) {
        if let Some(text) = text {
            let place = self.bind(text);
            self.add(format!("{column} = {place}"));
        }
    }

    /// A column has one of these words of ours; none asks for nothing.
    pub(crate) fn among(&mut self, column: &str, words: impl Iterator<Item = &'static str>) {
        let words = quoted(words);
        match words.as_slice() {
            [] => {}
            [word] => self.add(format!("{column} = {word}")),
            words => self.add(format!("{column} IN ({})", words.join(", "))),
        }
    }

    /// A column has none of these words of ours.
    pub(crate) fn none_of(&mut self, column: &str, words: impl Iterator<Item = &'static str>) {
        self.add(format!("{column} NOT IN ({})", quoted(words).join(", ")));
    }

    /// An amount within bounds that are asked for.
    pub(crate) fn amount(&mut self, column: &str, min: Option<i64>, max: Option<i64>) {
        if let Some(min) = min {
            self.add(format!("{column} >= {min}"));
        }
        if let Some(max) = max {
            self.add(format!("{column} <= {max}"));
        }
    }

    /// Our number was given within a stretch of time.
    pub(crate) fn span(&mut self, column: &str, span: Span) {
        let (from, until) = numbers(span);
        if let Some(from) = from {
            self.add(format!("{column} >= {from}"));
        }
        if let Some(until) = until {
            self.add(format!("{column} < {until}"));
        }
    }

    /// Our number stands after a place in a list that has the newest first.
    pub(crate) fn below(&mut self, column: &str, after: Option<&Cursor>) {
        let Some(after) = after else { return };
        match after.as_str().parse::<PlatformNo>() {
            Ok(number) => self.add(format!("{column} < {}", integer(number.as_u64()))),
            Err(_) => self.add("1 = 0"),
        }
    }

    /// A text begins so, byte by byte.
    pub(crate) fn begins(&mut self, column: &str, beginning: &str) -> String {
        let from = self.bind(beginning);
        match after_all(beginning) {
            None => format!("{column} >= {from}"),
            Some(end) => {
                let end = self.bind(&end);
                format!("({column} >= {from} AND {column} < {end})")
            }
        }
    }

    /// The app in these columns is one that an agent's keys sign for.
    pub(crate) fn agent(&mut self, merchant: &str, app: &str, agent: Option<&AgentKey>) {
        let Some(AgentKey {
            dialect_id,
            agent_id,
        }) = agent
        else {
            return;
        };
        let dialect = self.bind(dialect_id.as_str());
        let agent = self.bind(agent_id.as_str());
        // The first finds out of an index; the second tells merchants apart that have the same
        // number on two wires.
        self.add(format!(
            "{app} IN (SELECT p.app_id FROM app p WHERE p.dialect_id = {dialect} AND p.agent_id = {agent}) \
             AND EXISTS (SELECT 1 FROM app p WHERE p.dialect_id = {dialect} AND p.app_id = {app} \
             AND p.merchant_id = {merchant} AND p.agent_id = {agent})"
        ));
    }

    /// All of them, to stand behind `WHERE`.
    pub(crate) fn sql(&self) -> String {
        if self.all.is_empty() {
            return "1 = 1".to_owned();
        }
        self.all.join(" AND ")
    }

    /// All of them so far, for a part of a statement; what comes is for another part.
    pub(crate) fn take(&mut self) -> String {
        let sql = self.sql();
        self.all.clear();
        sql
    }

    /// A statement with what they name.
    pub(crate) fn ask(self, sql: String) -> Asked {
        let texts = self.texts;
        Asked { sql, texts }
    }
}

/// The numbers that were given within a stretch of time: the first, and the one behind the last.
pub(crate) fn numbers(span: Span) -> (Option<i64>, Option<i64>) {
    let first = |second: i64| {
        let epoch_s = PlatformNo::instant_of(0).as_ms() / SECOND_MS;
        let since = u64::try_from(second.saturating_sub(epoch_s)).unwrap_or(0);
        integer(PlatformNo::first_of(since).as_u64())
    };
    let from = span.from.map(|at| first(at.as_ms().div_euclid(SECOND_MS)));
    let until = span.until.map(Timestamp::as_ms);
    let until = until.map(|ms| first(ms.saturating_add(SECOND_MS - 1).div_euclid(SECOND_MS)));
    (from, until)
}

/// The least text that stands behind all that begin so; `None` if nothing does.
fn after_all(beginning: &str) -> Option<String> {
    let mut kept: Vec<char> = beginning.chars().collect();
    while let Some(last) = kept.pop() {
        // Not every number is a character.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            kept.push(next);
            return Some(kept.into_iter().collect());
        }
    }
    None
}

/// Our numbers that begin so: the first, and the one behind the last.
pub(crate) fn ours(beginning: &str) -> Option<(i64, i64)> {
    let digits = u32::try_from(beginning.len()).ok()?;
    let rest = 16_u32.checked_sub(digits)?;
    if beginning.is_empty() || !beginning.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let head: i64 = beginning.parse().ok()?;
    let scale = 10_i64.pow(rest);
    Some((head * scale, (head + 1) * scale))
}

/// A number of ours in a column begins so.
pub(crate) fn begins_ours(column: &str, beginning: &str) -> Option<String> {
    let (from, until) = ours(beginning)?;
    Some(format!("({column} >= {from} AND {column} < {until})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_ends_before_the_next_character() {
        for (beginning, end) in [
            ("a", Some("b")),
            ("20269", Some("2026:")),
            ("a\u{10ffff}", Some("b")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(after_all(beginning).as_deref(), end, "{beginning}");
        }
    }

    #[test]
    fn our_numbers_have_sixteen_digits() {
        assert_eq!(
            ours("0160"),
            Some((160_000_000_000_000, 161_000_000_000_000))
        );
        let whole = 1_600_000_000_000_001;
        assert_eq!(ours("1600000000000001"), Some((whole, whole + 1)));
        for text in ["", "16000000000000001", "a", "1 ", "+1"] {
            assert_eq!(ours(text), None, "{text}");
        }
    }

    #[test]
    fn a_second_counts_if_any_of_it_is_within() {
        let at = |ms: i64| Some(PlatformNo::instant_of(0).plus_ms(ms));
        let span = |from, until| numbers(Span { from, until });
        assert_eq!(span(at(1_000), at(2_000)), (Some(1 << 23), Some(2 << 23)));
        assert_eq!(span(at(1_999), at(2_001)), (Some(1 << 23), Some(3 << 23)));
        assert_eq!(span(at(-1), None), (Some(0), None));
    }
}
