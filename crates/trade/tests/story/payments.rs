//! Paying: evidence, discounts, fees, and money that arrives where none is wanted.

use heliu_trade::attempt::{AttemptState, Handoff};
use heliu_trade::error::ErrorCode;
use heliu_trade::followup::event::EventKind;
use heliu_trade::followup::job::JobKind;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::{Funding, WalletKind};

use super::shop::{FIRST, ORDER, Shop};
use crate::book::make;

#[test]
fn a_paid_order_books_the_payment_and_the_fee_once() {
    let mut shop = Shop::barcode(1_000);
    shop.pay(FIRST);
    shop.pay(FIRST);
    assert_eq!(shop.state(), OrderState::Paid);
    assert_eq!(shop.merchant_fee_surplus(), (990, 10, 0));
    assert_eq!(shop.count_events(EventKind::Paid), 1);
    assert_eq!(shop.due_in_ms(JobKind::QueryUnknown, FIRST.as_u64()), None);
}

#[test]
fn what_the_merchant_funds_is_not_received_and_bears_no_fee() {
    let mut shop = Shop::barcode(1_000);
    shop.pay_with(FIRST, make::evidence(1_000, 100, 50));
    assert_eq!(shop.merchant_fee_surplus(), (891, 9, 0));
}

#[test]
fn an_unknown_card_kind_pays_the_fee_of_a_credit_card() {
    for (funding, fee) in [(Funding::Unknown, 15), (Funding::Debit, 10)] {
        let mut shop = Shop::barcode(1_000);
        let attempts = shop.book.attempts.get_mut(&ORDER).expect("made");
        std::sync::Arc::make_mut(&mut attempts[0].route)
            .fee
            .base
            .credit_extra_ppm = 5_000;
        shop.pay_with(
            FIRST,
            heliu_trade::verdict::Evidence {
                funding,
                ..make::evidence(1_000, 0, 0)
            },
        );
        assert_eq!(shop.merchant_fee_surplus().1, fee, "{funding:?}");
    }
}

#[test]
fn evidence_with_another_amount_is_refused_and_alarms() {
    for evidence in [
        make::evidence(999, 0, 0),
        make::evidence(1_001, 0, 0),
        make::evidence(1_000, -1, 0),
        heliu_trade::verdict::Evidence {
            cash_fen: 999,
            ..make::evidence(1_000, 0, 0)
        },
        heliu_trade::verdict::Evidence {
            cash_fen: i64::MAX,
            channel_discount_fen: i64::MAX,
            ..make::evidence(1_000, 0, 0)
        },
    ] {
        let mut shop = Shop::barcode(1_000);
        shop.pay_with(FIRST, evidence);
        assert_eq!(shop.state(), OrderState::Paying);
        assert_eq!(shop.merchant_fee_surplus(), (0, 0, 0));
        assert_eq!(shop.count_events(EventKind::EvidenceRefused), 1);
        assert!(
            shop.due_in_ms(JobKind::QueryUnknown, FIRST.as_u64())
                .is_some(),
            "asked again"
        );
    }
}

#[test]
fn a_second_payment_under_one_attempt_is_not_believed_but_alarms() {
    let mut shop = Shop::barcode(1_000);
    shop.pay(FIRST);
    let mut evidence = make::evidence(1_000, 0, 0);
    evidence.channel_order_no = "4200002".to_owned();
    shop.pay_with(FIRST, evidence);
    assert_eq!(shop.state(), OrderState::Paid);
    assert_eq!(shop.attempt_state(FIRST), AttemptState::Paid);
    assert_eq!(shop.merchant_fee_surplus(), (990, 10, 0));
    assert!(shop.has_event(EventKind::EvidenceRefused));
}

#[test]
fn a_double_payment_on_two_wallets_is_booked_once_and_the_second_given_back() {
    let mut shop = Shop::qr(1_000);
    let wechat = shop.choose(WalletKind::Wechat).expect("open");
    let alipay = shop.choose(WalletKind::Alipay).expect("open");
    shop.pay(alipay);
    assert_eq!(shop.attempt_state(wechat), AttemptState::Closing);
    assert_eq!(
        shop.due_in_ms(JobKind::CloseAttempt, wechat.as_u64()),
        Some(0)
    );

    shop.pay(wechat);
    assert_eq!(shop.state(), OrderState::Paid);
    assert_eq!(shop.merchant_fee_surplus(), (990, 10, 1_000));
    assert!(shop.has_event(EventKind::SurplusArrived));
    assert_eq!(shop.due_in_ms(JobKind::CloseAttempt, wechat.as_u64()), None);
    assert_eq!(
        shop.due_in_ms(JobKind::ReverseUnknown, wechat.as_u64()),
        Some(15_000)
    );

    shop.reversed(wechat);
    assert_eq!(shop.state(), OrderState::Paid);
    assert_eq!(shop.merchant_fee_surplus(), (990, 10, 0));
    assert!(shop.has_event(EventKind::SurplusReturned));
}

