//! Orders.

use deadpool_postgres::GenericClient;
use heliu_ports::lists::{Listed, OrderFilter, OrderRow, Page};

use super::{page, rows};
use crate::postgres::fault::Fault;
use crate::rows::lists::Kind;
use crate::rows::lists::orders::{Key, Walk, pick, walk};
use crate::rows::lists::orders_found::{
    KEYS_TOGETHER, are_all, keys, newest, read_key, read_newest,
};

const KIND: Kind = Kind::Postgres;

/// A page of orders: out of the newest few if they fill it, then out of candidates if those are few, else by a walk.
pub(crate) async fn list_orders(
    client: &impl GenericClient,
    filter: &OrderFilter,
    asked: &Page,
) -> Result<Listed<OrderRow>, Fault> {
    let Some(ask) = keys(filter, asked, KIND) else {
        return page(client, &walk(filter, asked, Walk::All)).await;
    };
    let newest_few = page(client, &walk(filter, asked, Walk::Few)).await?;
    if newest_few.next.is_some() {
        return Ok(newest_few);
    }
    let mut candidates: Vec<Key> = rows(client, &ask, read_key).await?;
    if !are_all(&candidates, asked) {
        let newest = match newest(filter, asked, KIND) {
            Some(ask) => rows(client, &ask, read_newest).await?,
            None => Vec::new(),
        };
        let newest = newest.into_iter().flatten().next();
        let extent = newest.map_or(Walk::All, Walk::From);
        return page(client, &walk(filter, asked, extent)).await;
    }
    candidates.sort_unstable_by(|left, right| right.cmp(left));
    candidates.dedup();
    let mut found = Listed::default();
    for together in candidates.chunks(KEYS_TOGETHER) {
        let list = pick(filter, asked, together);
        found
            .rows
            .extend(rows(client, &list.asked, list.read).await?);
        if found.is_beyond(asked) {
            return Ok(list.of(found.rows));
        }
    }
    Ok(found)
}
