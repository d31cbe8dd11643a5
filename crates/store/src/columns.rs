//! How values stand in rows, whichever store they are of. A row's columns are read one after the
//! other, so that no reader counts them.

use heliu_trade::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A row of a store. What it cannot give it says in its own words.
pub(crate) trait Cells {
    /// A text, `None` if it is absent.
    fn text(&self, index: usize) -> Result<Option<&str>, String>;

    /// A number, `None` if it is absent.
    fn integer(&self, index: usize) -> Result<Option<i64>, String>;

    /// Yes or no, `None` if it is absent.
    fn flag(&self, index: usize) -> Result<Option<bool>, String>;

    /// The column's name.
    fn name(&self, index: usize) -> &str;
}

/// A row holds what no version of this program writes: which column, and why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damaged(pub(crate) String);

/// What a reader gives.
pub(crate) type Result<T, E = Damaged> = std::result::Result<T, E>;

/// A row and the next column to read.
pub(crate) struct Columns<'r> {
    row: &'r dyn Cells,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r dyn Cells) -> Self {
        Self { row, next: 0 }
    }

    fn step<T>(
        &mut self,
        read: impl Fn(&'r dyn Cells, usize) -> Result<Option<T>, String>,
    ) -> Result<Option<T>> {
        let index = self.next;
        self.next += 1;
        read(self.row, index).map_err(|why| self.damaged(&why))
    }

    /// An error about the column that was read last.
    pub(crate) fn damaged(&self, why: &str) -> Damaged {
        let column = self.row.name(self.next.saturating_sub(1));
        Damaged(format!("{column}: {why}"))
    }

    fn required<T>(&self, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.damaged("a value is missing"))
    }

    fn text_opt(&mut self) -> Result<Option<&'r str>> {
        self.step(|row, index| row.text(index))
    }

    fn text(&mut self) -> Result<&'r str> {
        let text = self.text_opt()?;
        self.required(text)
    }

    /// A text.
    pub(crate) fn string(&mut self) -> Result<String> {
        self.text().map(str::to_owned)
    }

    /// A text that may be absent.
    pub(crate) fn string_opt(&mut self) -> Result<Option<String>> {
        Ok(self.text_opt()?.map(str::to_owned))
    }

    /// A number.
    pub(crate) fn integer(&mut self) -> Result<i64> {
        let value = self.integer_opt()?;
        self.required(value)
    }

    /// A number that may be absent.
    pub(crate) fn integer_opt(&mut self) -> Result<Option<i64>> {
        self.step(|row, index| row.integer(index))
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self) -> Result<bool> {
        let value = self.step(|row, index| row.flag(index))?;
        self.required(value)
    }

    /// A count, a version or an index, which is never negative.
    pub(crate) fn count(&mut self) -> Result<u32> {
        let value = self.integer()?;
        u32::try_from(value).map_err(|error| self.damaged(&error.to_string()))
    }

    /// A count that may be absent.
    pub(crate) fn count_opt(&mut self) -> Result<Option<u32>> {
        let value = self.integer_opt()?.map(u32::try_from).transpose();
        value.map_err(|error| self.damaged(&error.to_string()))
    }

    /// A name, such as a merchant's id.
    pub(crate) fn name<T: for<'a> From<&'a str>>(&mut self) -> Result<T> {
        self.text().map(T::from)
    }

    /// A name that may be absent.
    pub(crate) fn name_opt<T: for<'a> From<&'a str>>(&mut self) -> Result<Option<T>> {
        Ok(self.text_opt()?.map(T::from))
    }

    /// A word of a fixed list.
    pub(crate) fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        let word = self.word_opt(parse)?;
        self.required(word)
    }

    /// A word of a fixed list that may be absent.
    pub(crate) fn word_opt<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let Some(text) = self.text_opt()? else {
            return Ok(None);
        };
        let word = parse(text);
        let word = word.ok_or_else(|| self.damaged(&format!("`{text}` is not a known word")))?;
        Ok(Some(word))
    }

    /// JSON text.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        let value = self.json_opt()?;
        self.required(value)
    }

    /// JSON text that may be absent.
    pub(crate) fn json_opt<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        let Some(text) = self.text_opt()? else {
            return Ok(None);
        };
        let value = serde_json::from_str(text);
        value
            .map(Some)
            .map_err(|error| self.damaged(&error.to_string()))
    }

    /// A platform number's integer form.
    pub(crate) fn number(&mut self) -> Result<u64> {
        let value = self.number_opt()?;
        self.required(value)
    }

    /// A platform number's integer form that may be absent.
    pub(crate) fn number_opt(&mut self) -> Result<Option<u64>> {
        let number = self.integer_opt()?.map(u64::try_from).transpose();
        number.map_err(|error| self.damaged(&error.to_string()))
    }

    /// An instant.
    pub(crate) fn at(&mut self) -> Result<Timestamp> {
        self.integer().map(Timestamp::from_ms)
    }

    /// An instant that may be absent.
    pub(crate) fn at_opt(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.integer_opt()?.map(Timestamp::from_ms))
    }
}

/// JSON text.
pub(crate) fn json<T: Serialize>(value: &T) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

/// JSON text of what may be absent.
pub(crate) fn json_opt<T: Serialize>(value: Option<&T>) -> serde_json::Result<Option<String>> {
    value.map(json).transpose()
}

/// An instant that may be absent, as the stores keep it.
pub(crate) fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_ms)
}

/// A platform number as the stores keep it. Numbers have at most 53 bits, so all of ours fit.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
