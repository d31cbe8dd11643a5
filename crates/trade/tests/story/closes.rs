//! A merchant closes an order, and the channel does not say in time whether it is paid (ruling 64).

use heliu_trade::error::ErrorCode;
use heliu_trade::event::EventKind;
use heliu_trade::job::JobKind;
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, CancelRules, Target};
use heliu_trade::wallet::WalletKind;

use super::shop::{Deed, FIRST, ORDER, Shop};
use crate::book::make;

impl Shop {
    fn await_close(&mut self, rules: Option<CancelRules>) -> Result<(), ErrorCode> {
        self.take(Target::Order(ORDER), Action::AwaitClose { rules })
    }

    fn finish_close(&mut self) {
        let taken = self.take(Target::Order(ORDER), Action::FinishClose);
        assert_eq!(taken, Ok(()), "the end of a close is never rejected");
    }

    fn is_asked_on(&self) -> bool {
        self.due_in_ms(JobKind::CloseOrder, ORDER.as_u64())
            .is_some()
    }
}

#[test]
fn an_order_of_which_nobody_says_whether_it_is_paid_stays_open_and_is_closed_later() {
    let mut shop = Shop::jsapi(1_000);
    assert_eq!(shop.await_close(None), Ok(()));
    assert_eq!(shop.state(), OrderState::Paying);
    assert!(shop.has_event(EventKind::CloseRequested));
    assert_eq!(
        shop.due_in_ms(JobKind::CloseOrder, ORDER.as_u64()),
        Some(3_000),
        "after the channel's gap"
    );
    shop.wait_ms(3_000).finish_close();
    assert_eq!(shop.state(), OrderState::Closed);
    assert!(!shop.is_asked_on());
    assert_eq!(
        shop.due_in_ms(JobKind::CloseAttempt, FIRST.as_u64()),
        Some(0)
    );
}

#[test]
fn the_payer_who_turns_out_to_have_paid_is_not_given_back() {
    let mut shop = Shop::jsapi(1_000);
    assert_eq!(shop.await_close(None), Ok(()));
    shop.wait_ms(3_000).pay(FIRST);
    shop.finish_close();
    assert_eq!(shop.state(), OrderState::Paid);
    assert_eq!(shop.merchant_fee_surplus(), (990, 10, 0));
    assert!(!shop.is_asked_on());
}

#[test]
fn one_that_takes_at_once_is_undone_in_the_end() {
    let mut shop = Shop::barcode(1_000);
    assert_eq!(
        shop.await_close(None),
        Err(ErrorCode::OrderKindNotSupported)
    );
    let rules = make::TILL_CANCEL;
    assert_eq!(shop.await_close(Some(rules)), Err(ErrorCode::TooEarly));
    shop.wait_ms(20_000);
    assert_eq!(shop.await_close(Some(rules)), Ok(()));
    assert_eq!(shop.state(), OrderState::Paying);
    shop.wait_ms(3_000).finish_close();
    assert_eq!(shop.state(), OrderState::Reversing);
    assert!(!shop.is_asked_on());
}

#[test]
fn orders_that_have_ended_are_not_waited_for() {
    let ends: [(Deed, Result<(), ErrorCode>); 3] = [
        (|shop| assert_eq!(shop.close(), Ok(())), Ok(())),
        (|shop| shop.pay(FIRST), Err(ErrorCode::OrderPaid)),
        (Shop::expire, Err(ErrorCode::OrderEnded)),
    ];
    for (end, answer) in ends {
        let mut shop = Shop::jsapi(1_000);
        end(&mut shop);
        assert_eq!(shop.await_close(None), answer);
        assert!(!shop.is_asked_on());
    }
}

#[test]
fn a_close_whose_order_has_ended_meanwhile_changes_nothing() {
    let mut shop = Shop::qr(1_000);
    assert_eq!(shop.await_close(None), Ok(()));
    let attempt_no = shop.choose(WalletKind::Wechat).expect("still open");
    shop.pay(attempt_no);
    let paid = shop.order().clone();
    shop.finish_close();
    assert_eq!(shop.order(), &paid);
    assert!(!shop.is_asked_on());
}
