//! Money: every account derived anew from attempts and refunds; sums, bounds, and whole returns.

use std::collections::BTreeMap;

use heliu_trade::attempt::AttemptState;
use heliu_trade::funds::FundsMode;
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::Account;
use heliu_trade::order::{OrderState, RefundTotals};
use heliu_trade::refund::RefundState;

use super::ORDER;
use crate::book::Book;

pub(super) fn check(after: &Book) {
    let book = after.order_book(ORDER);
    let balances = after.balances();
    assert_eq!(
        balances.values().sum::<i64>(),
        0,
        "the accounts do not sum to zero: {balances:?}"
    );
    refunds_stay_within_the_payment(&book);
    accounts_agree_with_what_happened(&book, balances);
}

fn total(book: &OrderBook, counts: impl Fn(RefundState) -> bool) -> RefundTotals {
    let refunds = book.refunds.iter().filter(|refund| counts(refund.state));
    refunds.fold(RefundTotals::default(), |sum, refund| {
        sum.plus(refund.amounts)
    })
}

fn refunds_stay_within_the_payment(book: &OrderBook) {
    let claimed = total(book, |state| state != RefundState::Failed);
    let Some(payment) = &book.order.payment else {
        assert_eq!(
            claimed,
            RefundTotals::default(),
            "refunds without a payment"
        );
        return;
    };
    let paid = &payment.evidence;
    let coupon = claimed.payable_fen - claimed.cash_fen;
    let merchant_share = claimed.payable_fen - claimed.receivable_fen;
    for (measure, claimed, paid) in [
        ("amount", claimed.amount_minor, book.order.amount_minor),
        ("payable", claimed.payable_fen, paid.payable_fen),
        ("cash", claimed.cash_fen, paid.cash_fen),
        ("coupon", coupon, paid.coupon_fen()),
        ("receivable", claimed.receivable_fen, paid.receivable_fen()),
        (
            "merchant discount",
            merchant_share,
            paid.merchant_discount_fen,
        ),
    ] {
        assert!(
            (0..=paid).contains(&claimed),
            "{measure}: {claimed} of {paid} is refunded"
        );
    }
    for refund in &book.refunds {
        let amounts = refund.amounts;
        assert!(amounts.payable_fen > 0, "{refund:?} gives nothing back");
        assert!(
            (0..=amounts.payable_fen).contains(&amounts.cash_fen),
            "{refund:?}"
        );
        assert!(
            (0..=amounts.payable_fen).contains(&amounts.receivable_fen),
            "{refund:?}"
        );
    }
}

