//! Orders.

use heliu_ports::lists::{Listed, OrderFilter, OrderRow, Page};
use rusqlite::Connection;

use super::{page, rows};
use crate::rows::lists::Kind;
use crate::rows::lists::orders::{Key, Walk, number, pick, walk};
use crate::rows::lists::orders_found::{
    KEYS_TOGETHER, are_all, keys, newest, read_key, read_newest,
};
use crate::sqlite::fault::Fault;

const KIND: Kind = Kind::Sqlite;

/// A page of orders: out of the newest few if they fill it, then out of candidates if those are
/// few, else by a walk.
pub(crate) fn list_orders(
    connection: &Connection,
    filter: &OrderFilter,
    asked: &Page,
) -> Result<Listed<OrderRow>, Fault> {
    let sets = keys(filter, asked, KIND);
    if sets.is_empty() {
        return page(connection, &walk(filter, asked, Walk::ALL));
    }
    let listed = page(connection, &walk(filter, asked, Walk::FEW))?;
    if listed.next.is_some() {
        return Ok(listed);
    }
    for ask in sets {
        let candidates: Vec<Key> = rows(connection, &ask, read_key)?;
        if are_all(&candidates, asked) {
            return pick_among(connection, filter, asked, candidates);
        }
    }
    // Numbers often lie close together; what became of orders lies everywhere, or is found last.
    let newest = || match newest(filter, asked, KIND) {
        Some(ask) => Ok(rows(connection, &ask, read_newest)?
            .into_iter()
            .flatten()
            .next()),
        None => Ok::<_, Fault>(None),
    };
    let start = match number(filter) {
        Some(_) => newest()?,
        None => None,
    };
    let listed = page(connection, &walk(filter, asked, Walk::many(start)))?;
    if listed.next.is_some() {
        return Ok(listed);
    }
    let start = match start {
        Some(start) => Some(start),
        None => newest()?,
    };
    page(connection, &walk(filter, asked, Walk::from(start)))
}

fn pick_among(
    connection: &Connection,
    filter: &OrderFilter,
    asked: &Page,
    mut candidates: Vec<Key>,
) -> Result<Listed<OrderRow>, Fault> {
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
