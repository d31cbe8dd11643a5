//! Finds orders by any number that somebody may hold in hand.
//!
//! Keys begin with the merchant, whom the searcher does not know. So the search walks over the apps
//! that have orders, each found by one look into the register, and asks once for each; the orders
//! between are not read. The channel's number has an index of its own.

use std::collections::BTreeSet;

use deadpool_postgres::GenericClient;
use heliu_trade::id::{MerchantId, OrderNo};

use crate::columns::integer;
use crate::postgres::connections::all;
use crate::postgres::fault::Fault;
use crate::rows::order::read_key;

/// All merchants and apps in the register of merchants' numbers, by hops from each to the next.
const APPS: &str = "WITH RECURSIVE known AS (
    (SELECT merchant_id, app_id FROM order_register ORDER BY merchant_id, app_id LIMIT 1)
    UNION ALL
    SELECT next.merchant_id, next.app_id FROM known CROSS JOIN LATERAL (
        SELECT r.merchant_id, r.app_id FROM order_register r
        WHERE (r.merchant_id, r.app_id) > (known.merchant_id, known.app_id)
        ORDER BY r.merchant_id, r.app_id LIMIT 1) AS next
)";

const BY_MERCHANTS_NUMBER: &str =
    "SELECT r.merchant_id, r.order_no FROM known JOIN order_register r
        USING (merchant_id, app_id) WHERE r.merchant_order_no = $1
    UNION SELECT r.merchant_id, r.order_no FROM known JOIN refund r
        USING (merchant_id, app_id) WHERE r.merchant_refund_no = $1
    UNION SELECT merchant_id, order_no FROM evidence WHERE channel_order_no = $1";

const BY_OUR_NUMBER: &str = "SELECT o.merchant_id, o.order_no
        FROM (SELECT DISTINCT merchant_id FROM known) k JOIN trade_order o USING (merchant_id)
        WHERE o.order_no = $1
    UNION SELECT r.merchant_id, r.order_no
        FROM (SELECT DISTINCT merchant_id FROM known) k JOIN refund r USING (merchant_id)
        WHERE r.refund_no = $1";

/// Orders that carry `number` as ours, the merchant's, the channel's or a refund's, by key.
pub(crate) async fn search_orders(
    client: &impl GenericClient,
    number: &str,
) -> Result<Vec<(MerchantId, OrderNo)>, Fault> {
    let sql = format!("{APPS} {BY_MERCHANTS_NUMBER}");
    let found = all(client, &sql, &[&number], read_key).await?;
    let mut found: BTreeSet<_> = found.into_iter().collect();
    if let Ok(platform_no) = number.parse::<OrderNo>() {
        let sql = format!("{APPS} {BY_OUR_NUMBER}");
        let platform_no = integer(platform_no.as_u64());
        found.extend(all(client, &sql, &[&platform_no], read_key).await?);
    }
    Ok(found.into_iter().collect())
}
