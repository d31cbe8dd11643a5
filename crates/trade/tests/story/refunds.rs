//! Refunds: the sum rule, exact splits, foreign currency, failures and gaps.

use heliu_trade::error::ErrorCode;
use heliu_trade::followup::event::EventKind;
use heliu_trade::followup::job::JobKind;
use heliu_trade::id::RefundNo;
use heliu_trade::order::{OrderState, RefundTotals};
use heliu_trade::refund::RefundState;
use heliu_trade::step::RefundRepeat;
use heliu_trade::verdict::{DeclineKind, RefundResult};

use super::shop::{Deed, FIRST, ORDER, Shop};
use crate::book::make;

fn paid(amount: i64) -> Shop {
    let mut shop = Shop::barcode(amount);
    shop.pay(FIRST);
    shop
}

fn paid_foreign(amount: i64, rate: &str) -> Shop {
    let mut shop = Shop::foreign(amount, rate).expect("at least a fen");
    shop.pay(FIRST);
    shop
}

#[test]
fn of_many_refunds_of_thirty_on_a_hundred_three_are_accepted() {
    let mut shop = paid(100);
    let answers: Vec<_> = (0..50).map(|_| shop.refund(30)).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert!(
        answers[3..]
            .iter()
            .all(|answer| *answer == Err(ErrorCode::RefundExceedsRest))
    );
}

