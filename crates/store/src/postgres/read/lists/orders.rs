//! Orders.

use deadpool_postgres::GenericClient;
use heliu_ports::lists::{Listed, OrderFilter, OrderRow, Page};

use super::{page, rows};
use crate::postgres::fault::Fault;
use crate::rows::lists::Kind;
use crate::rows::lists::orders::{Key, Walk, number, pick, walk};
use crate::rows::lists::orders_found::{
    KEYS_TOGETHER, are_all, keys, newest, read_key, read_newest,
};

const KIND: Kind = Kind::Postgres;

/// A page of orders: out of the newest few if they fill it, then out of candidates if those are
/// few, else by a walk.
pub(crate) async fn list_orders(
    client: &impl GenericClient,
    filter: &OrderFilter,
    asked: &Page,
) -> Result<Listed<OrderRow>, Fault> {
    let sets = keys(filter, asked, KIND);
    if sets.is_empty() {
        return page(client, &walk(filter, asked, Walk::ALL)).await;
    }
    let listed = page(client, &walk(filter, asked, Walk::FEW)).await?;
    if listed.next.is_some() {
        return Ok(listed);
    }
    for ask in sets {
        let candidates: Vec<Key> = rows(client, &ask, read_key).await?;
        if are_all(&candidates, asked) {
            return pick_among(client, filter, asked, candidates).await;
        }
    }
    // Numbers often lie close together; what became of orders lies everywhere, or is found last.
    let newest = async || match newest(filter, asked, KIND) {
        Some(ask) => Ok(rows(client, &ask, read_newest)
            .await?
            .into_iter()
            .flatten()
            .next()),
        None => Ok::<_, Fault>(None),
    };
    let start = match number(filter) {
        Some(_) => newest().await?,
        None => None,
    };
    let listed = page(client, &walk(filter, asked, Walk::many(start))).await?;
    if listed.next.is_some() {
        return Ok(listed);
    }
    let start = match start {
        Some(start) => Some(start),
        None => newest().await?,
    };
    page(client, &walk(filter, asked, Walk::from(start))).await
}

async fn pick_among(
    client: &impl GenericClient,
    filter: &OrderFilter,
    asked: &Page,
    mut candidates: Vec<Key>,
) -> Result<Listed<OrderRow>, Fault> {
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
