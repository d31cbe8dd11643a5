//! 退款余额: how much of held money may be refunded once that may have left (back-half.md,
//! section 4).
//!
//! Money that the platform holds is paid out, so that a refund of it may find nothing to take it
//! from. A refund of an order of today has its own payment behind it, unless that is settled
//! already; money that the channel paid to the merchant itself is the channel's to take back.
//! Neither is weighed.

use crate::attempt::Attempt;
use crate::calendar::BusinessDate;
use crate::error::{ErrorCode, TradeError};
use crate::funds::FundsMode;
use crate::money::yuan_text;
use crate::order::Order;
use crate::payout::RunningRefund;
use crate::record::Balances;
use crate::settlement_terms::{Cycle, SettlementTerms};
use crate::time::Timestamp;

/// The limit of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundLimit {
    /// How much its merchant may owe by refunds, in fen.
    pub debt_limit_fen: i64,
    /// It holds only if the order's money is settled.
    pub only_if_settled: bool,
}

/// What stands behind refunds of a merchant's held money. It was read under a lock that keeps
/// every other decision that weighs the same merchant's balances out until this one's transaction
/// ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefundCover {
    /// What the merchant has that no bill pays, in fen; below zero what it owes.
    pub unsettled_fen: i64,
    /// What refunds that run may still take of it, in fen.
    pub running_fen: i64,
    /// Whether the order's money is an item of a settlement.
    pub is_settled: bool,
}

/// Whether the platform was paid an order's money, and pays it on.
#[must_use]
pub fn is_held(order: &Order, attempts: &[Attempt]) -> bool {
    let paid_by = order.payment.as_ref().map(|payment| payment.attempt_no);
    let paying = attempts.iter().find(|it| Some(it.attempt_no) == paid_by);
    paying.is_some_and(|paying| paying.route.funds.mode == FundsMode::Held)
}

impl RefundLimit {
    /// The limit of a refund of an order's held money now, under its owner's terms of today;
    /// `None`: its own payment is behind it.
    #[must_use]
    pub fn of(order: &Order, terms: &SettlementTerms, now: Timestamp) -> Option<Self> {
        let paid_at = order.ended_at.unwrap_or(order.created_at);
        let is_of_today = BusinessDate::of(paid_at) >= BusinessDate::of(now);
        let may_be_settled = !is_of_today || terms.cycle == Cycle::D0;
        may_be_settled.then_some(Self {
            debt_limit_fen: terms.debt_limit_fen,
            only_if_settled: is_of_today,
        })
    }

    /// Refuses a refund that takes more of the merchant's balance than there may be taken.
    pub(crate) fn check(self, cover: &RefundCover, amount_fen: i64) -> Result<(), TradeError> {
        let RefundCover {
            unsettled_fen,
            running_fen,
            is_settled,
        } = *cover;
        let is_free = self.only_if_settled && !is_settled;
        let most_fen = unsettled_fen - running_fen + self.debt_limit_fen;
        if is_free || amount_fen <= most_fen {
            return Ok(());
        }
        let problem = format!(
            "a refund of {} yuan exceeds what the merchant has for it: {} unsettled, less {} that \
             running refunds take, and a debt limit of {}",
            yuan_text(amount_fen),
            yuan_text(unsettled_fen),
            yuan_text(running_fen),
            yuan_text(self.debt_limit_fen),
        );
        Err(TradeError::advised(ErrorCode::RefundBalanceShort, problem))
    }
}

impl RefundCover {
    /// What there is by a merchant's balances and its refunds that run.
    #[must_use]
    pub fn of(balances: &Balances, running: &[RunningRefund], is_settled: bool) -> Self {
        let account = balances.owner.balance();
        Self {
            unsettled_fen: -balances.fen.get(&account).copied().unwrap_or(0),
            running_fen: running.iter().map(RunningRefund::open_fen).sum(),
            is_settled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unsettled, running, debt limit and refund, in fen; whether it passes.
    const WEIGHED: [(i64, i64, i64, i64, bool); 8] = [
        (5_000, 0, 0, 5_000, true),
        (5_000, 0, 0, 5_001, false),
        (5_000, 1_000, 0, 4_000, true),
        (5_000, 1_000, 0, 4_001, false),
        (5_000, 1_000, 300, 4_300, true),
        (0, 0, 0, 1, false),
        (-200, 0, 300, 100, true),
        (-200, 0, 300, 101, false),
    ];

    #[test]
    fn no_refund_takes_more_than_the_terms_let_a_merchant_owe() {
        for (unsettled_fen, running_fen, debt_limit_fen, amount_fen, passes) in WEIGHED {
            let cover = RefundCover {
                unsettled_fen,
                running_fen,
                is_settled: true,
            };
            for only_if_settled in [false, true] {
                let limit = RefundLimit {
                    debt_limit_fen,
                    only_if_settled,
                };
                let said = limit.check(&cover, amount_fen);
                assert_eq!(said.is_ok(), passes, "{cover:?} {limit:?} {amount_fen}");
                let unsettled = RefundCover {
                    is_settled: false,
                    ..cover
                };
                let is_free = only_if_settled || passes;
                assert_eq!(limit.check(&unsettled, amount_fen).is_ok(), is_free);
            }
        }
    }

    #[test]
    fn a_refusal_says_what_the_merchant_has_in_yuan() {
        let cover = RefundCover {
            unsettled_fen: 4_328,
            running_fen: 100,
            is_settled: true,
        };
        let limit = RefundLimit {
            debt_limit_fen: 5_000,
            only_if_settled: false,
        };
        let refusal = limit.check(&cover, 9_329).expect_err("a fen too much");
        assert_eq!(refusal.code, ErrorCode::RefundBalanceShort);
        assert_eq!(
            refusal.message,
            "a refund of 93.29 yuan exceeds what the merchant has for it: 43.28 unsettled, less \
             1.00 that running refunds take, and a debt limit of 50.00; wait, then send the same \
             request again"
        );
    }
}
