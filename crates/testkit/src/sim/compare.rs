//! The end: everything is settled, and our books are compared with the channels', order by order.

use std::collections::BTreeMap;

use heliu_trade::attempt::Attempt;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::funds::FundsMode;
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::Account;
use heliu_trade::order::OrderState;
use heliu_trade::refund::RefundState;

use super::merchant::Merchants;

impl Merchants {
    /// Compares everything; what differs is a broken rule.
    pub(super) fn compare(&self) {
        let books = self.house.store.all_books();
        let mut kept_fen = 0;
        for book in &books {
            self.must_be_settled(book);
            self.compare_clearing(book);
            self.compare_agents(book);
            for attempt in &book.attempts {
                kept_fen += self.compare_attempt(book, attempt);
            }
            self.compare_notifications(book);
        }
        let theirs_fen: i64 = self
            .payers
            .banks
            .iter()
            .map(|bank| bank.kept_in_all_fen())
            .sum();
        self.stage.must(theirs_fen == kept_fen, || {
            format!("the channels keep {theirs_fen} fen for us, the books say {kept_fen}")
        });
    }

    fn must_be_settled(&self, book: &OrderBook) {
        let order = &book.order;
        let is_settled = order.state.is_decided()
            && book.trail.jobs.is_empty()
            && !book.attempts.iter().any(|a| a.state.is_unsettled())
            && !book
                .refunds
                .iter()
                .any(|refund| refund.state == RefundState::Refunding);
        self.stage.must(is_settled, || {
            format!("(6) order {} is not settled: {book:?}", order.order_no)
        });
    }

    /// Once all is settled a channel owes us of a payment what is the merchant's and ours, less its
    /// cost; where it pays merchants itself, what is ours.
    fn compare_clearing(&self, book: &OrderBook) {
        let order = &book.order;
        let mut owed_fen = 0;
        if let Some(payment) = order
            .payment
            .as_ref()
            .filter(|_| order.state == OrderState::Paid)
        {
            let mut attempts = book.attempts.iter();
            let paying = attempts.find(|attempt| attempt.attempt_no == payment.attempt_no);
            let funds = paying
                .map(|attempt| attempt.route.funds)
                .unwrap_or_default();
            let receivable_fen = payment.evidence.receivable_fen();
            let cost_fen = funds.cost_fen(receivable_fen, payment.evidence.funding);
            owed_fen = match funds.mode {
                FundsMode::Direct => payment.fee_fen - order.fee_returned_fen,
                FundsMode::Held => receivable_fen - order.refunded.receivable_fen,
            } - (cost_fen - order.cost_returned_fen);
        }
        let lines = book.trail.entries.iter().flat_map(|entry| &entry.lines);
        let clearing = lines.filter(|line| matches!(line.account, Account::ChannelClearing(_)));
        let booked_fen: i64 = clearing.map(|line| line.amount_fen).sum();
        self.stage.must(booked_fen == owed_fen, || {
            format!(
                "(11) channels owe {booked_fen} fen of order {}, which says {owed_fen}",
                order.order_no
            )
        });
    }

    /// What we think that the channel keeps of an attempt, in fen, after comparing.
    fn compare_attempt(&self, book: &OrderBook, attempt: &Attempt) -> i64 {
        let order = &book.order;
        let number = attempt.attempt_no.to_string();
        let pays = order.state == OrderState::Paid
            && order
                .payment
                .as_ref()
                .is_some_and(|payment| payment.attempt_no == attempt.attempt_no);
        let ours_fen = if pays {
            order.charge_fen - order.refunded.payable_fen
        } else {
            0
        };
        let bank = self.payers.bank(attempt.route.wallet);
        let theirs_fen = bank.kept_fen(&number);
        self.stage.must(ours_fen == theirs_fen, || {
            format!(
                "attempt {number} of an order that is {}: the books have {ours_fen} fen, the channel {theirs_fen}",
                order.state.as_str()
            )
        });
        let has_failed = order.state == OrderState::Failed;
        self.stage
            .must(!(has_failed && bank.is_paid_in_time(&number)), || {
                format!(
                    "(4) attempt {number} was paid, its order failed without the channel's word"
                )
            });
        if pays {
            let succeeded = book
                .refunds
                .iter()
                .filter(|refund| refund.state == RefundState::Succeeded);
            let ours: BTreeMap<_, _> = succeeded
                .map(|refund| (refund.upstream_no(), refund.amounts.payable_fen))
                .collect();
            let theirs = bank.refunded(&number);
            self.stage.must(ours == theirs, || {
                format!("refunds of {number}: the books have {ours:?}, the channel {theirs:?}")
            });
        }
        ours_fen
    }

    fn compare_notifications(&self, book: &OrderBook) {
        let order = &book.order;
        let told = |kind| {
            let notices = book.trail.notifications.iter();
            notices.filter(|notice| notice.kind == kind).count()
        };
        let is_due = order.payment.is_some() && order.details.notify_url.is_some();
        let paid = told(NoticeKind::OrderPaid);
        self.stage.must(paid == usize::from(is_due), || {
            format!("(7) order {} has {paid} notices of payment", order.order_no)
        });
        for refund in book
            .refunds
            .iter()
            .filter(|r| r.details.notify_url.is_some())
        {
            let about = book
                .trail
                .notifications
                .iter()
                .filter(|notice| notice.about == Some(refund.refund_no.0))
                .count();
            let tries = usize::try_from(refund.details.retry_count).unwrap_or(0) + 1;
            self.stage.must(about == tries, || {
                format!(
                    "(7) refund {} ended {tries} times, {about} notices",
                    refund.refund_no
                )
            });
        }
        let sellers = self.sellers();
        let seller = sellers.iter().find(|seller| seller.app_id == order.app_id);
        let gaps = seller.map_or(0, |seller| {
            let policy = &seller.dialect.descriptor().policy;
            policy.notify_gaps_ms.len()
        });
        for notification in &book.trail.notifications {
            self.house.receivers.check_end(notification, gaps + 1);
        }
    }
}
