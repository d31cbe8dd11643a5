//! Orders in a list.
//!
//! An index has all orders by number, with what they are charged and whose they are: a walk down it
//! finds what is frequent at once, and what is rare by that. What becomes of an order stands beside
//! it, in a short row, and numbers stand in registers: what is rare by those would take a look at
//! each order. So after a walk over a few those rows and registers are asked for candidates
//! ([`super::orders_found`]), of which there are either few, or a walk finds them.

use heliu_ports::lists::{OrderFilter, OrderRow, Page};
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::money::Currency;
use heliu_trade::order::OrderState;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Scene, WalletKind};

use super::{Asked, Conditions, List, begins_ours, limit};
use crate::columns::{Columns, Result, integer};

/// The key of an order, newest first.
pub(crate) type Key = (OrderNo, MerchantId);

/// What [`read`] reads, for the keys in `k`, newest first.
const ROWS: &str = "SELECT o.created_at, o.merchant_id, o.app_id, \
    (SELECT min(p.dialect_id) FROM app p WHERE p.merchant_id = o.merchant_id AND p.app_id = o.app_id), \
    o.order_no, o.merchant_order_no, o.scene, s.state, s.wallet, s.channel_account_id, o.charge_fen, o.currency, \
    o.amount_minor, s.fee_fen, coalesce(r.refunded_payable_fen, 0), e.evidence \
    FROM k CROSS JOIN trade_order o \
    JOIN order_state s ON s.merchant_id = o.merchant_id AND s.order_no = o.order_no \
    LEFT JOIN refund_totals r ON r.merchant_id = o.merchant_id AND r.order_no = o.order_no \
    LEFT JOIN evidence e ON e.merchant_id = o.merchant_id AND e.order_no = o.order_no \
        AND e.attempt_no = s.paid_attempt_no \
    WHERE o.merchant_id = k.merchant_id AND o.order_no = k.order_no";

fn read(columns: &mut Columns<'_>) -> Result<OrderRow> {
    let mut row = OrderRow {
        created_at: columns.at()?,
        merchant_id: columns.name()?,
        app_id: columns.name()?,
        dialect_id: columns.name_opt()?,
        order_no: OrderNo::from_u64(columns.number()?),
        merchant_order_no: columns.string()?,
        scene: columns.word(Scene::parse)?,
        state: columns.word(OrderState::parse)?,
        wallet: columns.word_opt(WalletKind::parse)?,
        channel_account_id: columns.name_opt()?,
        charge_fen: columns.integer()?,
        currency: columns.word(|text| text.parse::<Currency>().ok())?,
        amount_minor: columns.integer()?,
        fee_fen: columns.integer_opt()?,
        refunded_fen: columns.integer()?,
        paid_at: None,
    };
    row.paid_at = columns
        .json_opt::<Evidence>()?
        .map(|evidence| evidence.paid_at);
    Ok(row)
}

fn place(row: &OrderRow) -> String {
    row.order_no.to_string()
}

/// Conditions on what an order is from the beginning, beside whose it is and when it came.
fn made(filter: &OrderFilter, all: &mut Conditions) {
    all.amount("o.charge_fen", filter.charge_fen_min, filter.charge_fen_max);
    all.agent("o.merchant_id", "o.app_id", filter.agent.as_ref());
}

/// Whether a filter asks what became of an order.
pub(super) fn asks_what_became(filter: &OrderFilter) -> bool {
    !filter.states.is_empty() || filter.wallet.is_some() || filter.channel_account_id.is_some()
}

/// Conditions on what became of an order.
pub(super) fn became(filter: &OrderFilter, all: &mut Conditions) {
    all.among("s.state", filter.states.iter().map(|state| state.as_str()));
    all.among(
        "s.wallet",
        filter.wallet.iter().map(|wallet| wallet.as_str()),
    );
    let account = filter.channel_account_id.as_ref();
    all.is(
        "s.channel_account_id",
        account.map(|account| account.as_str()),
    );
}