#[test]
fn eight_refunds_of_one_give_back_six_cash_and_two_coupon() {
    let mut shop = Shop::barcode(8);
    shop.pay_with(FIRST, make::evidence(8, 0, 2));
    let parts: Vec<_> = (0..8).map(|_| shop.refunded(1).amounts.cash_fen).collect();
    assert_eq!(parts.iter().sum::<i64>(), 6);
    assert!(parts.iter().all(|part| (0..=1).contains(part)), "{parts:?}");
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn a_baht_payment_is_refunded_in_proportion_and_its_remainder_with_the_last() {
    let mut shop = paid_foreign(10_000, "0.2028");
    assert_eq!(shop.order().charge_fen, 2_028);
    let fen: Vec<_> = [3_333, 3_333, 3_334]
        .map(|amount| shop.refunded(amount).amounts.payable_fen)
        .into();
    assert_eq!(fen, [675, 675, 678]);
    assert_eq!(shop.order().refunded.payable_fen, 2_028);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn a_charge_that_rounds_to_zero_is_refused() {
    assert_eq!(
        Shop::foreign(2, "0.2028").err(),
        Some(ErrorCode::InvalidAmount)
    );
    assert!(Shop::foreign(3, "0.2028").is_ok());
}

#[test]
fn a_foreign_refund_of_less_than_a_fen_is_refused() {
    let mut shop = paid_foreign(10_000, "0.2028");
    assert_eq!(shop.refund(4), Err(ErrorCode::InvalidAmount));
    assert!(shop.refund(5).is_ok());
}

#[test]
fn foreign_refunds_after_failed_ones_never_take_more_fen_than_are_left() {
    let mut shop = paid_foreign(300, "0.33333333");
    assert_eq!(shop.order().charge_fen, 100);
    let small = [shop.refund(5).expect("paid"), shop.refund(5).expect("paid")];
    assert_eq!(shop.refunded(290).amounts.payable_fen, 98);
    small
        .into_iter()
        .for_each(|refund_no| shop.refund_fails(refund_no));
    assert_eq!(
        shop.refunded(9).amounts.payable_fen,
        2,
        "its share would be three"
    );
    assert_eq!(shop.order().refunded.payable_fen, 100);
    assert!(shop.order().is_refunded_whole());
    assert_eq!(
        shop.merchant_fee_surplus(),
        (0, 0, 0),
        "the whole fee is back"
    );
    assert_eq!(
        shop.refund(1),
        Err(ErrorCode::InvalidAmount),
        "no fen are left for it"
    );
}

#[test]
fn the_amount_of_a_failed_refund_can_be_refunded_again() {
    let mut shop = paid(100);
    let refund_no = shop.refund(100).expect("paid");
    assert_eq!(shop.refund(1), Err(ErrorCode::RefundExceedsRest));
    shop.refund_fails(refund_no);
    assert_eq!(shop.order().refunding, RefundTotals::default());
    assert!(shop.order().last_refund_failed);
    shop.refunded(100);
    assert!(!shop.order().last_refund_failed);
    assert_eq!(shop.refund_of(refund_no).state, RefundState::Failed);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn a_refund_that_ended_stays_as_it_ended() {
    let mut shop = paid(100);
    let failed = shop.refund(40).expect("paid");
    shop.refund_fails(failed);
    let succeeded = shop.refund(40).expect("paid");
    shop.refund_succeeds(succeeded, None);
    let (order, balances) = (shop.order().refunded, shop.book.balances());
    shop.refund_succeeds(failed, None);
    shop.refund_fails(succeeded);
    assert_eq!(shop.order().refunded, order);
    assert_eq!(shop.book.balances(), balances);
    assert_eq!(
        shop.count_events(EventKind::EvidenceRefused),
        1,
        "a failed refund that the channel paid after all is an alarm"
    );
}

#[test]
fn a_refund_number_is_taken_once_even_by_a_failed_refund() {
    let mut shop = paid(100);
    let refund_no = shop.refund_as("r-1", 10).expect("paid");
    assert_eq!(shop.refund_as("r-1", 10), Err(ErrorCode::DuplicateRefund));
    shop.refund_fails(refund_no);
    assert_eq!(shop.refund_as("r-1", 10), Err(ErrorCode::DuplicateRefund));
}

#[test]
fn only_paid_orders_are_refunded() {
    let cases: [(Deed, ErrorCode); 4] = [
        (|_| {}, ErrorCode::OrderNotPaid),
        (|shop| shop.decline(FIRST), ErrorCode::OrderNotPaid),
        (Shop::reach_horizon, ErrorCode::OrderReversed),
        (
            |shop| {
                shop.pay(FIRST);
                assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
            },
            ErrorCode::OrderReversed,
        ),
    ];
    for (end, code) in cases {
        let mut shop = Shop::barcode(100);
        end(&mut shop);
        assert_eq!(shop.refund(1), Err(code), "{:?}", shop.state());
    }
}

#[test]
fn refunds_of_nothing_or_less_are_refused() {
    let mut shop = paid(100);
    for amount in [0, -1, i64::MIN] {
        assert_eq!(
            shop.refund(amount),
            Err(ErrorCode::InvalidAmount),
            "{amount}"
        );
    }
    assert_eq!(shop.refund(i64::MAX), Err(ErrorCode::RefundExceedsRest));
}

#[test]
fn a_split_that_the_channel_reports_wins_if_it_can_be_true() {
    for (reported, booked) in [
        (None, 3),
        (Some(2), 2),
        (Some(4), 4),
        (Some(1), 3),
        (Some(5), 3),
    ] {
        let mut shop = Shop::barcode(8);
        shop.pay_with(FIRST, make::evidence(8, 0, 2));
        let refund_no = shop.refund(4).expect("paid");
        shop.refund_succeeds(refund_no, reported);
        assert_eq!(
            shop.refund_of(refund_no).amounts.cash_fen,
            booked,
            "{reported:?}"
        );
        shop.refunded(4);
        assert_eq!(shop.order().refunded.cash_fen, 6);
    }
}

#[test]
fn the_fee_goes_back_by_floors_and_whole_with_the_last_refund() {
    let mut shop = paid(1_000);
    let returned: Vec<_> = [333, 333, 334]
        .map(|amount| {
            shop.refunded(amount);
            shop.order().fee_returned_fen
        })
        .into();
    assert_eq!(returned, [3, 6, 10]);
    assert_eq!(shop.state(), OrderState::Paid);
}

#[test]
fn refunds_are_spaced_as_the_channel_wants_and_counted() {
    let mut shop = paid(1_000);
    let due: Vec<_> = (0..3)
        .map(|_| {
            let refund_no = shop.refund(1).expect("paid");
            shop.due_in_ms(JobKind::FinishRefund, refund_no.as_u64())
        })
        .collect();
    assert_eq!(due, [Some(0), Some(60_000), Some(120_000)]);
    shop.wait_ms(1_000_000);
    shop.book.orders.get_mut(&ORDER).expect("made").refund_count = 50;
    assert_eq!(shop.refund(1), Err(ErrorCode::TooManyRefunds));
}

#[test]
fn a_failed_refund_is_tried_again_under_its_number() {
    let mut shop = Shop::barcode(8);
    shop.pay_with(FIRST, make::evidence(8, 2, 0));
    let repeated = RefundRepeat::RetryFailed;
    let first = shop.repeat_refund("r-1", 5, repeated).expect("paid");
    assert_eq!(shop.refund_of(first).upstream_no(), first.to_string());
    shop.refund_fails(first);
    let other = shop.refunded(4);
    assert_eq!(
        shop.repeat_refund("r-1", 5, repeated),
        Err(ErrorCode::RefundExceedsRest),
        "what the others left is not enough"
    );
    assert_eq!(
        shop.repeat_refund("r-1", 4, repeated),
        Err(ErrorCode::RefundConflict)
    );
    assert_eq!(other.amounts.payable_fen, 4);

    let mut shop = Shop::barcode(8);
    shop.pay_with(FIRST, make::evidence(8, 2, 0));
    let first = shop.repeat_refund("r-1", 5, repeated).expect("paid");
    shop.refund_fails(first);
    shop.repeat_refund("r-1", 5, repeated).expect("tried again");
    assert_eq!(
        shop.refund_of(first).upstream_no(),
        first.to_string(),
        "what the channel never took can pay only once under its number"
    );
    shop.refund_try_ends(first, 1, RefundResult::Pending);
    shop.refund_fails(first);
    assert_eq!(
        shop.refund_of(first).state,
        RefundState::Refunding,
        "what the channel has is not over because it refuses a repeat"
    );
    shop.refund_is_ended(first);
    shop.repeat_refund("r-1", 5, repeated).expect("tried again");
    let again = shop.refund_of(first);
    assert_eq!(again.state, RefundState::Refunding);
    assert_eq!(again.upstream_no(), format!("{first}R2"));
    assert_eq!((again.details.decline, again.sent_at), (None, None));
    assert_eq!(shop.order().refunding.amount_minor, 5);
    shop.refund_succeeds(first, None);
    shop.repeat_refund("r-1", 5, repeated)
        .expect("as it stands");
    assert_eq!(shop.refund_of(first).state, RefundState::Succeeded);
    assert_eq!(shop.order().refunded.amount_minor, 5);
    shop.refunded(3);
    assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
}

#[test]
fn late_word_of_an_earlier_try_never_ends_a_later_one() {
    let paid_late = || RefundResult::Succeeded(make::refund_evidence(None));
    let failed_late = || RefundResult::Failed(make::decline(DeclineKind::Refused));
    let repeated = RefundRepeat::RetryFailed;
    // How the earlier try ended, what comes of it late, and how the refund and its alarms stand
    // then.
    type End = fn(&mut Shop, RefundNo);
    let cases: [(End, RefundResult, RefundState, usize); 4] = [
        (Shop::refund_fails, failed_late(), RefundState::Refunding, 0),
        (Shop::refund_fails, paid_late(), RefundState::Succeeded, 0),
        (
            Shop::refund_is_ended,
            failed_late(),
            RefundState::Refunding,
            0,
        ),
        (
            Shop::refund_is_ended,
            paid_late(),
            RefundState::Refunding,
            1,
        ),
    ];
    for (ends, late, expected, alarms) in cases {
        let mut shop = paid(100);
        let refund_no = shop.repeat_refund("r-1", 30, repeated).expect("paid");
        ends(&mut shop, refund_no);
        shop.repeat_refund("r-1", 30, repeated)
            .expect("tried again");
        shop.refund_try_ends(refund_no, 0, late.clone());
        assert_eq!(shop.refund_of(refund_no).state, expected, "{late:?}");
        assert_eq!(shop.count_events(EventKind::EvidenceRefused), alarms);
        let due_in_ms = shop.due_in_ms(JobKind::FinishRefund, refund_no.as_u64());
        assert_eq!(due_in_ms.is_some(), expected == RefundState::Refunding);
    }
}

#[test]
fn why_nobody_knows_how_a_refund_stands_is_told_once() {
    let mut shop = paid(100);
    let refund_no = shop.refund(30).expect("paid");
    let asked = |shop: &mut Shop| {
        let unknown = RefundResult::Unknown(make::unknown());
        shop.refund_try_ends(refund_no, 0, unknown);
        shop.count_events(EventKind::Unknown)
    };
    let told: Vec<_> = (0..3).map(|_| asked(&mut shop)).collect();
    assert_eq!(told, [1, 1, 1]);
    assert_eq!(shop.refund_of(refund_no).state, RefundState::Refunding);
}

#[test]
fn where_a_repeat_is_answered_the_refund_stands_as_it_was() {
    let mut shop = paid(100);
    for repeat in [RefundRepeat::ReturnPresent, RefundRepeat::RetryFailed] {
        shop.repeat_refund("r-1", 30, repeat).expect("answered");
        assert_eq!(shop.order().refunding.amount_minor, 30);
        assert_eq!(
            shop.repeat_refund("r-1", 31, repeat),
            Err(ErrorCode::RefundConflict)
        );
    }
    assert_eq!(
        shop.repeat_refund("r-1", 30, RefundRepeat::Refuse),
        Err(ErrorCode::DuplicateRefund)
    );
}

#[test]
fn a_refusal_is_not_believed_while_a_send_before_it_may_be_under_way() {
    let unknown = || RefundResult::Unknown(make::unknown());
    let refused = || RefundResult::Failed(make::decline(DeclineKind::Refused));
    let ended = || RefundResult::Failed(make::decline(DeclineKind::Closed));
    let mut shop = paid(100);
    let refund_no = shop.refund(30).expect("paid");
    let state = |shop: &Shop| shop.book.refunds[&refund_no].1.state;
    shop.refund_try_ends(refund_no, 0, unknown());
    for _ in 0..6 {
        shop.wait_ms(10_000)
            .refund_try_ends(refund_no, 0, refused());
        assert_eq!(state(&shop), RefundState::Refunding);
        assert_eq!(shop.order().refunding.amount_minor, 30, "still reserved");
    }
    shop.refund_try_ends(refund_no, 0, refused());
    assert_eq!(state(&shop), RefundState::Refunding, "the same, told twice");
    shop.wait_ms(10_000)
        .refund_try_ends(refund_no, 0, refused());
    assert_eq!(
        state(&shop),
        RefundState::Failed,
        "the second one that came a minute after the send"
    );

    // However long that was by a clock that was set forward meanwhile.
    let mut shop = paid(100);
    let refund_no = shop.refund(30).expect("paid");
    shop.refund_try_ends(refund_no, 0, unknown());
    for wait_ms in [2_000, 3_600_000] {
        shop.wait_ms(wait_ms)
            .refund_try_ends(refund_no, 0, refused());
        assert_eq!(shop.refund_of(refund_no).state, RefundState::Refunding);
    }

    // A send that is answered leaves no doubt, and a refund that the channel had and ended has
    // ended.
    for (before, end) in [(None, refused()), (Some(unknown()), ended())] {
        let mut shop = paid(100);
        let refund_no = shop.refund(30).expect("paid");
        for result in before.into_iter().chain([end]) {
            shop.refund_try_ends(refund_no, 0, result);
        }
        assert_eq!(shop.refund_of(refund_no).state, RefundState::Failed);
    }
}
