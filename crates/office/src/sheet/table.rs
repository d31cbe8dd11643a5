//! A table for a terminal. Columns are as wide as what stands in them, so it is written at its end.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::{Cell, Column, Sheet};

/// Between two columns.
const GAP: &str = "  ";

pub(super) struct Table<W: Write> {
    columns: &'static [Column],
    rows: Vec<Vec<Shown>>,
    output: W,
}

struct Shown {
    text: String,
    is_to_the_right: bool,
}

impl<W: Write> Table<W> {
    pub(super) const fn new(columns: &'static [Column], output: W) -> Self {
        Self {
            columns,
            rows: Vec::new(),
            output,
        }
    }

    /// Each column's width, in the cells of a terminal: a Chinese letter takes two.
    fn widths(&self) -> Vec<usize> {
        let heads = self.columns.iter().map(|name| name.width());
        let mut widths: Vec<usize> = heads.collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width());
            }
        }
        widths
    }
}

impl<W: Write> Sheet for Table<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let shown = |cell: &Cell| Shown {
            text: cell.shown(),
            is_to_the_right: matches!(cell, Cell::Fen(_) | Cell::Count(_)),
        };
        self.rows.push(cells.iter().map(shown).collect());
        Ok(())
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        let widths = self.widths();
        let line = |cells: &mut dyn Iterator<Item = (&str, bool)>| {
            let cells = cells.zip(&widths).map(|((text, is_to_the_right), width)| {
                let filling = " ".repeat(width.saturating_sub(text.width()));
                if is_to_the_right {
                    format!("{filling}{text}")
                } else {
                    format!("{text}{filling}")
                }
            });
            cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
        };
        let head = line(&mut self.columns.iter().map(|name| (*name, false)));
        writeln!(self.output, "{head}")?;
        for row in &self.rows {
            let cells = row
                .iter()
                .map(|cell| (cell.text.as_str(), cell.is_to_the_right));
            writeln!(self.output, "{}", line(&mut { cells }))?;
        }
        self.output.flush()
    }
}
