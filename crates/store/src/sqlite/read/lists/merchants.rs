//! Merchants, with what belongs to them.

use heliu_ports::lists::{Listed, MerchantFilter, Page};
use heliu_ports::store::Enrolment;
use rusqlite::Connection;

use super::{page, rows};
use crate::rows::directory::{enrolments, read_app, read_contract};
use crate::rows::lists::Kind;
use crate::rows::lists::directory::{apps_of, contracts_of, merchants};
use crate::sqlite::fault::Fault;

/// A page of merchants.
pub(crate) fn page_merchants(
    connection: &Connection,
    filter: &MerchantFilter,
    asked: &Page,
) -> Result<Listed<Enrolment>, Fault> {
    let found = page(connection, &merchants(filter, asked, Kind::Sqlite))?;
    let apps = match apps_of(&found.rows) {
        Some(ask) => rows(connection, &ask, read_app)?,
        None => Vec::new(),
    };
    let contracts = match contracts_of(&found.rows) {
        Some(ask) => rows(connection, &ask, read_contract)?,
        None => Vec::new(),
    };
    Ok(Listed {
        rows: enrolments(found.rows, apps, contracts),
        next: found.next,
    })
}
