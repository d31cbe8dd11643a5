//! Orders that may be in a list, where looking at each would take too long: those that carry a
//! number, and those of which something rare became. A bounded number of keys: if there are more,
//! what is asked for is so frequent that a walk finds it.

use heliu_ports::lists::{OrderFilter, Page};
use heliu_trade::id::OrderNo;

use super::orders::{Key, asks_what_became, became, number};
use super::{Asked, Conditions, Kind, begins_ours};
use crate::columns::{Columns, Result};

/// So many keys at most for each row of a page. Where there are more, a walk meets them often.
const KEYS_PER_ROW: u32 = 20;
/// So many of them are looked at with one statement.
pub(crate) const KEYS_TOGETHER: usize = 500;

/// Where keys stand, one statement a place, and what comes before all of them.
struct Sources {
    before: String,
    each: Vec<String>,
    all: Conditions,
}

/// Whether these are all; what is asked for one more says that there are more.
pub(crate) fn are_all(keys: &[Key], page: &Page) -> bool {
    u32::try_from(keys.len()).is_ok_and(|count| count <= keys_max(page))
}

fn keys_max(page: &Page) -> u32 {
    page.rows() * KEYS_PER_ROW
}

/// Keys of candidates, each set complete by itself; none if a walk needs none.
pub(crate) fn keys(filter: &OrderFilter, page: &Page, kind: Kind) -> Vec<Asked> {
    let limit = keys_max(page) + 1;
    let ask = |Sources { before, each, all }: Sources| {
        let each = each.join(" UNION ALL ");
        all.ask(format!(
            "/* list */ {before} SELECT order_no, merchant_id FROM ({each}) AS found LIMIT {limit}"
        ))
    };
    sources(filter, page, kind).into_iter().map(ask).collect()
}

/// The newest of them: where a walk begins.
pub(crate) fn newest(filter: &OrderFilter, page: &Page, kind: Kind) -> Option<Asked> {
    let Sources { before, each, all } = sources(filter, page, kind).into_iter().next()?;
    let each = each.join(" UNION ALL ");
    let sql = format!("/* list */ {before} SELECT max(order_no) FROM ({each}) AS found");
    Some(all.ask(sql))
}

/// A key.
pub(crate) fn read_key(columns: &mut Columns<'_>) -> Result<Key> {
    Ok((OrderNo::from_u64(columns.number()?), columns.name()?))
}

/// The newest of all, if there is one.
pub(crate) fn read_newest(columns: &mut Columns<'_>) -> Result<Option<OrderNo>> {
    Ok(columns.number_opt()?.map(OrderNo::from_u64))
}

fn sources(filter: &OrderFilter, page: &Page, kind: Kind) -> Vec<Sources> {
    let by_number = number(filter).map(|number| by_number(filter, page, kind, number));
    let by_state = asks_what_became(filter).then(|| by_state(filter, page));
    by_number.into_iter().chain(by_state).collect()
}

fn within(filter: &OrderFilter, page: &Page, table: &str, all: &mut Conditions) -> String {
    let mut own = Conditions::default();
    own.below(&format!("{table}.order_no"), page.after.as_ref());
    own.span(&format!("{table}.order_no"), filter.created);
    if let Some(merchant) = &filter.merchant_id {
        let merchant = all.bind(merchant.as_str());
        own.add(format!("{table}.merchant_id = {merchant}"));
    }
    own.sql()
}

fn by_state(filter: &OrderFilter, page: &Page) -> Sources {
    let mut all = Conditions::default();
    let within = within(filter, page, "s", &mut all);
    became(filter, &mut all);
    let each = format!(
        "SELECT s.order_no, s.merchant_id FROM order_state s WHERE {within} AND {}",
        all.sql()
    );
    Sources {
        before: String::new(),
        each: vec![each],
        all,
    }
}

/// Merchants and apps that have rows in a table, by hops from each to the next over its register.
fn apps(name: &str, table: &str, filter: &OrderFilter, all: &mut Conditions) -> String {
    let merchants = match &filter.merchant_id {
        Some(merchant) => format!("SELECT {}", all.bind(merchant.as_str())),
        None => format!(
            "SELECT min(merchant_id) FROM {table} UNION ALL \
             SELECT (SELECT min(t.merchant_id) FROM {table} t WHERE t.merchant_id > m.merchant_id) \
             FROM {name}_merchant m WHERE m.merchant_id IS NOT NULL"
        ),
    };
    format!(
        "{name}_merchant(merchant_id) AS ({merchants}), {name}_app(merchant_id, app_id) AS (\
         SELECT m.merchant_id, (SELECT min(t.app_id) FROM {table} t WHERE t.merchant_id = m.merchant_id) \
         FROM {name}_merchant m WHERE m.merchant_id IS NOT NULL UNION ALL \
         SELECT a.merchant_id, (SELECT min(t.app_id) FROM {table} t \
             WHERE t.merchant_id = a.merchant_id AND t.app_id > a.app_id) \
         FROM {name}_app a WHERE a.app_id IS NOT NULL)"
    )
}

fn by_number(filter: &OrderFilter, page: &Page, kind: Kind, beginning: &str) -> Sources {
    let mut all = Conditions::default();
    let register = kind.register();
    let before = format!(
        "WITH RECURSIVE {}, {}",
        apps("ordering", register, filter, &mut all),
        apps("refunding", "refund", filter, &mut all)
    );
    let mut each = Vec::new();
    let mut source = |from: &str, table: &str, fits: String, all: &mut Conditions| {
        let within = within(filter, page, table, all);
        each.push(format!(
            "SELECT {table}.order_no, {table}.merchant_id FROM {from} WHERE {fits} AND {within}"
        ));
    };
    if let Some(fits) = begins_ours("o.order_no", beginning) {
        source("trade_order o", "o", fits, &mut all);
    }
    if let Some(fits) = begins_ours("a.attempt_no", beginning) {
        let fits = format!("{fits} AND a.attempt_no <> a.order_no");
        source("attempt a", "a", fits, &mut all);
    }
    if let Some(fits) = begins_ours("r.refund_no", beginning) {
        source("refund r", "r", fits, &mut all);
    }
    let fits = all.begins("e.channel_order_no", beginning);
    source("evidence e", "e", fits, &mut all);
    let fits = all.begins("o.merchant_order_no", beginning);
    let fits = format!("o.merchant_id = k.merchant_id AND o.app_id = k.app_id AND {fits}");
    source(
        &format!("ordering_app k CROSS JOIN {register} o"),
        "o",
        fits,
        &mut all,
    );
    let fits = all.begins("r.merchant_refund_no", beginning);
    let fits = format!("r.merchant_id = k.merchant_id AND r.app_id = k.app_id AND {fits}");
    source("refunding_app k CROSS JOIN refund r", "r", fits, &mut all);
    Sources { before, each, all }
}
