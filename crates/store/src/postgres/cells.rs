//! PostgreSQL's rows, as [`Columns`](crate::columns::Columns) reads them.

use std::borrow::Cow;

use tokio_postgres::Row;

use crate::columns::Cells;

impl Cells for Row {
    fn text(&self, index: usize) -> Result<Option<&str>, String> {
        self.try_get(index).map_err(|error| error.to_string())
    }

    fn integer(&self, index: usize) -> Result<Option<i64>, String> {
        self.try_get(index).map_err(|error| error.to_string())
    }

    fn flag(&self, index: usize) -> Result<Option<bool>, String> {
        self.try_get(index).map_err(|error| error.to_string())
    }

    fn name(&self, index: usize) -> &str {
        self.columns()
            .get(index)
            .map_or("?", |column| column.name())
    }
}

/// A text as PostgreSQL takes it: it has no NUL, and what a stranger sent may have one.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