#[test]
fn a_refused_wallet_leaves_a_qr_order_open_for_the_other_one() {
    let mut shop = Shop::qr(1_000);
    let wechat = shop.choose(WalletKind::Wechat).expect("open");
    shop.decline(wechat);
    assert_eq!(shop.state(), OrderState::Open);
    let alipay = shop.choose(WalletKind::Alipay).expect("open again");
    shop.pay(alipay);
    assert_eq!(shop.state(), OrderState::Paid);
}

#[test]
fn a_refused_try_of_a_page_order_fails_it_only_when_no_other_try_is_live() {
    let mut shop = Shop::jsapi(1_000);
    let second = shop.choose(WalletKind::Wechat).expect("another payer id");
    shop.decline(FIRST);
    assert_eq!(shop.state(), OrderState::Paying);
    shop.decline(second);
    assert_eq!(shop.state(), OrderState::Failed);
    assert!(shop.order().decline.is_some());
}

#[test]
fn a_barcode_payment_is_never_tried_twice_under_one_order() {
    let mut shop = Shop::barcode(1_000);
    assert_eq!(
        shop.choose(WalletKind::Alipay),
        Err(ErrorCode::OrderKindNotSupported)
    );
}

#[test]
fn an_order_number_is_taken_once_whatever_comes_under_it() {
    let mut shop = Shop::barcode(1_000);
    assert_eq!(shop.create_again(1_000), Err(ErrorCode::DuplicateOrder));
    assert_eq!(shop.create_again(2_000), Err(ErrorCode::DuplicateOrder));
}

#[test]
fn no_wallet_can_be_chosen_once_the_time_is_over() {
    let mut shop = Shop::qr(1_000);
    shop.wait_ms(299_999);
    assert!(shop.choose(WalletKind::Wechat).is_ok());
    shop.wait_ms(1);
    assert_eq!(shop.choose(WalletKind::Wechat), Err(ErrorCode::OrderEnded));
}

#[test]
fn a_prepay_whose_answer_was_lost_can_still_be_handed_over() {
    let mut shop = Shop::qr(1_000);
    let attempt_no = shop.choose(WalletKind::Wechat).expect("open");
    shop.hear(attempt_no, Verdict::Unknown(make::unknown()));
    for text in ["first", "second"] {
        let handoff = Handoff::TradeNo(text.to_owned());
        let action = Action::RecordHandoff {
            attempt_no,
            handoff,
        };
        assert_eq!(shop.take(Target::Order(ORDER), action), Ok(()));
    }
    let handoff = shop.book.attempts[&ORDER][0].handoff.clone();
    assert_eq!(handoff, Some(Handoff::TradeNo("first".to_owned())));
}

#[test]
fn an_unclear_payment_is_taken_up_at_its_horizon_however_often_it_is_asked_about() {
    let mut shop = Shop::barcode(1_000);
    let query = |shop: &Shop| shop.due_in_ms(JobKind::QueryUnknown, FIRST.as_u64());
    assert_eq!(query(&shop), Some(3_000));
    shop.wait_ms(74_000).hear(FIRST, Verdict::Pending);
    assert_eq!(query(&shop), Some(1_000));
    shop.wait_ms(1_000).hear(FIRST, Verdict::Pending);
    assert_eq!(query(&shop), Some(1_000));
    shop.wait_ms(864_000_000)
        .hear(FIRST, Verdict::Unknown(make::unknown()));
    assert_eq!(query(&shop), Some(1_000));
}

#[test]
fn not_knowing_is_no_word_of_the_channel() {
    let mut shop = Shop::barcode(1_000);
    for _ in 0..2 {
        shop.hear(FIRST, Verdict::Unknown(make::unknown()));
        assert_eq!(shop.attempt_state(FIRST), AttemptState::Sending);
    }
    assert_eq!(shop.count_events(EventKind::Unknown), 1);
    shop.hear(FIRST, Verdict::Pending);
    shop.hear(FIRST, Verdict::Unknown(make::unknown()));
    assert_eq!(shop.attempt_state(FIRST), AttemptState::Confirming);
    assert_eq!(shop.count_events(EventKind::Pending), 1);
}

#[test]
fn an_attempt_stands_where_the_channel_last_said_that_its_payer_is() {
    let mut shop = Shop::jsapi(1_000);
    let (waiting, confirming) = (AttemptState::Pending, AttemptState::Confirming);
    for (word, state) in [
        (Verdict::Waiting, waiting),
        (Verdict::Pending, confirming),
        (Verdict::Unknown(make::unknown()), confirming),
        (Verdict::Waiting, waiting),
        (Verdict::Unknown(make::unknown()), waiting),
    ] {
        shop.hear(FIRST, word.clone());
        assert_eq!(shop.attempt_state(FIRST), state, "{word:?}");
        assert_eq!(shop.state(), OrderState::Paying);
    }
    shop.pay(FIRST);
    assert_eq!(shop.state(), OrderState::Paid);
}

#[test]
fn a_word_about_an_attempt_that_is_not_ours_changes_nothing() {
    let mut shop = Shop::barcode(1_000);
    let before = shop.book.clone();
    shop.pay(heliu_trade::id::AttemptNo::from_u64(77));
    assert_eq!(shop.book, before);
}
