//! Orders.

use heliu_ports::lists::{Listed, OrderFilter, OrderRow, Page};
use rusqlite::Connection;

use super::{page, rows};
use crate::rows::lists::Kind;
use crate::rows::lists::orders::{Key, pick, walk};
use crate::rows::lists::orders_found::{
    KEYS_MAX, KEYS_TOGETHER, keys, newest, read_key, read_newest,
};
use crate::sqlite::fault::Fault;

const KIND: Kind = Kind::Sqlite;

/// A page of orders: out of candidates where those are few, else by a walk.
pub(crate) fn list_orders(
    connection: &Connection,
    filter: &OrderFilter,
    asked: &Page,
) -> Result<Listed<OrderRow>, Fault> {
    let Some(ask) = keys(filter, asked, KIND) else {
        return page(connection, &walk(filter, asked, None));
    };
    let mut candidates: Vec<Key> = rows(connection, &ask, read_key)?;
    if candidates.len() > KEYS_MAX {
        let from = match newest(filter, asked, KIND) {
            Some(ask) => rows(connection, &ask, read_newest)?
                .into_iter()
                .flatten()
                .next(),
            None => None,
        };
        return page(connection, &walk(filter, asked, from));
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
