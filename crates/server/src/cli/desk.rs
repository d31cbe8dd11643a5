//! Where commands ask, and how their answers are put out: the value crosses the socket, and is rendered here.

use std::io;

use heliu_office::rows::{Facts, Row};
use heliu_office::sheet::{self, Cell, Form};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::admin::{self, Asked, Request};
use crate::config::Config;
use crate::failure::Failure;
use crate::terminal::{Output, escaped, escaped_line};

/// Everything that a command needs to ask and to answer.
pub(super) struct Desk {
    /// The configuration.
    pub(super) config: Config,
    /// The form in which lists and things are shown.
    pub(super) form: Form,
    /// The person of the office's list who asks.
    pub(super) operator: Option<String>,
}

impl Desk {
    /// What a use case returns.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<T, Failure> {
        let asked = Asked {
            operator: self.operator.clone(),
            request,
        };
        admin::ask(&self.config, asked).await
    }

    /// Asks for a list.
    pub(super) async fn list<T: Row + DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<Output, Failure> {
        let rows: Vec<T> = self.ask(request).await?;
        self.rows(&rows)
    }

    /// A list, in the form that was asked for.
    pub(super) fn rows<T: Row>(&self, rows: &[T]) -> Result<Output, Failure> {
        Ok(Output::data(written(self.form, rows)?))
    }

    /// Asks for one thing, which people get as `text` and programs as its members or facts.
    pub(super) async fn show<T: Facts + Serialize + DeserializeOwned>(
        &self,
        request: Request,
        text: impl Fn(&T) -> String,
    ) -> Result<Output, Failure> {
        let thing: T = self.ask(request).await?;
        self.thing(&thing, text)
    }

    /// One thing, in the form that was asked for.
    pub(super) fn thing<T: Facts + Serialize>(
        &self,
        thing: &T,
        text: impl Fn(&T) -> String,
    ) -> Result<Output, Failure> {
        match self.form {
            Form::Table => Ok(text(thing).into()),
            Form::Json => json(thing),
            Form::Csv => Ok(Output::data(written(self.form, &thing.facts())?)),
        }
    }

    /// Asks for something to be done, and says what was.
    pub(super) async fn tell<T: DeserializeOwned>(
        &self,
        request: Request,
        text: impl Fn(&T) -> String,
    ) -> Result<Output, Failure> {
        let done: T = self.ask(request).await?;
        Ok(text(&done).into())
    }
}

/// A value for programs.
pub(super) fn json(value: &impl Serialize) -> Result<Output, Failure> {
    let text = serde_json::to_string_pretty(value)?;
    // What a terminal would obey stands in strings only, where the escape means the same.
    Ok(Output::data(format!("{}\n", escaped(&text)).into_bytes()))
}

/// A table for people, without its last line end.
pub(super) fn table<T: Row>(rows: &[T]) -> String {
    let bytes = written(Form::Table, rows).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// Rows in a form; merchants, payers and their endpoints choose much of what stands in them.
fn written<T: Row>(form: Form, rows: &[T]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut sheet = sheet::begin(form, T::COLUMNS, &mut bytes)?;
    for row in rows {
        let cells: Vec<_> = row
            .cells()
            .into_iter()
            .map(|cell| safe(form, cell))
            .collect();
        sheet.row(&cells)?;
    }
    sheet.end()?;
    Ok(match form {
        Form::Json => escaped(&String::from_utf8_lossy(&bytes))
            .into_owned()
            .into_bytes(),
        Form::Table | Form::Csv => bytes,
    })
}

/// A cell in which nothing is left that a terminal would obey. In JSON the whole is made safe afterwards.
fn safe(form: Form, cell: Cell) -> Cell {
    match (form, cell) {
        (Form::Table | Form::Csv, Cell::Text(text)) => Cell::Text(escaped_line(&text).into_owned()),
        (Form::Table | Form::Csv, Cell::Number(number)) => {
            Cell::Number(escaped_line(&number).into_owned())
        }
        (_, cell) => cell,
    }
}
