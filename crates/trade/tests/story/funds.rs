//! Whose account the money comes to, and what the channel takes: the worked figures of a payment of
//! 123.45 yuan at 0.38 %, of which the channel takes 0.2 %, and of its refunds.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::fee::{Clamp, FeeTerms};
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::ledger::{Account, Entry};
use heliu_trade::refund_limit::{RefundLimit, is_held};
use heliu_trade::settlement_terms::{Cycle, SettlementTerms};

use super::shop::{FIRST, ORDER, Shop};
use crate::book::make;

const fn rate(rate_ppm: i64) -> FeeTerms {
    FeeTerms {
        rate_ppm,
        credit_extra_ppm: 0,
        fixed_fen: 0,
        min_fen: 0,
        max_fen: None,
        clamp: Clamp::Last,
    }
}

fn paid(mode: FundsMode) -> Shop {
    let cost = Some(rate(2_000));
    let funds = FundsTerms { mode, cost };
    let mut shop = Shop::barcode_under(12_345, rate(3_800), funds);
    shop.pay(FIRST);
    shop
}

fn entries(shop: &Shop) -> &[Entry] {
    &shop.book.entries[&ORDER]
}

/// The kinds of entries and what each debits.
fn movements(entries: &[Entry]) -> Vec<(&'static str, i64)> {
    let movement = |entry: &Entry| (entry.kind.as_str(), entry.lines[0].amount_fen);
    entries.iter().map(movement).collect()
}

/// Channel clearing, merchant, fee income, channel cost: debits above zero, in fen.
fn balances(shop: &Shop) -> [i64; 4] {
    let clearing = Account::ChannelClearing("wechat-main".into());
    let accounts = [
        clearing,
        Account::MerchantBalance,
        Account::FeeIncome,
        Account::ChannelCost,
    ];
    let balances = shop.book.balances();
    accounts.map(|account| balances.get(&account).copied().unwrap_or_default())
}

#[test]
fn a_held_payment_and_its_refund_book_as_the_table_says() {
    let mut shop = paid(FundsMode::Held);
    let payment = [
        ("payment_received", 12_345),
        ("fee_charged", 47),
        ("channel_cost_accrued", 25),
    ];
    assert_eq!(movements(entries(&shop)), payment);
    assert_eq!(balances(&shop), [12_320, -12_298, -47, 25]);
    shop.refunded(3_333);
    let refund = [
        ("refund_paid", 3_333),
        ("fee_returned", 12),
        ("channel_cost_returned", 6),
    ];
    assert_eq!(movements(&entries(&shop)[3..]), refund);
    assert_eq!(balances(&shop), [8_993, -8_977, -35, 19]);
}

#[test]
fn a_direct_merchant_is_paid_by_the_channel_which_owes_us_the_commission() {
    let mut shop = paid(FundsMode::Direct);
    let payment = [
        ("payment_received", 12_345),
        ("fee_charged", 47),
        ("channel_cost_accrued", 25),
        ("settled_direct", 12_298),
    ];
    assert_eq!(movements(entries(&shop)), payment);
    assert_eq!(balances(&shop), [22, 0, -47, 25]);
    shop.refunded(3_333);
    let refund = [
        ("refund_paid", 3_333),
        ("fee_returned", 12),
        ("channel_cost_returned", 6),
        ("settled_direct", -3_321),
    ];
    assert_eq!(movements(&entries(&shop)[4..]), refund);
    assert_eq!(balances(&shop), [16, 0, -35, 19]);
}

#[test]
fn refunds_give_the_whole_cost_back_floor_by_floor_and_the_rest_with_the_last() {
    for mode in FundsMode::ALL {
        let mut shop = paid(mode);
        let mut before = 0;
        let costs = [3_333, 4_000, 5_012].map(|amount| {
            shop.refunded(amount);
            let returned = shop.order().cost_returned_fen;
            let cost = returned - before;
            before = returned;
            cost
        });
        assert_eq!(costs, [6, 8, 11]);
        assert_eq!(balances(&shop), [0; 4], "{mode:?}");
    }
}

#[test]
fn a_reversal_takes_all_back() {
    for mode in FundsMode::ALL {
        let mut shop = paid(mode);
        assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
        shop.reversed(FIRST);
        assert_eq!(balances(&shop), [0; 4], "{mode:?}");
        assert_eq!(shop.order().cost_returned_fen, 25);
    }
}

#[test]
fn a_reversal_gives_a_cost_back_where_there_was_no_fee() {
    let funds = FundsTerms {
        mode: FundsMode::Direct,
        cost: Some(rate(2_000)),
    };
    let mut shop = Shop::barcode_under(12_345, rate(0), funds);
    shop.pay(FIRST);
    assert_eq!(balances(&shop), [-25, 0, 0, 25]);
    assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
    shop.reversed(FIRST);
    assert_eq!(balances(&shop), [0; 4]);
    assert!(shop.order().has_returns());
}

#[test]
fn an_amount_of_zero_makes_no_entry() {
    let all_of_it = FeeTerms {
        min_fen: 500,
        ..rate(3_800)
    };
    let funds = FundsTerms {
        mode: FundsMode::Direct,
        cost: Some(rate(2_000)),
    };
    // The fee is all that there is, and the channel's cost rounds to nothing.
    let mut shop = Shop::barcode_under(100, all_of_it, funds);
    shop.pay(FIRST);
    let payment = [("payment_received", 100), ("fee_charged", 100)];
    assert_eq!(movements(entries(&shop)), payment);
}

#[test]
fn held_money_is_weighed_when_it_may_have_left() {
    let shop = paid(FundsMode::Held);
    let (order, attempts) = (shop.order(), &shop.book.attempts[&ORDER]);
    assert!(is_held(order, attempts));
    let direct = paid(FundsMode::Direct);
    assert!(!is_held(direct.order(), &direct.book.attempts[&ORDER]));
    let terms = |cycle| SettlementTerms {
        cycle,
        debt_limit_fen: 700,
        ..SettlementTerms::default()
    };
    let limit = |only_if_settled| {
        Some(RefundLimit {
            debt_limit_fen: 700,
            only_if_settled,
        })
    };
    let today = BusinessDate::of(shop.now);
    let (last, first) = (today.end().plus_ms(-1), today.end());
    for cycle in [Cycle::T1, Cycle::D1, Cycle::Manual] {
        assert_eq!(RefundLimit::of(order, &terms(cycle), last), None);
        assert_eq!(RefundLimit::of(order, &terms(cycle), first), limit(false));
    }
    assert_eq!(RefundLimit::of(order, &terms(Cycle::D0), last), limit(true));
    assert_eq!(
        RefundLimit::of(order, &terms(Cycle::D0), first),
        limit(false)
    );
}
