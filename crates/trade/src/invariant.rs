//! What must hold of every order at every moment; checked by tests after each step and by
//! `heliu books check` against a live database.
//!
//! Numbers are those of the list of invariants in ARCHITECTURE.md.

mod fees;

use std::collections::BTreeSet;

use crate::attempt::{Attempt, AttemptState, Route};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::followup::notification::NotificationState;
use crate::followup::trail::Trail;
use crate::funds::{FundsMode, FundsTerms};
use crate::ledger::{Account, EntryKind};
use crate::order::{Order, OrderState};
use crate::refund::{Refund, RefundState};

/// Everything the books hold of one order.
#[derive(Debug, Clone)]
pub struct OrderBook {
    /// The order.
    pub order: Order,
    /// Its attempts.
    pub attempts: Vec<Attempt>,
    /// Its refunds.
    pub refunds: Vec<Refund>,
    /// What stands around it.
    pub trail: Trail,
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The number of the invariant.
    pub invariant: u8,
    /// What is wrong, with the numbers that show it.
    pub message: String,
}

/// Checks one order; empty if all is well.
#[must_use]
pub fn check(book: &OrderBook) -> Vec<Violation> {
    let mut checker = Checker {
        book,
        violations: Vec::new(),
    };
    checker.money_is_neither_made_nor_lost();
    checker.an_order_is_paid_at_most_once();
    checker.refunds_never_exceed_the_payment();
    checker.ends_are_ends();
    checker.nothing_unresolved_is_forgotten();
    checker.every_change_has_its_event();
    checker.the_merchant_is_told();
    checker.amounts_agree();
    checker.violations
}

struct Checker<'a> {
    book: &'a OrderBook,
    violations: Vec<Violation>,
}

