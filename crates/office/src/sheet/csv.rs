//! CSV for spreadsheets: UTF-8 with a byte order mark, lines that end in CR LF.
//!
//! A text that a spreadsheet would take for a formula begins with an apostrophe. Digits of
//! somebody's number have a tab behind them, or a spreadsheet would round them to fifteen.

use std::io::{self, Write};

use super::{Cell, Column, Sheet};

/// Without it spreadsheets take the text for another character set.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What a formula begins with, in either width, and what spreadsheets skip before they look.
const FORMULA_BEGINS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

pub(super) struct Csv<W: Write> {
    lines: ::csv::Writer<W>,
}

impl<W: Write> Csv<W> {
    pub(super) fn begin(columns: &[Column], mut output: W) -> io::Result<Self> {
        output.write_all(MARK)?;
        let mut lines = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(output);
        lines.write_record(columns)?;
        Ok(Self { lines })
    }
}

impl<W: Write> Sheet for Csv<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        Ok(self.lines.write_record(cells.iter().map(written))?)
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        self.lines.flush()
    }
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) if text.starts_with(FORMULA_BEGINS) => format!("'{text}"),
        Cell::Number(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{number}\t")
        }
        Cell::Number(number) if number.starts_with(FORMULA_BEGINS) => format!("'{number}"),
        cell => cell.shown(),
    }
}