fn accounts_agree_with_what_happened(book: &OrderBook, mut balances: BTreeMap<Account, i64>) {
    let order = &book.order;
    let refunded = total(book, |state| state == RefundState::Succeeded);
    let (mut surplus, mut cost, mut is_direct) = (0, 0, false);
    let mut owed_by_channels = BTreeMap::<_, i64>::new();
    let paying_no = order.payment.as_ref().map(|payment| payment.attempt_no);
    for attempt in &book.attempts {
        let Some(evidence) = &attempt.evidence else {
            continue;
        };
        let is_payment = paying_no == Some(attempt.attempt_no);
        // What the channel kept in spite of a reversal is nobody's, also if it had paid the order.
        let is_payment = is_payment && attempt.state != AttemptState::Returning;
        let kept = match attempt.state {
            AttemptState::Reversed => 0,
            AttemptState::Paid | AttemptState::Reversing | AttemptState::Returning => {
                evidence.receivable_fen()
            }
            other => unreachable!("money arrived by an attempt that is {other:?}"),
        };
        let refunded_fen = if is_payment {
            refunded.receivable_fen
        } else {
            0
        };
        let account = Account::ChannelClearing(attempt.route.channel_account_id.clone());
        let owed = owed_by_channels.entry(account).or_default();
        *owed += kept - refunded_fen;
        if is_payment {
            let funds = attempt.route.funds;
            let cost_fen = funds.cost_fen(evidence.receivable_fen(), evidence.funding);
            cost = cost_fen - order.cost_returned_fen;
            *owed -= cost;
            let fee_fen = order.payment.as_ref().map_or(0, |payment| payment.fee_fen);
            if funds.mode == FundsMode::Direct && kept > 0 {
                // What is the merchant's was never here: the channel owes us the commission.
                is_direct = true;
                *owed -= kept - refunded_fen - (fee_fen - order.fee_returned_fen);
            }
        }
        surplus += if is_payment { 0 } else { kept };
    }
    for (account, owed) in owed_by_channels {
        let balance = balances.remove(&account).unwrap_or_default();
        assert_eq!(balance, owed, "{} holds another amount", account.name());
    }
    assert_eq!(
        -balances.remove(&Account::Surplus).unwrap_or_default(),
        surplus,
        "surplus"
    );

    let booked = balances.remove(&Account::ChannelCost).unwrap_or_default();
    assert_eq!(booked, cost, "channel cost");
    assert!(booked >= 0, "a cost of {booked}");
    let merchant = -balances
        .remove(&Account::MerchantBalance)
        .unwrap_or_default();
    let parts_fen = agents_parts(book, &mut balances);
    let income = -balances.remove(&Account::FeeIncome).unwrap_or_default();
    assert!(
        balances.is_empty(),
        "money on unknown accounts: {balances:?}"
    );
    let Some(payment) = &order.payment else {
        assert_eq!(
            (merchant, income),
            (0, 0),
            "money of the merchant's without a payment"
        );
        return;
    };
    assert!(
        !is_direct || merchant == 0,
        "{merchant} fen of a direct merchant"
    );
    assert!((0..=payment.fee_fen).contains(&income), "a fee of {income}");
    assert_eq!(
        income + parts_fen.iter().sum::<i64>(),
        payment.fee_fen - order.fee_returned_fen,
        "agents' parts and the platform's are what is left of the fee"
    );
    assert!(
        payment.fee_fen <= payment.evidence.receivable_fen(),
        "a fee above the receivable"
    );
    let is_all_back =
        order.state == OrderState::Reversed || refunded.payable_fen == payment.evidence.payable_fen;
    if is_all_back {
        assert_eq!(
            (merchant, income, booked, parts_fen.iter().sum::<i64>()),
            (0, 0, 0, 0),
            "all was given back, but not to the last fen"
        );
        assert_eq!(order.fee_returned_fen, payment.fee_fen);
    }
    if refunded.payable_fen == payment.evidence.payable_fen {
        assert_eq!(refunded.cash_fen, payment.evidence.cash_fen);
        assert_eq!(refunded.receivable_fen, payment.evidence.receivable_fen());
    }
}

/// What has accrued to each agent: never more than the difference to the one above it, where the
/// one above pays less, and never below nothing.
fn agents_parts(book: &OrderBook, balances: &mut BTreeMap<Account, i64>) -> Vec<i64> {
    let Some(payment) = &book.order.payment else {
        return Vec::new();
    };
    let mut attempts = book.attempts.iter();
    let paying = attempts.find(|attempt| attempt.attempt_no == payment.attempt_no);
    let levels = paying.expect("the paying attempt").route.shares.levels();
    let (receivable_fen, funding) = (payment.evidence.receivable_fen(), payment.evidence.funding);
    let mut below_fen = payment.fee_fen;
    let parts = levels.iter().map(|level| {
        let cost_fen = level
            .cost
            .base
            .fee_fen(receivable_fen, funding)
            .min(below_fen);
        let whole_fen = below_fen - cost_fen;
        below_fen = cost_fen;
        let account = Account::AgentAccrued(level.party_id.clone());
        let part_fen = -balances.remove(&account).unwrap_or_default();
        assert!(
            (0..=whole_fen).contains(&part_fen),
            "{part_fen} of {whole_fen} fen accrued to {}",
            level.party_id
        );
        if book.order.fee_returned_fen == 0 {
            assert_eq!(part_fen, whole_fen, "nothing of the fee went back");
        }
        part_fen
    });
    parts.collect()
}
