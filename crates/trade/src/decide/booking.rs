//! What is booked beside the fee, by the terms that were frozen in the attempt: agents' parts of
//! it, the channel's cost, and what an account that pays merchants itself has settled.

use crate::attempt::Route;
use crate::fee::fee_returned_fen;
use crate::fee::shares::Shares;
use crate::funds::FundsMode;
use crate::id::{AttemptNo, PartyId, RefundNo};
use crate::ledger::{
    EntryKind, Line, channel_cost_accrued, channel_cost_returned, settled_direct, share_accrued,
    share_returned,
};
use crate::verdict::Evidence;

use super::draft::Draft;

/// Which money moves: of which attempt, and by which refund if it is one.
#[derive(Clone, Copy)]
pub(super) struct Movement<'r> {
    pub(super) route: &'r Route,
    pub(super) attempt_no: AttemptNo,
    pub(super) refund_no: Option<RefundNo>,
}

impl Movement<'_> {
    /// Each agent above the merchant gets its part of the fee.
    pub(super) fn accrue_shares(self, draft: &mut Draft, fee_fen: i64, evidence: &Evidence) {
        let terms = &self.route.shares;
        if terms.is_empty() {
            return;
        }
        let shares = terms.shares(fee_fen, evidence.receivable_fen(), evidence.funding);
        self.post_shares(draft, &shares, share_accrued::KIND, share_accrued::lines);
    }

    /// Each agent gives back its part of `back_fen`, which goes back of the fee and is counted in
    /// the order already.
    pub(super) fn return_shares(self, draft: &mut Draft, back_fen: i64) {
        let terms = &self.route.shares;
        let order = draft.order();
        let Some(payment) = order.payment.as_ref().filter(|_| !terms.is_empty()) else {
            return;
        };
        let evidence = &payment.evidence;
        let accrued = terms.shares(payment.fee_fen, evidence.receivable_fen(), evidence.funding);
        let before_fen = order.fee_returned_fen - back_fen;
        let left = accrued.left(order.shares_returned, before_fen);
        // No more of a fee goes back than is left of it; should it, nobody gives back twice.
        let back = left.give_back(back_fen).unwrap_or(left);
        self.post_shares(draft, &back, share_returned::KIND, share_returned::lines);
        draft.order_mut().shares_returned.add(&back);
    }

    fn post_shares(
        self,
        draft: &mut Draft,
        shares: &Shares,
        kind: EntryKind,
        lines: fn(&PartyId, i64) -> Vec<Line>,
    ) {
        for (level, part_fen) in self.route.shares.levels().iter().zip(shares.agents_fen()) {
            if *part_fen > 0 {
                let lines = lines(&level.party_id, *part_fen);
                draft.post(kind, self.attempt_no, self.refund_no, lines);
            }
        }
    }

    /// The channel takes its cost.
    pub(super) fn accrue_cost(self, draft: &mut Draft, cost_fen: i64) {
        if cost_fen > 0 {
            let lines = channel_cost_accrued::lines(&self.route.channel_account_id, cost_fen);
            let kind = channel_cost_accrued::KIND;
            draft.post(kind, self.attempt_no, self.refund_no, lines);
        }
    }

    /// The channel gives back of its cost what belongs to `refund_fen` of the receivable: as of a
    /// fee, its floor, and the rest with what completes the order.
    pub(super) fn return_cost(self, draft: &mut Draft, refund_fen: i64, completes: bool) {
        let order = draft.order();
        let Some(payment) = order.payment.as_ref() else {
            return;
        };
        let evidence = &payment.evidence;
        let receivable_fen = evidence.receivable_fen();
        let cost_fen = self.route.funds.cost_fen(receivable_fen, evidence.funding);
        let before_fen = order.cost_returned_fen;
        let back_fen =
            fee_returned_fen(cost_fen, before_fen, refund_fen, receivable_fen, completes);
        if back_fen > 0 {
            let lines = channel_cost_returned::lines(&self.route.channel_account_id, back_fen);
            let kind = channel_cost_returned::KIND;
            draft.post(kind, self.attempt_no, self.refund_no, lines);
            draft.order_mut().cost_returned_fen += back_fen;
        }
    }

    /// The channel has paid the merchant, or taken back if below zero, what was booked for it.
    pub(super) fn settle(self, draft: &mut Draft, paid_out_fen: i64) {
        if self.route.funds.mode == FundsMode::Direct && paid_out_fen != 0 {
            let lines = settled_direct::lines(&self.route.channel_account_id, paid_out_fen);
            let kind = settled_direct::KIND;
            draft.post(kind, self.attempt_no, self.refund_no, lines);
        }
    }
}
