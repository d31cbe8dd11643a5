//! Rows of statements, by looking at every entry.

use heliu_ports::lists::{Listed, Page};
use heliu_ports::store::Statements;
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::fee::Level;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{MerchantId, PlatformNo};
use heliu_trade::ledger::{Account, Entry, EntryKind};
use heliu_trade::settlement::Settlement;
use heliu_trade::settlement_terms::Cycle;
use heliu_trade::statement::{ShareLevel, TradeMovement, TradeRow};
use heliu_trade::time::{MINUTE_MS, Timestamp};

use super::super::MemoryStore;
use super::super::books::{Books, Shelf};

impl Statements for MemoryStore {
    fn trade_rows(
        &self,
        merchant: MerchantId,
        day: BusinessDate,
        page: Page,
    ) -> Answer<'_, Listed<TradeRow>> {
        self.answer(move |books| {
            let rows = books.trade_rows(day, false).into_iter();
            let of_merchant = rows.filter(|row| row.merchant_id == merchant);
            listed(of_merchant.collect(), &page)
        })
    }

    fn late_trade_rows(&self, day: BusinessDate, page: Page) -> Answer<'_, Listed<TradeRow>> {
        self.answer(move |books| listed(books.trade_rows(day, true), &page))
    }
}

fn listed(mut rows: Vec<TradeRow>, page: &Page) -> Listed<TradeRow> {
    let place = |row: &TradeRow| (row.order_no, row.entry_index);
    rows.sort_by_key(place);
    if let Some(after) = &page.after {
        match TradeRow::parse_place(after.as_str()) {
            Some(after) => rows.retain(|row| place(row) > after),
            None => rows.clear(),
        }
    }
    Listed::of(rows, page, TradeRow::place)
}

impl Books {
    /// The day's rows, either those that were booked far from when their order was made or the
    /// others.
    fn trade_rows(&self, day: BusinessDate, is_late: bool) -> Vec<TradeRow> {
        let mut rows = Vec::new();
        for shelf in self.orders.values() {
            let subject = shelf.order.subject();
            let entries = self.trail(&subject).entries;
            for entry in &entries {
                let made_at = PlatformNo::instant_of(shelf.order.order_no.0.second());
                let after_ms = entry.at.since_ms(made_at);
                let is_near = (-MINUTE_MS..=60 * MINUTE_MS).contains(&after_ms);
                if BusinessDate::of(entry.at) == day && is_near != is_late {
                    let settled_at = self.settled_on_the_same_day(&subject, entry);
                    let row = row_of(shelf, &entries, entry);
                    rows.extend(row.map(|row| TradeRow { settled_at, ..row }));
                }
            }
        }
        rows
    }

    fn settled_on_the_same_day(&self, subject: &Subject, entry: &Entry) -> Option<Timestamp> {
        let settlement_no = self.settlement_items.get(&(subject.clone(), entry.index))?;
        let record = self.records.get(settlement_no)?;
        let settlement: Settlement = record.read().ok()?;
        (settlement.key.cycle == Cycle::D0).then_some(record.created_at)
    }
}

fn row_of(shelf: &Shelf, entries: &[Entry], entry: &Entry) -> Option<TradeRow> {
    let movement = match entry.kind {
        EntryKind::PaymentReceived => TradeMovement::Payment,
        EntryKind::RefundPaid => TradeMovement::Refund,
        EntryKind::PaymentReversed => TradeMovement::Reversal,
        _ => return None,
    };
    let (fee, share) = if movement.is_inflow() {
        (EntryKind::FeeCharged, EntryKind::ShareAccrued)
    } else {
        (EntryKind::FeeReturned, EntryKind::ShareReturned)
    };
    let debits = |entry: &Entry| -> i64 {
        let debits = entry.lines.iter().map(|line| line.amount_fen.max(0));
        debits.sum()
    };
    let fees = entries
        .iter()
        .filter(|of| of.kind == fee && of.cause == entry.cause);
    let order = &shelf.order;
    let mut attempts = shelf.attempts.iter();
    let attempt = attempts.find(|of| Some(of.attempt_no) == entry.cause.attempt_no)?;
    let evidence = attempt.evidence.as_deref()?;
    let (receivable_fen, funding) = (evidence.receivable_fen(), evidence.funding);
    let level = |level: &Level| {
        let account = Account::AgentAccrued(level.party_id.clone());
        let its = entries
            .iter()
            .filter(|of| of.kind == share && of.cause == entry.cause)
            .flat_map(|of| &of.lines)
            .filter(|line| line.account == account);
        ShareLevel {
            party_id: level.party_id.clone(),
            cost_rate_ppm: level.cost.rate_ppm(receivable_fen, funding),
            share_fen: its.map(|line| line.amount_fen.abs()).sum(),
        }
    };
    let refund = entry.cause.refund_no.and_then(|no| shelf.refunds.get(&no));
    Some(TradeRow {
        merchant_id: order.merchant_id.clone(),
        app_id: order.app_id.clone(),
        order_no: order.order_no,
        entry_index: entry.index,
        movement,
        booked_at: entry.at,
        begun_at: refund.map_or(order.created_at, |refund| refund.created_at),
        settled_at: None,
        merchant_order_no: order.merchant_order_no.clone(),
        merchant_refund_no: refund.map(|refund| refund.merchant_refund_no.clone()),
        wallet: attempt.route.wallet,
        scene: order.scene,
        rate_ppm: attempt.route.fee.rate_ppm(receivable_fen, funding),
        amount_fen: debits(entry),
        fee_fen: fees.map(debits).sum(),
        levels: attempt.route.shares.levels().iter().map(level).collect(),
        evidence: evidence.clone(),
    })
}
