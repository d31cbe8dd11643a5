//! Queries whose rows become values.

use rusqlite::{Connection, Params, Statement};

use super::fault::Fault;
use crate::columns::{Columns, Result as Read};

/// All rows of a query, by a statement that is kept.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    all_of(&mut *connection.prepare_cached(sql)?, parameters, read)
}

/// The first row of a query, by a statement that is kept.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Option<T>, Fault> {
    first_of(&mut *connection.prepare_cached(sql)?, parameters, read)
}

/// All rows of a prepared query.
pub(crate) fn all_of<T>(
    statement: &mut Statement<'_>,
    parameters: impl Params,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    let mut rows = statement.query(parameters)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(&mut Columns::of(row))?);
    }
    Ok(values)
}

/// The first row of a prepared query.
pub(crate) fn first_of<T>(
    statement: &mut Statement<'_>,
    parameters: impl Params,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Option<T>, Fault> {
    let mut rows = statement.query(parameters)?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(read(&mut Columns::of(row))?))
}
