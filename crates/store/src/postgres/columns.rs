//! Reads a row's columns one after the other, so that no reader counts them.

use heliu_trade::time::Timestamp;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::fault::Fault;

/// A row and the next column to read.
pub(crate) struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    /// A value as PostgreSQL has it.
    pub(crate) fn value<T: FromSql<'r>>(&mut self) -> Result<T, Fault> {
        let index = self.next;
        self.next += 1;
        Ok(self.row.try_get(index)?)
    }

    fn damaged(&self, why: &str) -> Fault {
        let column = self.row.columns().get(self.next.saturating_sub(1));
        Fault::Damaged(format!(
            "{}: {why}",
            column.map_or("?", |column| column.name())
        ))
    }

    /// A count or an index, which is never negative.
    pub(crate) fn count(&mut self) -> Result<u32, Fault> {
        let value: i64 = self.value()?;
        u32::try_from(value).map_err(|error| self.damaged(&error.to_string()))
    }

    /// A name, such as a merchant's id.
    pub(crate) fn name<T: for<'a> From<&'a str>>(&mut self) -> Result<T, Fault> {
        Ok(T::from(self.value::<&str>()?))
    }

    /// A name that may be absent.
    pub(crate) fn name_opt<T: for<'a> From<&'a str>>(&mut self) -> Result<Option<T>, Fault> {
        Ok(self.value::<Option<&str>>()?.map(T::from))
    }

    /// A word of a fixed list.
    pub(crate) fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let text: &str = self.value()?;
        parse(text).ok_or_else(|| self.damaged(&format!("`{text}` is not a known word")))
    }

    /// A word of a fixed list that may be absent.
    pub(crate) fn word_opt<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(text) = self.value::<Option<&str>>()? else {
            return Ok(None);
        };
        let word = parse(text);
        let word = word.ok_or_else(|| self.damaged(&format!("`{text}` is not a known word")))?;
        Ok(Some(word))
    }

    /// JSON text.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let text: &str = self.value()?;
        serde_json::from_str(text).map_err(|error| self.damaged(&error.to_string()))
    }

    /// JSON text that may be absent.
    pub(crate) fn json_opt<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let Some(text) = self.value::<Option<&str>>()? else {
            return Ok(None);
        };
        let value = serde_json::from_str(text);
        value
            .map(Some)
            .map_err(|error| self.damaged(&error.to_string()))
    }

    /// A platform number's integer form.
    pub(crate) fn number(&mut self) -> Result<u64, Fault> {
        let value: i64 = self.value()?;
        u64::try_from(value).map_err(|error| self.damaged(&error.to_string()))
    }

    /// A platform number's integer form that may be absent.
    pub(crate) fn number_opt(&mut self) -> Result<Option<u64>, Fault> {
        let value: Option<i64> = self.value()?;
        let number = value.map(u64::try_from).transpose();
        number.map_err(|error| self.damaged(&error.to_string()))
    }

    /// An instant.
    pub(crate) fn at(&mut self) -> Result<Timestamp, Fault> {
        Ok(Timestamp::from_ms(self.value()?))
    }

    /// An instant that may be absent.
    pub(crate) fn at_opt(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_ms))
    }
}

/// A platform number as PostgreSQL keeps it. Numbers have at most 53 bits, so all of ours fit.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
