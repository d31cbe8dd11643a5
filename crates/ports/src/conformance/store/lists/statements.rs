//! Rows of statements.

use std::collections::BTreeSet;
use std::sync::Arc;

use heliu_trade::calendar::BusinessDate;
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::id::{MerchantId, OrderNo, PartyId};
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::{Account, Entry, EntryKind};
use heliu_trade::statement::{Sums, TradeMovement, TradeRow};
use heliu_trade::time::Timestamp;

use super::super::steps::START;
use super::made::LATE_MS;
use super::{all, made, naive};
use crate::lists::{Cursor, Page};
use crate::store::Store;

/// What a row must say, in the order of [`told`].
type Told = (
    OrderNo,
    u32,
    TradeMovement,
    i64,
    i64,
    String,
    Option<String>,
    String,
    Vec<(PartyId, i64)>,
    Option<Timestamp>,
);

fn told(row: &TradeRow) -> Told {
    (
        row.order_no,
        row.entry_index,
        row.movement,
        row.amount_fen,
        row.fee_fen,
        row.merchant_order_no.clone(),
        row.merchant_refund_no.clone(),
        row.evidence.channel_order_no.clone(),
        row.levels
            .iter()
            .map(|level| (level.party_id.clone(), level.share_fen))
            .collect(),
        row.settled_at,
    )
}

/// When an entry was settled, if that was on the same day.
fn settled_at(book: &OrderBook, entry: &Entry, funds: &FundsTerms) -> Option<Timestamp> {
    let (merchant, until) = made::SETTLED;
    let is_its = book.order.merchant_id.as_str() == merchant && funds.mode == FundsMode::Held;
    (is_its && entry.at < until).then_some(made::SETTLED_AT)
}

fn moved(entry: &Entry) -> i64 {
    entry.lines.iter().map(|line| line.amount_fen.max(0)).sum()
}

/// What each agent above the merchant gets of the same movement, or gives back.
fn shares(book: &OrderBook, entry: &Entry) -> Vec<(PartyId, i64)> {
    let kind = match entry.kind {
        EntryKind::PaymentReceived => EntryKind::ShareAccrued,
        _ => EntryKind::ShareReturned,
    };
    let mut attempts = book.attempts.iter();
    let attempt = attempts.find(|of| Some(of.attempt_no) == entry.cause.attempt_no);
    let levels = attempt.expect("an attempt").route.shares.levels().iter();
    let share = |party_id: &PartyId| {
        let account = Account::AgentAccrued(party_id.clone());
        let entries = book.trail.entries.iter();
        let its = entries.filter(|of| of.kind == kind && of.cause == entry.cause);
        let lines = its.flat_map(|of| &of.lines);
        let its = lines.filter(|line| line.account == account);
        its.map(|line| line.amount_fen.abs()).sum()
    };
    levels
        .map(|level| (level.party_id.clone(), share(&level.party_id)))
        .collect()
}

/// The rows of a book on a day.
fn rows(book: &OrderBook, day: BusinessDate) -> Vec<Told> {
    let entries = &book.trail.entries;
    let on_day = entries
        .iter()
        .filter(|entry| BusinessDate::of(entry.at) == day);
    let row = |entry: &Entry| {
        let (movement, fee) = match entry.kind {
            EntryKind::PaymentReceived => (TradeMovement::Payment, EntryKind::FeeCharged),
            EntryKind::RefundPaid => (TradeMovement::Refund, EntryKind::FeeReturned),
            EntryKind::PaymentReversed => (TradeMovement::Reversal, EntryKind::FeeReturned),
            _ => return None,
        };
        let fees = entries
            .iter()
            .filter(|of| of.kind == fee && of.cause == entry.cause);
        let refund = entry.cause.refund_no.map(|no| {
            let mut refunds = book.refunds.iter();
            let refund = refunds.find(|refund| refund.refund_no == no);
            refund.expect("it is there").merchant_refund_no.clone()
        });
        let mut attempts = book.attempts.iter();
        let attempt = attempts.find(|of| Some(of.attempt_no) == entry.cause.attempt_no);
        let attempt = attempt.expect("an attempt");
        let evidence = attempt.evidence.as_ref();
        Some((
            book.order.order_no,
            entry.index,
            movement,
            moved(entry),
            fees.map(moved).sum(),
            book.order.merchant_order_no.clone(),
            refund,
            evidence.expect("paid").channel_order_no.clone(),
            shares(book, entry),
            settled_at(book, entry, &attempt.route.funds),
        ))
    };
    on_day.filter_map(row).collect()
}

pub(in super::super) async fn statements_have_every_movement_of_their_day_once(
    store: &Arc<dyn Store>,
) {
    made::make(store).await;
    let books = naive::books(store).await;
    let merchants = books.iter().map(|book| book.order.merchant_id.clone());
    let merchants: BTreeSet<MerchantId> = merchants.collect();
    let (mut near_count, mut late_count, mut settled_count) = (0, 0, 0);
    let (mut shared_fen, mut movements) = (0, Vec::new());
    let days = [-LATE_MS, 0, LATE_MS].map(|ms| BusinessDate::of(START.plus_ms(ms)));
    for day in BTreeSet::from(days) {
        let mut expected: Vec<Told> = books.iter().flat_map(|book| rows(book, day)).collect();
        expected.sort_by_key(|row| (row.0, row.1));
        for size in [3, 1_000] {
            let mut found = Vec::new();
            for merchant in &merchants {
                let read = |page| store.trade_rows(merchant.clone(), day, page);
                let rows = all(read, size).await;
                assert!(rows.is_sorted_by_key(|row| (row.order_no, row.entry_index)));
                assert!(rows.iter().all(|row| row.merchant_id == *merchant));
                near_count += rows.len();
                found.extend(rows);
            }
            let late = all(|page| store.late_trade_rows(day, page), size).await;
            assert!(late.is_sorted_by_key(|row| (row.order_no, row.entry_index)));
            late_count += late.len();
            found.extend(late);
            found.sort_by_key(|row| (row.order_no, row.entry_index));
            let told: Vec<_> = found.iter().map(told).collect();
            assert_eq!(told, expected, "{day} in pages of {size}");
            movements.extend(found.iter().map(|row| row.movement));
            settled_count += found.iter().filter(|row| row.settled_at.is_some()).count();
            let parts = found.iter().flat_map(|row| &row.levels);
            shared_fen += parts.map(|level| level.share_fen).sum::<i64>();
            assert_sums_are_the_reports(store, day, &found).await;
        }
    }
    assert!(
        near_count > 0 && late_count > 0,
        "{near_count} {late_count}"
    );
    for movement in [
        TradeMovement::Payment,
        TradeMovement::Refund,
        TradeMovement::Reversal,
    ] {
        assert!(movements.contains(&movement), "{movement:?}");
    }
    assert!(shared_fen > 0, "agents have parts of some");
    assert!(settled_count > 0, "some are settled on the same day");
    let nowhere = Page::after(Cursor::new("1.x"), 9);
    let day = BusinessDate::of(START);
    let none = store.late_trade_rows(day, nowhere).await.expect("read");
    assert_eq!(none.rows, []);
}

async fn assert_sums_are_the_reports(
    store: &Arc<dyn Store>,
    day: BusinessDate,
    found: &[TradeRow],
) {
    let mut sums = Sums::default();
    found.iter().for_each(|row| sums.add(row));
    let report = store.report_day(day.start(), day.end()).await;
    let mut reported = Sums::default();
    for row in report.expect("read") {
        reported.merge(&row.sums.of_statement());
    }
    assert_eq!(sums, reported, "{day}");
}
