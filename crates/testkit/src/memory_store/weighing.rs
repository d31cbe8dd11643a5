//! What decisions weigh, by a look at everything.

use heliu_ports::journal::{JournalFilter, weighed};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::MerchantId;
use heliu_trade::payout::{Payout, RunningRefund};
use heliu_trade::record::{Balances, RecordKind};
use heliu_trade::refund::RefundState;
use heliu_trade::refund_limit::{RefundCover, is_held};

use super::books::Books;

impl Books {
    pub(super) fn weigh(&self, owner: &Owner) -> Balances {
        weighed(owner, self.balances(&JournalFilter::whole(owner.clone())))
    }

    /// What stands behind a refund of an order.
    pub(super) fn cover(&self, order: &Subject) -> RefundCover {
        let merchant = order.owner.merchant();
        let running = merchant.map_or_else(Vec::new, |merchant| self.running_refunds(merchant));
        let mut items = self.settlement_items.keys();
        let is_settled = items.any(|(subject, _)| subject == order);
        RefundCover::of(&self.weigh(&order.owner), &running, is_settled)
    }

    pub(super) fn running_refunds(&self, merchant: &MerchantId) -> Vec<RunningRefund> {
        let its = self.orders.iter().filter(|((of, _), _)| of == merchant);
        let held = its.filter(|(_, shelf)| is_held(&shelf.order, &shelf.attempts));
        let refunds = held.flat_map(|(_, shelf)| shelf.refunds.values());
        let running = refunds.filter(|refund| refund.state == RefundState::Refunding);
        let mut running: Vec<_> = running
            .map(|refund| RunningRefund {
                refund_no: refund.refund_no.0,
                amount_fen: refund.amounts.receivable_fen,
                filled_fen: 0,
            })
            .collect();
        running.sort_by_key(|refund| refund.refund_no);
        let records = self.records.values();
        for record in records.filter(|record| record.kind == RecordKind::Payout) {
            let bill: Payout = record.read().expect("a bill is as it was written");
            for refund in &mut running {
                refund.filled_fen += bill.filled_for_fen(refund.refund_no);
            }
        }
        running
    }
}
