//! Values as the rows of a sheet.

use crate::sheet::{Cell, Column};

/// A value that is a row of a list.
pub trait Row {
    /// The list's columns.
    const COLUMNS: &'static [Column];

    /// A cell for each column.
    fn cells(&self) -> Vec<Cell>;
}

/// One thing as the facts of it that a spreadsheet takes: a row each.
pub struct Fact {
    /// What is told, in snake case.
    pub name: String,
    /// What it is.
    pub value: Cell,
}

impl Fact {
    /// A fact.
    pub fn new(name: impl Into<String>, value: Cell) -> Self {
        let name = name.into();
        Self { name, value }
    }
}

impl Row for Fact {
    const COLUMNS: &'static [Column] = &["fact", "value"];

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::text(self.name.as_str()), self.value.clone()]
    }
}

/// A value that is shown by itself.
pub trait Facts {
    /// What is told of it, in the order in which people ask.
    fn facts(&self) -> Vec<Fact>;
}
