//! Orders.

use heliu_ports::lists::{Listed, OrderFilter, OrderRow, Page};
use rusqlite::Connection;

use super::{page, rows};
use crate::rows::lists::Kind;
use crate::rows::lists::orders::{Key, Walk, pick, walk};
use crate::rows::lists::orders_found::{
    KEYS_TOGETHER, are_all, keys, newest, read_key, read_newest,
};
use crate::sqlite::fault::Fault;

const KIND: Kind = Kind::Sqlite;

/// A page of orders: out of the newest few if they fill it, then out of candidates if those are few, else by a walk.
pub(crate) fn list_orders(
    connection: &Connection,
    filter: &OrderFilter,
    asked: &Page,
) -> Result<Listed<OrderRow>, Fault> {
    let Some(ask) = keys(filter, asked, KIND) else {
        return page(connection, &walk(filter, asked, Walk::All));
    };
    let newest_few = page(connection, &walk(filter, asked, Walk::Few))?;
    if newest_few.next.is_some() {
        return Ok(newest_few);
    }
    let mut candidates: Vec<Key> = rows(connection, &ask, read_key)?;
    if !are_all(&candidates, asked) {
        let newest = match newest(filter, asked, KIND) {
            Some(ask) => rows(connection, &ask, read_newest)?,
            None => Vec::new(),
        };
        let newest = newest.into_iter().flatten().next();
        let extent = newest.map_or(Walk::All, Walk::From);
        return page(connection, &walk(filter, asked, extent));
    }
    candidates.sort_unstable_by(|left, right| right.cmp(left));
    candidates.dedup();
    let mut found = Listed::default();
    for together in candidates.chunks(KEYS_TOGETHER) {
        let list = pick(filter, asked, together);
        found.rows.extend(rows(connection, &list.asked, list.read)?);
        if found.is_beyond(asked) {
            return Ok(list.of(found.rows));
        }
    }
    Ok(found)
}
