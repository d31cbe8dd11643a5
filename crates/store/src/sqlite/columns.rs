//! Reads a row's columns one after the other, so that no reader counts them.

use heliu_trade::time::Timestamp;
use rusqlite::types::{FromSql, Type};
use rusqlite::{Error, Result, Row};
use serde::de::DeserializeOwned;

/// A row and the next column to read.
pub(crate) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(crate) fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// A value as SQLite has it.
    pub(crate) fn value<T: FromSql>(&mut self) -> Result<T> {
        let index = self.step();
        self.row.get(index)
    }

    fn text_at(&self, index: usize) -> Result<Option<&'r str>> {
        let value = self.row.get_ref(index)?;
        value
            .as_str_or_null()
            .map_err(|error| damaged(index, error.to_string()))
    }

    fn required_text(&mut self) -> Result<(usize, &'r str)> {
        let index = self.step();
        let text = self.text_at(index)?;
        Ok((
            index,
            text.ok_or_else(|| damaged(index, "a value is missing".to_owned()))?,
        ))
    }

    /// A name, such as a merchant's id.
    pub(crate) fn name<T: for<'a> From<&'a str>>(&mut self) -> Result<T> {
        Ok(T::from(self.required_text()?.1))
    }

    /// A name that may be absent.
    pub(crate) fn name_opt<T: for<'a> From<&'a str>>(&mut self) -> Result<Option<T>> {
        let index = self.step();
        Ok(self.text_at(index)?.map(T::from))
    }

    /// A word of a fixed list.
    pub(crate) fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        let (index, text) = self.required_text()?;
        parse(text).ok_or_else(|| damaged(index, format!("`{text}` is not a known word")))
    }

    /// A word of a fixed list that may be absent.
    pub(crate) fn word_opt<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let index = self.step();
        let Some(text) = self.text_at(index)? else {
            return Ok(None);
        };
        match parse(text) {
            Some(word) => Ok(Some(word)),
            None => Err(damaged(index, format!("`{text}` is not a known word"))),
        }
    }

    /// An error about the column that was read last.
    pub(crate) fn damaged(&self, why: &str) -> Error {
        damaged(self.next.saturating_sub(1), why.to_owned())
    }

    /// JSON text.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        let (index, text) = self.required_text()?;
        serde_json::from_str(text).map_err(|error| damaged(index, error.to_string()))
    }

    /// JSON text that may be absent.
    pub(crate) fn json_opt<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        let index = self.step();
        let Some(text) = self.text_at(index)? else {
            return Ok(None);
        };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|error| damaged(index, error.to_string()))
    }

    /// A platform number's integer form.
    pub(crate) fn number(&mut self) -> Result<u64> {
        let index = self.step();
        let value: i64 = self.row.get(index)?;
        u64::try_from(value).map_err(|error| damaged(index, error.to_string()))
    }

    /// A platform number's integer form that may be absent.
    pub(crate) fn number_opt(&mut self) -> Result<Option<u64>> {
        let index = self.step();
        let value: Option<i64> = self.row.get(index)?;
        let number = value.map(u64::try_from).transpose();
        number.map_err(|error| damaged(index, error.to_string()))
    }

    /// An instant.
    pub(crate) fn at(&mut self) -> Result<Timestamp> {
        Ok(Timestamp::from_ms(self.value()?))
    }

    /// An instant that may be absent.
    pub(crate) fn at_opt(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_ms))
    }
}

/// An error that names the column and what is wrong with it.
pub(crate) fn damaged(index: usize, why: String) -> Error {
    Error::FromSqlConversionFailure(index, Type::Text, why.into())
}

/// A platform number as SQLite keeps it. Numbers have at most 53 bits, so all of ours fit.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