impl Checker<'_> {
    fn must(&mut self, holds: bool, invariant: u8, message: impl FnOnce() -> String) {
        if !holds {
            let message = format!("order {}: {}", self.book.order.order_no, message());
            self.violations.push(Violation { invariant, message });
        }
    }

    fn balance(&self, account: impl Fn(&Account) -> bool) -> i64 {
        let lines = self
            .book
            .trail
            .entries
            .iter()
            .flat_map(|entry| &entry.lines);
        lines
            .filter(|line| account(&line.account))
            .map(|line| line.amount_fen)
            .sum()
    }

    fn entries(&self, kind: EntryKind) -> usize {
        self.book
            .trail
            .entries
            .iter()
            .filter(|entry| entry.kind == kind)
            .count()
    }

    fn money_is_neither_made_nor_lost(&mut self) {
        for (place, entry) in self.book.trail.entries.iter().enumerate() {
            let sum: i64 = entry.lines.iter().map(|line| line.amount_fen).sum();
            self.must(sum == 0, 1, || {
                format!("entry {} sums to {sum} fen", entry.index)
            });
            let in_place = usize::try_from(entry.index) == Ok(place);
            self.must(in_place, 1, || {
                format!("entry {} stands at {place}", entry.index)
            });
        }
        let order = &self.book.order;
        let (fee, receivable) = order.payment.as_ref().map_or((0, 0), |payment| {
            (payment.fee_fen, payment.evidence.receivable_fen())
        });
        // The order itself may wait for another attempt's surplus before it is reversed.
        let paying_no = order.payment.as_ref().map(|payment| payment.attempt_no);
        let is_back = |state| matches!(state, AttemptState::Reversed | AttemptState::Returning);
        let is_reversed = self
            .book
            .attempts
            .iter()
            .any(|attempt| paying_no == Some(attempt.attempt_no) && is_back(attempt.state));
        let kept = if is_reversed {
            0
        } else {
            receivable - order.refunded.receivable_fen
        };
        let fee_kept = fee - order.fee_returned_fen;
        let funds = self.funds();
        // A direct account has settled with the merchant in the same commit.
        let owed = match funds.mode {
            FundsMode::Direct => 0,
            FundsMode::Held => kept - fee_kept,
        };
        let merchant = -self.balance(|account| *account == Account::MerchantBalance);
        self.must(merchant == owed, 1, || {
            format!("the journal owes the merchant {merchant} fen, the order {owed}")
        });
        self.fee_is_shared(fee, fee_kept);
        let is_settled = self.entries(EntryKind::SettledDirect) > 0;
        self.must(!is_settled || funds.mode == FundsMode::Direct, 1, || {
            "settled with the merchant directly, though the money is held".to_owned()
        });
        self.channel_cost_agrees(funds, is_reversed);
        let is_on_its_way =
            |state| matches!(state, AttemptState::Reversing | AttemptState::Returning);
        let surplus_open = self
            .book
            .attempts
            .iter()
            .any(|attempt| is_on_its_way(attempt.state) && attempt.evidence.is_some());
        let surplus = self.balance(|account| *account == Account::Surplus);
        self.must(surplus == 0 || surplus_open, 1, || {
            format!("{} fen of surplus with nobody giving it back", -surplus)
        });
    }

    /// Where the payment's attempt went.
    fn paying(&self) -> Option<&Route> {
        let payment = self.book.order.payment.as_ref()?;
        let mut attempts = self.book.attempts.iter();
        let paying = attempts.find(|attempt| attempt.attempt_no == payment.attempt_no);
        paying.map(|attempt| &*attempt.route)
    }

    /// The terms of the payment's attempt.
    fn funds(&self) -> FundsTerms {
        let paying = self.paying();
        paying.map_or_else(FundsTerms::default, |route| route.funds)
    }

    fn an_order_is_paid_at_most_once(&mut self) {
        let received = self.entries(EntryKind::PaymentReceived);
        let expected = usize::from(self.book.order.payment.is_some());
        self.must(received == expected, 2, || {
            format!("booked as paid {received} times")
        });
        let paid = self
            .book
            .attempts
            .iter()
            .filter(|a| a.state == AttemptState::Paid)
            .count();
        self.must(paid <= 1, 2, || format!("{paid} attempts are paid"));
    }

    fn refunds_never_exceed_the_payment(&mut self) {
        let order = &self.book.order;
        let claimed = order.refund_claimed();
        if let Some(payment) = &order.payment {
            let evidence = &payment.evidence;
            let fits = claimed.amount_minor <= order.amount_minor
                && claimed.payable_fen <= order.charge_fen
                && claimed.cash_fen <= evidence.cash_fen
                && claimed.payable_fen - claimed.cash_fen <= evidence.coupon_fen()
                && claimed.receivable_fen <= evidence.receivable_fen()
                && order.fee_returned_fen <= payment.fee_fen;
            self.must(fits, 3, || {
                format!("refunds of {claimed:?} exceed the payment")
            });
        } else {
            self.must(!claimed.is_some(), 3, || {
                "refunds without a payment".to_owned()
            });
        }
        let sum = |state| {
            let refunds = self
                .book
                .refunds
                .iter()
                .filter(move |refund| refund.state == state);
            refunds.fold(crate::order::RefundTotals::default(), |sum, r| {
                sum.plus(r.amounts)
            })
        };
        let (refunded, refunding) = (sum(RefundState::Succeeded), sum(RefundState::Refunding));
        self.must(
            refunded == order.refunded && refunding == order.refunding,
            3,
            || format!("refunds sum to {refunded:?} and {refunding:?}, the order says otherwise"),
        );
    }

    fn ends_are_ends(&mut self) {
        let order = &self.book.order;
        let may_have_payment = matches!(
            order.state,
            OrderState::Paid | OrderState::Reversing | OrderState::Reversed
        );
        self.must(order.payment.is_none() || may_have_payment, 4, || {
            format!("{} with a payment", order.state.as_str())
        });
        self.must(
            order.state != OrderState::Paid || order.payment.is_some(),
            4,
            || "paid without a payment".to_owned(),
        );
        let has_end = order.ended_at.is_some();
        let is_ended = order.state.is_decided();
        let was_paid = order.payment.is_some();
        self.must(has_end == is_ended || was_paid, 4, || {
            format!(
                "{} with ended_at {:?}",
                order.state.as_str(),
                order.ended_at
            )
        });
        let live = self
            .book
            .attempts
            .iter()
            .filter(|attempt| attempt.state.is_live())
            .count();
        self.must(live == 0 || !order.state.is_decided(), 4, || {
            format!("{} with {live} live attempts", order.state.as_str())
        });
    }

    fn has_job(&self, kind: JobKind, about: u64) -> bool {
        self.book
            .trail
            .jobs
            .iter()
            .any(|job| job.key.kind == kind && job.key.about == about)
    }

    fn nothing_unresolved_is_forgotten(&mut self) {
        let order_no = self.book.order.order_no.as_u64();
        let expires = self.has_job(JobKind::ExpireOrder, order_no);
        for attempt in &self.book.attempts {
            let subject = attempt.attempt_no.as_u64();
            let is_watched = match attempt.state {
                state if state.is_live() => self.has_job(JobKind::QueryUnknown, subject) || expires,
                AttemptState::Closing => self.has_job(JobKind::CloseAttempt, subject),
                AttemptState::Reversing | AttemptState::Returning => {
                    self.has_job(JobKind::ReverseUnknown, subject)
                }
                _ => true,
            };
            let state = attempt.state.as_str();
            self.must(is_watched, 6, || {
                format!("attempt {subject} is {state}, with no job")
            });
        }
        for refund in &self.book.refunds {
            let subject = refund.refund_no.as_u64();
            let is_watched = refund.state != RefundState::Refunding
                || self.has_job(JobKind::FinishRefund, subject);
            self.must(is_watched, 6, || {
                format!("refund {subject} is refunding, with no job")
            });
        }
        let is_open = self.book.order.state == OrderState::Open;
        self.must(!is_open || expires, 6, || "open, with no expiry".to_owned());
    }

    fn every_change_has_its_event(&mut self) {
        let events = &self.book.trail.events;
        let count = usize::try_from(self.book.order.counts.events);
        self.must(count == Ok(events.len()), 7, || {
            format!("{} events", events.len())
        });
        let kinds: BTreeSet<_> = events.iter().map(|event| event.kind.as_str()).collect();
        let expected = match self.book.order.state {
            OrderState::Open | OrderState::Paying => EventKind::Created,
            OrderState::Paid => EventKind::Paid,
            OrderState::Failed => EventKind::Declined,
            OrderState::Closed => EventKind::Closed,
            OrderState::Expired => EventKind::Expired,
            OrderState::Reversing | OrderState::Reversed => EventKind::ReversalRequested,
        };
        self.must(kinds.contains(expected.as_str()), 7, || {
            format!("{} without its event", self.book.order.state.as_str())
        });
        let has_first = events
            .first()
            .is_some_and(|event| event.kind == EventKind::Created);
        self.must(has_first, 7, || {
            "the timeline does not begin with its creation".to_owned()
        });
        let paid = events
            .iter()
            .filter(|event| event.kind == EventKind::Paid)
            .count();
        self.must(paid <= 1, 7, || format!("{paid} events say paid"));
    }

    fn the_merchant_is_told(&mut self) {
        let order = &self.book.order;
        if order.payment.is_some() && order.details.notify_url.is_some() {
            self.must(!self.book.trail.notifications.is_empty(), 7, || {
                "paid, and nobody is to tell the merchant".to_owned()
            });
        }
        for notification in &self.book.trail.notifications {
            let subject = notification.notification_no.as_u64();
            let is_watched = notification.state != NotificationState::Due
                || self.has_job(JobKind::NotifyMerchant, subject);
            self.must(is_watched, 8, || {
                format!("notification {subject} is due, with no job")
            });
        }
    }

    fn amounts_agree(&mut self) {
        let order = &self.book.order;
        let charge = order.rate.map_or(Some(order.amount_minor), |rate| {
            rate.charge_fen(order.amount_minor)
        });
        self.must(charge == Some(order.charge_fen), 14, || {
            format!(
                "{} minor units are charged as {} fen",
                order.amount_minor, order.charge_fen
            )
        });
        if let Some(payment) = &order.payment {
            self.must(payment.evidence.payable_fen == order.charge_fen, 14, || {
                format!(
                    "paid {} fen of {}",
                    payment.evidence.payable_fen, order.charge_fen
                )
            });
        }
        let has_attempt = !self.book.attempts.is_empty();
        self.must(has_attempt || self.book.trail.entries.is_empty(), 9, || {
            "money moved without an attempt".to_owned()
        });
    }
}
