//! A confirmed reversal is asked about twice more, and money that is found goes back (ruling 61).

use heliu_trade::attempt::AttemptState;
use heliu_trade::followup::event::EventKind;
use heliu_trade::followup::job::JobKind;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};
use heliu_trade::time::{MINUTE_MS, Timestamp};
use heliu_trade::verdict::{DeclineKind, Unknown, Verdict};

use super::shop::{Deed, FIRST, ORDER, Shop};
use crate::book::make;

impl Shop {
    fn check(&mut self, verdict: Verdict) {
        let asked_about = self.reversed_at();
        self.hear_of(asked_about, verdict);
    }

    /// When the channel confirmed the reversal, for one that asks now.
    fn reversed_at(&self) -> Option<Timestamp> {
        self.book.attempts[&ORDER][0].asked_at
    }

    /// An answer to a question that was asked when the attempt said `reversed_at`.
    fn hear_of(&mut self, reversed_at: Option<Timestamp>, verdict: Verdict) {
        let action = Action::RecordCheck {
            attempt_no: FIRST,
            reversed_at,
            verdict,
        };
        let taken = self.take(Target::Order(ORDER), action);
        assert_eq!(taken, Ok(()), "a channel's word is never rejected");
    }

    fn due_check(&self) -> Option<i64> {
        self.due_in_ms(JobKind::CheckReversal, FIRST.as_u64())
    }
}

/// A payment of which nobody knew, reversed.
fn in_doubt() -> Shop {
    let mut shop = Shop::barcode(1_000);
    shop.wait_ms(75_000).reach_horizon();
    shop.reversed(FIRST);
    shop
}

/// A payment that was seen, reversed at its merchant's wish.
fn cancelled() -> Shop {
    let mut shop = Shop::barcode(1_000);
    shop.pay(FIRST);
    shop.wait_ms(75_000).cancel(make::ANY_CANCEL).expect("paid");
    shop.reversed(FIRST);
    shop
}

fn paid() -> Verdict {
    Verdict::Paid(make::evidence(1_000, 0, 0))
}

fn not_paid() -> Verdict {
    Verdict::Declined(make::decline(DeclineKind::Closed))
}

#[test]
fn the_channel_is_asked_after_one_minute_and_after_ten() {
    for made in [in_doubt, cancelled] {
        let mut shop = made();
        assert_eq!(shop.due_check(), Some(MINUTE_MS));
        shop.wait_ms(MINUTE_MS).check(not_paid());
        assert_eq!(shop.due_check(), Some(9 * MINUTE_MS));
        shop.wait_ms(9 * MINUTE_MS).check(not_paid());
        assert!(
            shop.book
                .jobs
                .keys()
                .all(|key| key.kind == JobKind::NotifyMerchant)
        );
        assert_eq!(shop.state(), OrderState::Reversed);
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
    }
}

#[test]
fn money_that_the_channel_kept_or_took_since_is_a_surplus_and_is_refunded() {
    for made in [in_doubt, cancelled] {
        for minutes in [1, 10] {
            let mut shop = made();
            shop.wait_ms(minutes * MINUTE_MS).check(paid());
            assert_eq!(shop.attempt_state(FIRST), AttemptState::Returning);
            assert_eq!(shop.state(), OrderState::Reversed, "an end is an end");
            assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000));
            assert_eq!(shop.count_events(EventKind::SurplusArrived), 1);
            let refund = shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64());
            assert_eq!(refund, Some(0));
            shop.reversed(FIRST);
            assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
            assert_eq!(shop.count_events(EventKind::SurplusReturned), 1);
            assert_eq!(
                shop.due_check(),
                None,
                "a refund tells by itself how it ends"
            );
        }
    }
}

#[test]
fn news_of_a_payment_that_was_reversed_are_old_unless_the_channel_was_asked() {
    let mut shop = cancelled();
    shop.hear(FIRST, paid());
    assert_eq!(shop.attempt_state(FIRST), AttemptState::Reversed);
    assert_eq!(shop.due_check(), Some(MINUTE_MS));
}

