//! The fee and what goes beside it: agents' shares, and the channel's cost.

use std::collections::BTreeMap;

use super::Checker;
use crate::fee::shares::Shares;
use crate::funds::FundsTerms;
use crate::ledger::{Account, EntryKind};

impl Checker<'_> {
    /// What is kept of the fee is the platform's part and the agents'; of each payment the parts
    /// are those of its terms, with each refund they give back what goes back of the fee, and no
    /// agent gives back more than it got.
    pub(super) fn fee_is_shared(&mut self, fee: i64, fee_kept: i64) {
        let income = -self.balance(|account| *account == Account::FeeIncome);
        let accrued = -self.balance(|account| matches!(account, Account::AgentAccrued(_)));
        self.must(income + accrued == fee_kept, 1, || {
            format!(
                "the journal has {income} fen of fee and {accrued} of shares, the order {fee_kept}"
            )
        });
        let shares = self.paying().map(|route| route.shares.clone());
        let shares = shares.unwrap_or_default();
        let order = &self.book.order;
        let parts = order.payment.as_ref().map(|payment| {
            let evidence = &payment.evidence;
            shares.shares(fee, evidence.receivable_fen(), evidence.funding)
        });
        let parts = parts.as_ref().map_or(&[][..], Shares::agents_fen);
        let returned = *order.shares_returned.parts_fen();
        for (index, back_fen) in returned.into_iter().enumerate() {
            let part_fen = parts.get(index).copied().unwrap_or_default();
            self.must((0..=part_fen).contains(&back_fen), 11, || {
                format!("level {index} gave back {back_fen} fen of a share of {part_fen}")
            });
            let Some(level) = shares.levels().get(index) else {
                continue;
            };
            let account = Account::AgentAccrued(level.party_id.clone());
            let booked_fen = -self.balance(|of| *of == account);
            self.must(booked_fen == part_fen - back_fen, 11, || {
                let party_id = &level.party_id;
                format!("{booked_fen} fen accrued to {party_id}, of {part_fen} less {back_fen}")
            });
        }
        let (part_fen, back_fen) = (parts.iter().sum::<i64>(), returned.iter().sum::<i64>());
        let is_all_back = fee_kept == 0 && back_fen != part_fen;
        self.must(!is_all_back, 11, || {
            format!("the whole fee went back, but {back_fen} of {part_fen} fen of the shares")
        });
        self.no_refund_returns_more_than_its_fee();
    }

    /// What agents give back with a refund is part of what goes back of the fee with it; the
    /// platform gives back the rest.
    fn no_refund_returns_more_than_its_fee(&mut self) {
        let mut left_fen = BTreeMap::<_, i64>::new();
        for entry in &self.book.trail.entries {
            let sign = match entry.kind {
                EntryKind::FeeReturned => 1,
                EntryKind::ShareReturned => -1,
                _ => continue,
            };
            let moved_fen = entry.lines.iter().map(|line| line.amount_fen.max(0));
            *left_fen.entry(entry.cause.refund_no).or_default() += sign * moved_fen.sum::<i64>();
        }
        for (refund_no, left_fen) in left_fen {
            self.must(left_fen >= 0, 11, || {
                format!("with {refund_no:?} agents gave back {left_fen} fen more than the fee")
            });
        }
    }

    /// The channel's cost is what its terms say, and goes back whole with the payment.
    pub(super) fn channel_cost_agrees(&mut self, funds: FundsTerms, is_reversed: bool) {
        let order = &self.book.order;
        let cost_fen = order.payment.as_ref().map_or(0, |payment| {
            let evidence = &payment.evidence;
            funds.cost_fen(evidence.receivable_fen(), evidence.funding)
        });
        let returned_fen = order.cost_returned_fen;
        self.must((0..=cost_fen).contains(&returned_fen), 11, || {
            format!("{returned_fen} fen of a cost of {cost_fen} went back")
        });
        let booked_fen = self.balance(|account| *account == Account::ChannelCost);
        self.must(booked_fen == cost_fen - returned_fen, 11, || {
            format!(
                "the journal has {booked_fen} fen of channel cost, the order {}",
                cost_fen - returned_fen
            )
        });
        let is_all_back = is_reversed || order.is_refunded_whole();
        self.must(!is_all_back || returned_fen == cost_fen, 11, || {
            format!("all went back, but {returned_fen} fen of a cost of {cost_fen}")
        });
    }
}
