//! A page of a list, and the words of its filter.

use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::lists::{Cursor, Listed, Page, Span};
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::OfficeError;

/// Which part of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    /// Where the page before ended, as [`Paged::next`] said; absent: from the beginning.
    pub after: Option<String>,
    /// Rows at most.
    pub size: u32,
}

impl From<Part> for Page {
    fn from(part: Part) -> Self {
        Self {
            after: part.after.map(Cursor::new),
            size: part.size,
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paged<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Where it ended, if there is more.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// A page of the books, row by row.
    pub(crate) fn of<R>(listed: Listed<R>, row: impl Fn(R) -> T) -> Self {
        Self {
            next: listed.next.map(|cursor| cursor.as_str().to_owned()),
            rows: listed.rows.into_iter().map(row).collect(),
        }
    }

    /// A page of rows that go down by a number: a full one ends at its last row's.
    pub(crate) fn below(rows: Vec<T>, size: u32, number: impl Fn(&T) -> String) -> Self {
        let is_full = u32::try_from(rows.len()).is_ok_and(|found| found == size);
        let next = rows.last().filter(|_| is_full).map(number);
        Self { rows, next }
    }

    /// As [`Paged::of`], where a row may not be told.
    pub(crate) fn try_of<R>(
        listed: Listed<R>,
        row: impl Fn(R) -> Result<T, OfficeError>,
    ) -> Result<Self, OfficeError> {
        let Paged { rows, next } = Paged::of(listed, row);
        Ok(Self {
            rows: rows.into_iter().collect::<Result<_, _>>()?,
            next,
        })
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Between {
    /// From here on (UTC).
    pub from: Option<Timestamp>,
    /// Up to here, without it (UTC).
    pub until: Option<Timestamp>,
}

impl From<Between> for Span {
    fn from(Between { from, until }: Between) -> Self {
        Self { from, until }
    }
}

/// Reads the words of a filter, and keeps what is wrong with them.
#[derive(Default)]
pub(crate) struct Words(Faults);

impl Words {
    /// A word of a fixed list.
    pub(crate) fn one<T: Copy, const N: usize>(
        &mut self,
        field: &str,
        word: Option<&String>,
        all: [T; N],
        text: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let word = word?;
        let found = all.into_iter().find(|value| text(*value) == word);
        if found.is_none() {
            let known = all.map(|value| text(value).to_owned());
            self.0.add(field, Problem::NotOneOf(known.into()));
        }
        found
    }

    /// Several of them.
    pub(crate) fn many<T: Copy, const N: usize>(
        &mut self,
        field: &str,
        words: &[String],
        all: [T; N],
        text: impl Fn(T) -> &'static str,
    ) -> Vec<T> {
        let words = words.iter();
        words
            .filter_map(|word| self.one(field, Some(word), all, &text))
            .collect()
    }

    /// A number of ours.
    pub(crate) fn number<T: std::str::FromStr>(
        &mut self,
        field: &str,
        text: Option<&String>,
    ) -> Option<T> {
        let found = text?.parse().ok();
        if found.is_none() {
            let form = "one of our numbers: 16 digits".to_owned();
            self.0.add(field, Problem::Malformed(form));
        }
        found
    }

    /// Something else is wrong.
    pub(crate) fn add(&mut self, field: &str, problem: Problem) {
        self.0.add(field, problem);
    }

    /// Whether all could be read.
    pub(crate) fn end(self) -> Result<(), Faults> {
        self.0.into_result()
    }
}

#[cfg(test)]
mod tests {
    use heliu_trade::refund::RefundState;

    use super::*;

    #[test]
    fn unknown_words_of_a_filter_are_told_together() {
        let mut words = Words::default();
        let given = ["failed".to_owned(), "lost".to_owned()];
        let states = words.many("state", &given, RefundState::ALL, RefundState::as_str);
        assert_eq!(states, [RefundState::Failed]);
        let number: Option<heliu_trade::id::OrderNo> = words.number("order", Some(&"1".to_owned()));
        assert_eq!(number, None);
        let told = words.end().unwrap_err().to_string();
        assert_eq!(
            told,
            "state is none of refunding, succeeded, failed\norder must be one of our numbers: 16 digits"
        );
    }
}
