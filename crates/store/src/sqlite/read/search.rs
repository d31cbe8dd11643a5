//! Finds orders by any number that somebody may hold in hand.
//!
//! Keys begin with the merchant, whom the searcher does not know. So the search walks over the
//! merchants that have orders, and over their apps, each found by one look into an index, and asks
//! once for each; the orders between are not read. The channel's number has an index of its own.

use std::collections::BTreeSet;

use heliu_trade::id::{MerchantId, OrderNo};
use rusqlite::Connection;

use crate::columns::{self, Columns, integer};
use crate::rows::order::read_key;
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, first};

/// The first merchant and app after a given pair, in the register of merchants' numbers.
const NEXT_APP: &str = "SELECT merchant_id, app_id FROM trade_order
    WHERE (merchant_id, app_id) > (?1, ?2) ORDER BY merchant_id, app_id LIMIT 1";

const BY_ORDER_NO: &str =
    "SELECT merchant_id, order_no FROM trade_order WHERE merchant_id = ?1 AND order_no = ?2";

const BY_REFUND_NO: &str =
    "SELECT merchant_id, order_no FROM refund WHERE merchant_id = ?1 AND refund_no = ?2";

const BY_MERCHANT_ORDER_NO: &str = "SELECT merchant_id, order_no FROM trade_order
    WHERE merchant_id = ?1 AND app_id = ?2 AND merchant_order_no = ?3";

const BY_MERCHANT_REFUND_NO: &str = "SELECT merchant_id, order_no FROM refund
    WHERE merchant_id = ?1 AND app_id = ?2 AND merchant_refund_no = ?3";

const BY_CHANNEL_ORDER_NO: &str =
    "SELECT merchant_id, order_no FROM evidence WHERE channel_order_no = ?1";

/// Orders that carry `number` as ours, the merchant's, the channel's or a refund's, by key.
pub(crate) fn search_orders(
    connection: &Connection,
    number: &str,
) -> Result<Vec<(MerchantId, OrderNo)>, Fault> {
    let platform_no = number
        .parse::<OrderNo>()
        .ok()
        .map(|number| integer(number.as_u64()));
    let mut found: BTreeSet<(MerchantId, OrderNo)> = BTreeSet::new();
    found.extend(all(connection, BY_CHANNEL_ORDER_NO, [number], read_key)?);
    let mut last = (String::new(), String::new());
    while let Some((merchant, app)) = first(connection, NEXT_APP, (&last.0, &last.1), read_app)? {
        if let Some(platform_no) = platform_no.filter(|_| merchant != last.0) {
            let key = (&merchant, platform_no);
            found.extend(all(connection, BY_ORDER_NO, key, read_key)?);
            found.extend(all(connection, BY_REFUND_NO, key, read_key)?);
        }
        let key = (&merchant, &app, number);
        found.extend(all(connection, BY_MERCHANT_ORDER_NO, key, read_key)?);
        found.extend(all(connection, BY_MERCHANT_REFUND_NO, key, read_key)?);
        last = (merchant, app);
    }
    Ok(found.into_iter().collect())
}

fn read_app(columns: &mut Columns<'_>) -> columns::Result<(String, String)> {
    Ok((columns.string()?, columns.string()?))
}
