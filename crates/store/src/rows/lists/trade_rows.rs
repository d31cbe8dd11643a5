//! Rows of trade statements. Those near their order are found in their merchant's book by the
//! numbers of the day, the others in the index that holds what stands apart.

use std::collections::BTreeMap;

use heliu_ports::lists::{Cursor, Page};
use heliu_trade::attempt::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::id::{MerchantId, OrderNo, PartyId};
use heliu_trade::ledger::{Account, EntryKind};
use heliu_trade::settlement::Settlement;
use heliu_trade::settlement_terms::Cycle;
use heliu_trade::statement::{ShareLevel, TradeMovement, TradeRow};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::Scene;

use super::report::{apart, near};
use super::{Conditions, List, limit};
use crate::columns::{Columns, Result, integer};

/// Those of a merchant that stand near their order.
pub(crate) fn near_orders(merchant: &MerchantId, day: BusinessDate, page: &Page) -> List<TradeRow> {
    let mut all = Conditions::default();
    all.is("j.owner", Some(merchant.as_str()));
    let (lowest, highest) = near(day.start(), day.end());
    all.add(format!(
        "j.subject_no >= {lowest} AND j.subject_no < {highest}"
    ));
    all.add(format!("NOT ({})", apart()));
    list(all, day, page)
}

/// Those of all merchants that stand apart.
pub(crate) fn late(day: BusinessDate, page: &Page) -> List<TradeRow> {
    let mut all = Conditions::default();
    all.add(apart());
    list(all, day, page)
}

fn list(mut all: Conditions, day: BusinessDate, page: &Page) -> List<TradeRow> {
    all.add(booked(day.start(), day.end()));
    all.among(
        "j.kind",
        [
            EntryKind::PaymentReceived,
            EntryKind::RefundPaid,
            EntryKind::PaymentReversed,
        ]
        .into_iter()
        .map(EntryKind::as_str),
    );
    let after = page.after.as_ref().map(Cursor::as_str);
    match after.map(TradeRow::parse_place) {
        None => {}
        Some(None) => all.add("1 = 0"),
        Some(Some((order, entry))) => {
            let order = integer(order.0.as_u64());
            all.add(format!(
                "j.subject_no >= {order} AND (j.subject_no > {order} OR j.entry_index > {entry})"
            ));
        }
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT a.route, e.evidence, j.owner, o.app_id, j.subject_no, j.entry_index, j.kind, j.at, \
         COALESCE(r.created_at, o.created_at), o.merchant_order_no, r.merchant_refund_no, \
         o.scene, j.amount_fen, \
         (SELECT CAST(COALESCE(sum(f.amount_fen), 0) AS BIGINT) FROM journal_row f \
             WHERE f.owner = j.owner AND f.subject_no = j.subject_no \
             AND f.kind IN ('fee_charged', 'fee_returned') AND f.attempt_no = j.attempt_no \
             AND f.refund_no IS NOT DISTINCT FROM j.refund_no \
             AND (f.kind = 'fee_charged') = (j.kind = 'payment_received')), \
         (SELECT string_agg(CASE WHEN f.kind = 'share_accrued' THEN f.counter_account \
                 ELSE f.account END || '=' || f.amount_fen, ' ') FROM journal_row f \
             WHERE f.owner = j.owner AND f.subject_no = j.subject_no \
             AND f.kind IN ('share_accrued', 'share_returned') AND f.attempt_no = j.attempt_no \
             AND f.refund_no IS NOT DISTINCT FROM j.refund_no \
             AND (f.kind = 'share_accrued') = (j.kind = 'payment_received')), \
         s.created_at, s.body \
         FROM journal_row j \
         JOIN trade_order o ON o.merchant_id = j.owner AND o.order_no = j.subject_no \
         JOIN attempt a ON a.merchant_id = j.owner AND a.order_no = j.subject_no \
             AND a.attempt_no = j.attempt_no \
         JOIN evidence e ON e.merchant_id = j.owner AND e.order_no = j.subject_no \
             AND e.attempt_no = j.attempt_no \
         LEFT JOIN refund r ON r.merchant_id = j.owner AND r.refund_no = j.refund_no \
         LEFT JOIN settlement_item i ON i.owner = j.owner AND i.subject_no = j.subject_no \
             AND i.entry_index = j.entry_index \
         LEFT JOIN record s ON s.owner = i.owner AND s.subject_no = i.settlement_no \
         WHERE {wanted} ORDER BY j.subject_no, j.entry_index LIMIT {limit}"
    );
    List {
        asked: all.ask(sql),
        read,
        place: TradeRow::place,
        page: page.clone(),
    }
}

fn booked(from: Timestamp, until: Timestamp) -> String {
    format!("j.at >= {} AND j.at < {}", from.as_ms(), until.as_ms())
}

fn movement(word: &str) -> Option<TradeMovement> {
    match EntryKind::parse(word)? {
        EntryKind::PaymentReceived => Some(TradeMovement::Payment),
        EntryKind::RefundPaid => Some(TradeMovement::Refund),
        EntryKind::PaymentReversed => Some(TradeMovement::Reversal),
        _ => None,
    }
}

fn read(columns: &mut Columns<'_>) -> Result<TradeRow> {
    let route: Route = columns.json()?;
    let evidence: Evidence = columns.json()?;
    let (receivable_fen, funding) = (evidence.receivable_fen(), evidence.funding);
    let mut row = TradeRow {
        merchant_id: columns.name()?,
        app_id: columns.name()?,
        order_no: OrderNo::from_u64(columns.number()?),
        entry_index: columns.count()?,
        movement: columns.word(movement)?,
        booked_at: columns.at()?,
        begun_at: columns.at()?,
        settled_at: None,
        merchant_order_no: columns.string()?,
        merchant_refund_no: columns.string_opt()?,
        wallet: route.wallet,
        scene: columns.word(Scene::parse)?,
        rate_ppm: route.fee.rate_ppm(receivable_fen, funding),
        amount_fen: columns.integer()?,
        fee_fen: columns.integer()?,
        levels: Vec::new(),
        evidence,
    };
    let parts = columns.word_opt(parts)?.unwrap_or_default();
    let levels = route.shares.levels().iter();
    row.levels = levels
        .map(|level| ShareLevel {
            party_id: level.party_id.clone(),
            cost_rate_ppm: level.cost.rate_ppm(receivable_fen, funding),
            share_fen: parts.get(&level.party_id).copied().unwrap_or_default(),
        })
        .collect();
    let made_at = columns.at_opt()?;
    let settlement: Option<Settlement> = columns.json_opt()?;
    row.settled_at = made_at.filter(|_| settlement.is_some_and(|it| it.key.cycle == Cycle::D0));
    Ok(row)
}

/// Agents' parts by whose they are, as the statement puts them together. No party's id has a blank.
fn parts(text: &str) -> Option<BTreeMap<PartyId, i64>> {
    let part = |text: &str| {
        let (account, amount_fen) = text.rsplit_once('=')?;
        match Account::parse(account)? {
            Account::AgentAccrued(party_id) => Some((party_id, amount_fen.parse().ok()?)),
            _ => None,
        }
    };
    text.split(' ').map(part).collect()
}
