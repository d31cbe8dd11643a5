//! Where commands ask, and how their answers are put out: the value crosses the socket, and is
//! rendered here.

use std::io::{self, BufWriter, Write};

use clap::Args;
use heliu_office::paging::{Paged, Part};
use heliu_office::rows::{Facts, Row};
use heliu_office::sheet::{self, Cell, Form};
use heliu_ports::lists::Page;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::admin::{self, Asked, Request};
use crate::config::Config;
use crate::failure::Failure;
use crate::terminal::{Output, escaped, escaped_line, tell};

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
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<T, Failure> {
        let asked = Asked {
            operator: self.operator.clone(),
            request: request.into(),
        };
        admin::ask(&self.config, asked).await
    }

    /// Asks for a list.
    pub(super) async fn list<T: Row + DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<Output, Failure> {
        let rows: Vec<T> = self.ask(request).await?;
        self.rows(&rows)
    }

    /// Asks for a page of a list; with `--all` for one page after the other, each written as it
    /// comes.
    pub(super) async fn pages<T: Row + DeserializeOwned>(
        &self,
        pages: Pages,
        request: impl Fn(Part) -> Request,
    ) -> Result<Output, Failure> {
        let mut part = pages.part();
        let output = Safe {
            form: self.form,
            output: BufWriter::new(io::stdout()),
        };
        let mut sheet = sheet::begin(self.form, T::COLUMNS, output)?;
        loop {
            let page: Paged<T> = self.ask(request(part.clone())).await?;
            for row in &page.rows {
                if is_read(sheet.row(&safe_cells(self.form, row)))? {
                    continue;
                }
                return Ok(Output::default());
            }
            match page.next {
                Some(next) if pages.all => part.after = Some(next),
                next => {
                    is_read(sheet.end())?;
                    if let Some(next) = next {
                        tell(&format!("there is more: --after {next}, or --all"));
                    }
                    return Ok(Output::default());
                }
            }
        }
    }

    /// A list, in the form that was asked for.
    pub(super) fn rows<T: Row>(&self, rows: &[T]) -> Result<Output, Failure> {
        Ok(Output::data(written(self.form, rows)?))
    }

    /// Asks for one thing, which people get as `text` and programs as its members or facts.
    pub(super) async fn show<T: Facts + Serialize + DeserializeOwned>(
        &self,
        request: impl Into<Request>,
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
        request: impl Into<Request>,
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

/// Whether somebody still reads; a reader that has seen enough, such as `head`, is no failure.
fn is_read(written: io::Result<()>) -> Result<bool, Failure> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Rows in a form.
fn written<T: Row>(form: Form, rows: &[T]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let output = Safe {
        form,
        output: &mut bytes,
    };
    let mut sheet = sheet::begin(form, T::COLUMNS, output)?;
    for row in rows {
        sheet.row(&safe_cells(form, row))?;
    }
    sheet.end()?;
    Ok(bytes)
}

/// Cells in which nothing is left that a terminal would obey: merchants, payers and their endpoints
/// choose much of what stands there. In JSON the escape is part of the form, which [`Safe`] writes.
fn safe_cells<T: Row>(form: Form, row: &T) -> Vec<Cell> {
    let safe = |cell| match cell {
        Cell::Text(text) => Cell::Text(escaped_line(&text).into_owned()),
        Cell::Number(number) => Cell::Number(escaped_line(&number).into_owned()),
        cell => cell,
    };
    let cells = row.cells().into_iter();
    match form {
        Form::Table | Form::Csv => cells.map(safe).collect(),
        Form::Json => cells.collect(),
    }
}

/// Where rows are written. In JSON what a terminal would obey stands in texts only, where its
/// escape means the same; whatever writes there writes whole letters.
struct Safe<W> {
    form: Form,
    output: W,
}

impl<W: Write> Write for Safe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.form {
            Form::Json => {
                let text = String::from_utf8_lossy(bytes);
                self.output.write_all(escaped(&text).as_bytes())?;
            }
            Form::Table | Form::Csv => self.output.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Which pages of a list.
#[derive(Debug, Args)]
pub(super) struct Pages {
    /// Go on where the page before ended, as it said
    #[arg(long, visible_alias = "page", value_name = "PLACE")]
    after: Option<String>,
    /// Rows of a page at most, up to 1000
    #[arg(long, default_value_t = 50)]
    size: u32,
    /// All pages, one after the other
    #[arg(long)]
    all: bool,
}

impl Pages {
    /// The first page, or the one after `part`.
    fn part(&self) -> Part {
        Part {
            after: self.after.clone(),
            size: if self.all { Page::SIZE_MAX } else { self.size },
        }
    }
}
