//! JSON for programs: an array, an object a row, a line each.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::{Cell, Column, Sheet};

pub(super) struct Json<W: Write> {
    columns: &'static [Column],
    output: W,
    has_rows: bool,
}

impl<W: Write> Json<W> {
    pub(super) fn begin(columns: &'static [Column], mut output: W) -> io::Result<Self> {
        output.write_all(b"[")?;
        Ok(Self {
            columns,
            output,
            has_rows: false,
        })
    }
}

impl<W: Write> Sheet for Json<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let names = self.columns.iter().map(|name| (*name).to_owned());
        let members: Map<String, Value> = names.zip(cells.iter().map(value)).collect();
        let before = if self.has_rows { ",\n" } else { "\n" };
        self.has_rows = true;
        write!(self.output, "{before}{}", Value::Object(members))
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        let before = if self.has_rows { "\n" } else { "" };
        writeln!(self.output, "{before}]")?;
        self.output.flush()
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Count(count) => Value::from(*count),
        Cell::Flag(flag) => Value::from(*flag),
        Cell::At(at) => Value::from(at.beijing_rfc3339()),
        cell => Value::from(cell.shown()),
    }
}
