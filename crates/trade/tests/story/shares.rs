//! 分润: the worked figures of a merchant at 0.38 % under an agent that pays 0.30 %, under one that
//! pays 0.25 %, of a channel that takes 0.20 %.

use heliu_trade::fee::FeeTerms;
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::ledger::Account;
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use super::shop::{FIRST, ORDER, Shop};
use crate::book::make;

fn rate(rate_ppm: i64) -> FeeTerms {
    FeeTerms {
        rate_ppm,
        ..FeeTerms::default()
    }
}

fn paid(mode: FundsMode, amount: i64) -> Shop {
    let mut route = make::route(WalletKind::Wechat, Scene::Barcode, rate(3_800));
    let cost = Some(rate(2_000));
    route.funds = FundsTerms { mode, cost };
    route.shares = make::levels(&[rate(3_000), rate(2_500)]);
    let mut shop = Shop::barcode_by(amount, route);
    shop.pay(FIRST);
    shop
}

/// Clearing, merchant, fee income, the nearer agent, the farther one, channel cost: debits above
/// zero, in fen.
fn balances(shop: &Shop) -> [i64; 6] {
    let balances = shop.book.balances();
    [
        Account::ChannelClearing("wechat-main".into()),
        Account::MerchantBalance,
        Account::FeeIncome,
        Account::AgentAccrued("L1".into()),
        Account::AgentAccrued("L2".into()),
        Account::ChannelCost,
    ]
    .map(|account| balances.get(&account).copied().unwrap_or_default())
}

/// The kinds of entries from one on, and what each debits.
fn movements(shop: &Shop, from: usize) -> Vec<(&'static str, i64)> {
    let entries = shop.book.entries[&ORDER].iter().skip(from);
    let movement = entries.map(|entry| (entry.kind.as_str(), entry.lines[0].amount_fen));
    movement.collect()
}

#[test]
fn each_level_gets_the_difference_to_the_one_above_and_the_platform_the_rest() {
    for (amount, platform, near, far) in [
        (150, 0, 1, 0),
        (500, 1, 0, 1),
        (10_000, 25, 8, 5),
        (12_345, 31, 10, 6),
    ] {
        let shop = paid(FundsMode::Held, amount);
        let [_, _, income, l1, l2, _] = balances(&shop);
        assert_eq!([-income, -l1, -l2], [platform, near, far], "{amount}");
    }
}

#[test]
fn a_held_payment_and_its_refund_book_as_the_table_says() {
    let mut shop = paid(FundsMode::Held, 12_345);
    let payment = [
        ("payment_received", 12_345),
        ("fee_charged", 47),
        ("share_accrued", 10),
        ("share_accrued", 6),
        ("channel_cost_accrued", 25),
    ];
    assert_eq!(movements(&shop, 0), payment);
    assert_eq!(balances(&shop), [12_320, -12_298, -31, -10, -6, 25]);
    shop.refunded(3_333);
    let refund = [
        ("refund_paid", 3_333),
        ("fee_returned", 12),
        ("share_returned", 3),
        ("share_returned", 1),
        ("channel_cost_returned", 6),
    ];
    assert_eq!(movements(&shop, 5), refund);
    assert_eq!(balances(&shop), [8_993, -8_977, -23, -7, -5, 19]);
}

#[test]
fn a_direct_merchants_agents_share_alike() {
    let mut shop = paid(FundsMode::Direct, 12_345);
    assert_eq!(balances(&shop), [22, 0, -31, -10, -6, 25]);
    shop.refunded(3_333);
    assert_eq!(balances(&shop), [16, 0, -23, -7, -5, 19]);
}

#[test]
fn refunds_give_back_over_what_is_left_of_every_part() {
    for mode in FundsMode::ALL {
        let mut shop = paid(mode, 12_345);
        let [_, _, mut income, mut l1, mut l2, _] = balances(&shop);
        let given_back = [3_333, 4_000, 5_012].map(|amount| {
            shop.refunded(amount);
            let [_, _, income_now, l1_now, l2_now, _] = balances(&shop);
            let back = [l1_now - l1, l2_now - l2, income_now - income];
            (income, l1, l2) = (income_now, l1_now, l2_now);
            back
        });
        assert_eq!(given_back, [[3, 1, 8], [3, 2, 10], [4, 3, 13]], "{mode:?}");
        assert_eq!(balances(&shop), [0; 6], "{mode:?}");
    }
}

#[test]
fn a_reversal_takes_every_share_back() {
    for mode in FundsMode::ALL {
        let mut shop = paid(mode, 12_345);
        assert_eq!(shop.cancel(make::ANY_CANCEL), Ok(()));
        shop.reversed(FIRST);
        assert_eq!(balances(&shop), [0; 6], "{mode:?}");
        assert_eq!(shop.order().shares_returned.to_string(), "10/6");
    }
}

#[test]
fn a_merchant_without_agents_books_no_share() {
    let mut shop = Shop::barcode(10_000);
    shop.pay(FIRST);
    shop.refunded(100);
    let kinds: Vec<_> = movements(&shop, 0)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert!(
        !kinds.iter().any(|kind| kind.starts_with("share")),
        "{kinds:?}"
    );
    assert_eq!(shop.order().shares_returned.to_string(), "");
}

#[test]
fn a_level_below_the_one_above_it_gets_nothing_and_no_payment_fails_for_it() {
    let mut route = make::route(WalletKind::Wechat, Scene::Barcode, rate(2_700));
    route.shares = make::levels(&[rate(3_000), rate(2_500)]);
    let mut shop = Shop::barcode_by(10_000, route);
    shop.pay_with(
        FIRST,
        heliu_trade::verdict::Evidence {
            funding: Funding::Debit,
            ..make::evidence(10_000, 0, 0)
        },
    );
    let [_, _, income, l1, l2, _] = balances(&shop);
    assert_eq!([income, l1, l2], [-25, 0, -2]);
    shop.refunded(10_000);
    assert_eq!(balances(&shop), [0; 6]);
}
