//! SQLite's rows, as [`Columns`](crate::columns::Columns) reads them.

use rusqlite::Row;

use crate::columns::Cells;

impl Cells for Row<'_> {
    fn text(&self, index: usize) -> Result<Option<&str>, String> {
        let value = self.get_ref(index).map_err(|error| error.to_string())?;
        value.as_str_or_null().map_err(|error| error.to_string())
    }

    fn integer(&self, index: usize) -> Result<Option<i64>, String> {
        self.get(index).map_err(|error| error.to_string())
    }

    fn flag(&self, index: usize) -> Result<Option<bool>, String> {
        self.get(index).map_err(|error| error.to_string())
    }

    fn name(&self, index: usize) -> &str {
        self.as_ref().column_name(index).unwrap_or("?")
    }
}
