//! Lists for people. What is asked stands in [`crate::rows::lists`]; here is how.

pub(crate) mod merchants;
pub(crate) mod orders;
pub(crate) mod report;

use heliu_ports::lists::Listed;
use rusqlite::Connection;

use crate::columns::{Columns, Result as Read};
use crate::rows::lists::{Asked, List};
use crate::sqlite::fault::Fault;

/// A page that one statement finds.
pub(crate) fn page<T>(connection: &Connection, list: &List<T>) -> Result<Listed<T>, Fault> {
    Ok(list.of(rows(connection, &list.asked, list.read)?))
}

/// All rows of a statement, which is not kept.
fn rows<T>(
    connection: &Connection,
    asked: &Asked,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare(&asked.sql)?;
    for (number, text) in (1..).zip(&asked.texts) {
        // Places are named, and stand in the text in any order.
        if let Some(place) = statement.parameter_index(&format!("${number}"))? {
            statement.raw_bind_parameter(place, text)?;
        }
    }
    let mut rows = statement.raw_query();
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(&mut Columns::of(row))?);
    }
    Ok(values)
}
