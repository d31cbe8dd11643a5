//! A day's report.

use std::sync::Arc;

use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::EntryKind;
use heliu_trade::order::OrderState;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

use super::super::steps::START;
use super::made::LATE_MS;
use super::{made, naive};
use crate::lists::Sums;
use crate::store::Store;

/// Sums of a kind of entries in all books.
fn sums(books: &[OrderBook], from: Timestamp, until: Timestamp) -> Sums {
    let entries = books.iter().flat_map(|book| &book.trail.entries);
    let mut sums = Sums::default();
    for entry in entries.filter(|entry| (from..until).contains(&entry.at)) {
        let moved = entry.lines.iter().map(|line| line.amount_fen.max(0)).sum();
        sums.add(entry.kind, 1, moved);
    }
    sums
}

fn plus(left: &Sums, right: &Sums) -> Sums {
    Sums {
        payment_count: left.payment_count + right.payment_count,
        taken_fen: left.taken_fen + right.taken_fen,
        fee_charged_fen: left.fee_charged_fen + right.fee_charged_fen,
        refund_count: left.refund_count + right.refund_count,
        refunded_fen: left.refunded_fen + right.refunded_fen,
        reversal_count: left.reversal_count + right.reversal_count,
        reversed_fen: left.reversed_fen + right.reversed_fen,
        fee_returned_fen: left.fee_returned_fen + right.fee_returned_fen,
        surplus_received_fen: left.surplus_received_fen + right.surplus_received_fen,
        surplus_returned_fen: left.surplus_returned_fen + right.surplus_returned_fen,
    }
}

pub(in super::super) async fn a_report_is_equal_to_the_journal_and_to_the_orders(
    store: &Arc<dyn Store>,
) {
    made::make(store).await;
    let books = naive::books(store).await;
    let (early, late) = (START.plus_ms(-LATE_MS), START.plus_ms(LATE_MS));
    for (from, until) in [
        (early, late.plus_ms(1)),
        (START, START.plus_ms(1_001)),
        (START, START.plus_ms(1_000)),
        (START.plus_ms(1_001), late),
        (late, late.plus_ms(1)),
        (late, late),
    ] {
        let rows = store.report_day(from, until).await.expect("read");
        let places: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    &row.merchant_id,
                    row.wallet.map(WalletKind::as_str),
                    &row.channel_account_id,
                )
            })
            .collect();
        assert!(places.is_sorted_by(|a, b| a < b), "each once: {places:?}");
        let sum = rows
            .iter()
            .fold(Sums::default(), |sum, row| plus(&sum, &row.sums));
        assert_eq!(
            sum,
            sums(&books, from, until),
            "from {from:?} until {until:?}"
        );
        for row in &rows {
            let is_its = |book: &&OrderBook| {
                let order = naive::order_row(book);
                order.merchant_id == row.merchant_id
                    && order.wallet == row.wallet
                    && order.channel_account_id == row.channel_account_id
            };
            let its: Vec<_> = books.iter().filter(is_its).cloned().collect();
            assert_eq!(row.sums, sums(&its, from, until), "{row:?}");
        }
    }
    // What orders say of themselves.
    let rows = store
        .report_day(early, late.plus_ms(1))
        .await
        .expect("read");
    let sum = rows
        .iter()
        .fold(Sums::default(), |sum, row| plus(&sum, &row.sums));
    // What was reversed was paid before.
    let payment = |book: &OrderBook| book.order.payment.clone();
    let payments: Vec<_> = books.iter().filter_map(payment).collect();
    assert!(payments.len() > 20, "payments: {}", payments.len());
    assert_eq!(
        sum.payment_count,
        u64::try_from(payments.len()).expect("few")
    );
    assert_eq!(
        sum.taken_fen,
        payments
            .iter()
            .map(|of| of.evidence.receivable_fen())
            .sum::<i64>()
    );
    assert_eq!(
        sum.fee_charged_fen,
        payments.iter().map(|of| of.fee_fen).sum::<i64>()
    );
    let reversed = books
        .iter()
        .filter(|book| book.order.state == OrderState::Reversed);
    let reversed = reversed.filter_map(payment);
    let reversed_fen = reversed.map(|of| of.evidence.receivable_fen()).sum::<i64>();
    assert!(reversed_fen > 0);
    assert_eq!(sum.reversed_fen, reversed_fen);
    let refunded = books.iter().map(|book| book.order.refunded.receivable_fen);
    assert_eq!(sum.refunded_fen, refunded.sum::<i64>());
    let returned = books.iter().map(|book| book.order.fee_returned_fen);
    assert_eq!(sum.fee_returned_fen, returned.sum::<i64>());
    let kinds = books
        .iter()
        .flat_map(|book| &book.trail.entries)
        .map(|entry| entry.kind);
    assert!(
        kinds.into_iter().any(|kind| kind == EntryKind::RefundPaid),
        "refunds are among them"
    );
}