/// An order `o` carries a number that begins so.
fn carries(beginning: &str, all: &mut Conditions) {
    let mut any = vec![all.begins("o.merchant_order_no", beginning)];
    let channels = all.begins("e.channel_order_no", beginning);
    any.push(format!(
        "EXISTS (SELECT 1 FROM evidence e WHERE e.merchant_id = o.merchant_id AND e.order_no = o.order_no AND {channels})"
    ));
    let mut of_refund = vec![all.begins("r.merchant_refund_no", beginning)];
    of_refund.extend(begins_ours("r.refund_no", beginning));
    any.push(format!(
        "EXISTS (SELECT 1 FROM refund r WHERE r.merchant_id = o.merchant_id AND r.order_no = o.order_no AND ({}))",
        of_refund.join(" OR ")
    ));
    any.extend(begins_ours("o.order_no", beginning));
    any.extend(begins_ours("a.attempt_no", beginning).map(|ours| {
        format!("EXISTS (SELECT 1 FROM attempt a WHERE a.merchant_id = o.merchant_id AND a.order_no = o.order_no AND {ours})")
    }));
    all.add(format!("({})", any.join(" OR ")));
}

/// From where on a walk goes, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Walk {
    /// The newest order that it meets; `None`: the newest of all.
    pub(crate) from: Option<OrderNo>,
    /// How many orders it goes over at most, for each row of the page; `None`: over all.
    pub(crate) per_row: Option<u32>,
}

impl Walk {
    /// Over all orders.
    pub(crate) const ALL: Self = Self {
        from: None,
        per_row: None,
    };
    /// Over a few: who asks for what is frequent finds a whole page there.
    pub(crate) const FEW: Self = Self {
        from: None,
        per_row: Some(20),
    };

    /// Over many: what has so many candidates that they were not looked at fills a page there,
    /// unless it is all old.
    pub(crate) const fn many(from: Option<OrderNo>) -> Self {
        let per_row = Some(1_000);
        Self { from, per_row }
    }

    /// Over all that are as old as this one.
    pub(crate) const fn from(from: Option<OrderNo>) -> Self {
        let per_row = None;
        Self { from, per_row }
    }
}

/// The page, by a walk down the orders.
pub(crate) fn walk(filter: &OrderFilter, page: &Page, walk: Walk) -> List<OrderRow> {
    let mut all = Conditions::default();
    all.below("o.order_no", page.after.as_ref());
    all.span("o.order_no", filter.created);
    all.is(
        "o.merchant_id",
        filter.merchant_id.as_ref().map(MerchantId::as_str),
    );
    if let Some(from) = walk.from {
        all.add(format!("o.order_no <= {}", integer(from.as_u64())));
    }
    let orders = walk.per_row.map_or_else(
        || "trade_order o".to_owned(),
        |per_row| {
            let number = number(filter).map_or("", |_| ", o.merchant_order_no");
            let (within, count) = (all.take(), page.rows() * per_row);
            format!(
                "(SELECT o.merchant_id, o.order_no, o.app_id, o.charge_fen{number} FROM trade_order o \
                 WHERE {within} ORDER BY o.order_no DESC LIMIT {count}) o"
            )
        },
    );
    made(filter, &mut all);
    let beside = if asks_what_became(filter) {
        all.add("s.merchant_id = o.merchant_id AND s.order_no = o.order_no");
        became(filter, &mut all);
        "CROSS JOIN order_state s"
    } else {
        ""
    };
    if let Some(number) = number(filter) {
        carries(number, &mut all);
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ WITH k AS (SELECT o.merchant_id, o.order_no FROM {orders} {beside} WHERE {wanted} \
         ORDER BY o.order_no DESC LIMIT {limit}) {ROWS} ORDER BY o.order_no DESC"
    );
    list(page, all.ask(sql))
}

/// Of some candidates, newest first, those that fit.
pub(crate) fn pick(filter: &OrderFilter, page: &Page, keys: &[Key]) -> List<OrderRow> {
    let mut all = Conditions::default();
    let keys: Vec<String> = keys
        .iter()
        .map(|(order_no, merchant)| {
            let merchant = all.bind(merchant.as_str());
            format!("({merchant}, {})", integer(order_no.as_u64()))
        })
        .collect();
    made(filter, &mut all);
    became(filter, &mut all);
    if let Some(number) = number(filter) {
        carries(number, &mut all);
    }
    let (keys, wanted, limit) = (keys.join(", "), all.sql(), limit(page));
    let sql = format!(
        "/* list */ WITH k(merchant_id, order_no) AS (VALUES {keys}) {ROWS} AND {wanted} \
         ORDER BY o.order_no DESC LIMIT {limit}"
    );
    list(page, all.ask(sql))
}

fn list(page: &Page, asked: Asked) -> List<OrderRow> {
    List {
        asked,
        read,
        place,
        page: page.clone(),
    }
}

/// The beginning of a number that is asked for.
pub(crate) fn number(filter: &OrderFilter) -> Option<&str> {
    filter.number.as_deref().filter(|number| !number.is_empty())
}