#[test]
fn an_answer_that_says_nothing_clear_counts_as_an_asking() {
    for word in [
        Verdict::Unknown(make::unknown()),
        Verdict::Unknown(Unknown::absent("no such order")),
        Verdict::Pending,
        Verdict::Waiting,
    ] {
        let mut shop = in_doubt();
        shop.wait_ms(MINUTE_MS).check(word.clone());
        assert_eq!(shop.due_check(), Some(9 * MINUTE_MS), "{word:?}");
        shop.wait_ms(9 * MINUTE_MS).check(word);
        assert_eq!(shop.due_check(), None);
    }
}

#[test]
fn money_that_is_not_what_the_order_asks_for_is_an_alarm_and_no_answer() {
    let mut shop = in_doubt();
    for minutes in [1, 60, 24 * 60] {
        let due = shop.wait_ms(minutes * MINUTE_MS).due_check();
        shop.check(Verdict::Paid(make::evidence(999, 0, 0)));
        assert_eq!(shop.due_check(), due, "whoever asked asks again");
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
    }
    assert_eq!(shop.count_events(EventKind::EvidenceRefused), 3);
}

#[test]
fn where_no_call_reverses_money_that_was_seen_is_not_asked_about() {
    let reversals: [(Deed, bool); 2] = [(|shop| shop.pay(FIRST), false), (|_| {}, true)];
    for (deed, is_asked) in reversals {
        let mut shop = Shop::barcode(1_000);
        let attempts = shop.book.attempts.get_mut(&ORDER).expect("made");
        std::sync::Arc::make_mut(&mut attempts[0].route).reverses_by_call = false;
        deed(&mut shop);
        shop.cancel(make::ANY_CANCEL).expect("allowed");
        shop.reversed(FIRST);
        assert_eq!(shop.due_check().is_some(), is_asked);
    }
}

#[test]
fn another_payment_under_the_same_number_is_not_believed() {
    let mut shop = cancelled();
    let mut other = make::evidence(1_000, 0, 0);
    other.channel_order_no.push_str("-again");
    shop.wait_ms(MINUTE_MS).check(Verdict::Paid(other));
    assert_eq!(shop.attempt_state(FIRST), AttemptState::Reversed);
    assert!(shop.has_event(EventKind::EvidenceRefused));
    assert_eq!(shop.due_check(), Some(0), "whoever asked asks again");
}

#[test]
fn an_answer_from_before_another_reversal_is_old() {
    let mut shop = in_doubt();
    let asked_about = shop.wait_ms(MINUTE_MS).reversed_at();
    // The money arrives and goes back while the answer is on its way.
    shop.hear(FIRST, paid());
    assert_eq!(shop.attempt_state(FIRST), AttemptState::Reversing);
    shop.reversed(FIRST);
    shop.wait_ms(200).hear_of(asked_about, paid());
    assert_eq!(shop.attempt_state(FIRST), AttemptState::Reversed);
    assert_eq!(shop.count_events(EventKind::SurplusArrived), 1);
    assert_eq!(shop.due_check(), Some(MINUTE_MS - 200), "it is asked anew");
    shop.wait_ms(MINUTE_MS).check(not_paid());
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn an_answer_from_before_money_came_does_not_show_that_it_is_back() {
    for reverses_by_call in [false, true] {
        let mut shop = Shop::barcode(1_000);
        let attempts = shop.book.attempts.get_mut(&ORDER).expect("made");
        std::sync::Arc::make_mut(&mut attempts[0].route).reverses_by_call = reverses_by_call;
        shop.cancel(make::ANY_CANCEL).expect("allowed");
        // The payer pays while the answer to a close or a reversal is on its way.
        let saw_money = shop.saw_money(FIRST);
        shop.hear(FIRST, paid());
        shop.wait_ms(200).says_reversed(FIRST, saw_money);
        assert_eq!(shop.attempt_state(FIRST), AttemptState::Reversing);
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 1_000));
        let due_in_ms = shop.due_in_ms(JobKind::ReverseUnknown, FIRST.as_u64());
        assert!(due_in_ms.is_some(), "it is asked anew");
        shop.wait_ms(10_000).reversed(FIRST);
        assert_eq!(shop.attempt_state(FIRST), AttemptState::Reversed);
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
    }
}
