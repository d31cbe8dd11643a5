//! Rows as values: which columns, and what they mean. One file a table.

pub(crate) mod attempt;
pub(crate) mod exchange;
pub(crate) mod journal;
pub(crate) mod order;
pub(crate) mod refund;
pub(crate) mod timeline;

use rusqlite::{Connection, OptionalExtension as _, Params, Result, Row};

/// All rows of a query, by a statement that is kept.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection
        .prepare_cached(sql)?
        .query_map(parameters, read)?
        .collect()
}

/// The first row of a query, by a statement that is kept.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    connection
        .prepare_cached(sql)?
        .query_row(parameters, read)
        .optional()
}
