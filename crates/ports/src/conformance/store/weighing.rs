//! Steps that weigh what stands on a merchant's accounts: what several at once may take together.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::approval::Approval;
use heliu_trade::error::ErrorCode;
use heliu_trade::followup::subject::Subject;
use heliu_trade::four_eyes;
use heliu_trade::id::OrderNo;
use heliu_trade::ledger::Account;
use heliu_trade::payout::{self, NewPayout, Payout, RunningRefund};
use heliu_trade::record::{Record, RecordKind, Want};
use heliu_trade::records::RecordAction;
use heliu_trade::refund_limit::RefundLimit;
use heliu_trade::settlement_card::{self, OwnerCards};
use heliu_trade::settlement_terms::{Cycle, SettlementTerms};
use heliu_trade::withdrawal::{self, Withdrawal, WithdrawalState};

use super::balances::commit;
use super::records::checking_card;
use super::settlements::{close, day, gather, open, owner, paid_directly};
use super::steps::Till;
use crate::journal::JournalFilter;
use crate::store::{CommitError, Committed, RecordsCommitted, Store};

/// The limit of refunds of an earlier day.
const fn limit(debt_limit_fen: i64) -> RefundLimit {
    RefundLimit {
        debt_limit_fen,
        only_if_settled: false,
    }
}

async fn take(
    till: &Till,
    wants: Vec<Want>,
    action: RecordAction,
) -> Result<RecordsCommitted, CommitError> {
    let audit_id = format!("act {}", till.number());
    commit(&till.store, wants, action, &audit_id).await
}

fn last(committed: Result<RecordsCommitted, CommitError>) -> Record {
    let after = committed.expect("committed").after;
    after.into_iter().flatten().next_back().expect("a record")
}

/// All that was booked so far is settled; the settlement.
async fn settle(till: &Till, cycle: Cycle) -> Subject {
    let settlement = open(till, cycle, 0).await;
    gather(till, &settlement, day(), 100).await;
    let sums = till.store.sum_items(settlement.clone()).await;
    close(till, &settlement, sums.expect("read")).await;
    settlement
}

/// A paid order whose money has left the merchant's balance; the merchant withdraws by hand.
async fn paid_and_gone(till: &Till, amount_fen: i64) -> OrderNo {
    let order_no = till.paid("gone", amount_fen).await;
    settle(till, Cycle::Manual).await;
    order_no
}

fn passed(results: &[Result<Committed, CommitError>]) -> usize {
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        let CommitError::Rejected(error) = error else {
            unreachable!("refused: {error}")
        };
        assert_eq!(error.code, ErrorCode::RefundBalanceShort, "{error}");
    }
    results.iter().filter(|result| result.is_ok()).count()
}

pub(super) async fn of_two_refunds_at_once_that_fit_singly_one_passes(store: &Arc<dyn Store>) {
    for index in 1..=12 {
        let till = Till::new(store, index);
        let gone = paid_and_gone(&till, 20_000).await;
        // Of which 4,981 are left.
        till.paid("new", 5_000).await;
        let both =
            ["r-1", "r-2"].map(|number| till.refund_within(gone, number, 3_000, Some(limit(0))));
        assert_eq!(passed(&join_all(both).await), 1, "merchant {index}");
    }
}

pub(super) async fn no_more_refunds_pass_than_the_balance_bears(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let gone = paid_and_gone(&till, 20_000).await;
    till.paid("new", 5_000).await;
    let numbers: Vec<String> = (0..40).map(|index| format!("r-{index}")).collect();
    let within = |debt_fen: i64| {
        let till = &till;
        move |number| till.refund_within(gone, number, 400, Some(limit(debt_fen)))
    };
    let results = join_all(numbers[..20].iter().map(|it| within(0)(it))).await;
    assert_eq!(passed(&results), 12, "4,800 of 4,981");
    let Some(CommitError::Rejected(error)) = results.into_iter().find_map(Result::err) else {
        unreachable!("eight were refused")
    };
    for figure in [
        "4.00 yuan",
        "49.81 unsettled",
        "48.00 that",
        "debt limit of 0.00",
    ] {
        assert!(error.message.contains(figure), "{figure} in {error}");
    }
    let results = join_all(numbers[20..].iter().map(|it| within(1_000)(it))).await;
    assert_eq!(passed(&results), 2, "5,600 of 4,981, and a debt of 1,000");
    let free = till.refund(gone, "of today", 400).await;
    free.expect("what is not under a limit is not weighed");
}

pub(super) async fn a_refund_of_today_is_weighed_once_its_money_is_settled(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    paid_and_gone(&till, 20_000).await;
    let of_today = RefundLimit {
        only_if_settled: true,
        ..limit(0)
    };
    let order_no = till.paid("today", 5_000).await;
    let refund = async |number: &str| {
        let refund = till.refund_within(order_no, number, 2_500, Some(of_today));
        refund.await
    };
    refund("r-1").await.expect("its own payment is behind it");
    let settlement = open(&till, Cycle::D0, 1).await;
    assert_eq!(gather(&till, &settlement, day(), 100).await.0, 2);
    // 4,981 stand there still, but the first refund takes 2,500 of it.
    assert_eq!(passed(&[refund("r-2").await]), 0);
}

pub(super) async fn no_more_withdrawals_pass_than_is_available(store: &Arc<dyn Store>) {
    for index in 1..=4 {
        let till = Till::new(store, index);
        // Of which 19,924 are available.
        paid_and_gone(&till, 20_000).await;
        let ask = |_| {
            let new = Withdrawal {
                withdrawal_no: till.number(),
                owner: owner(&till),
                amount_fen: 3_000,
                asked_by: "li".to_owned(),
                state: WithdrawalState::Asked,
                bill_id: None,
            };
            let action = withdrawal::Action::Ask(Box::new(new));
            take(&till, Vec::new(), RecordAction::Withdrawal(action))
        };
        let asked = join_all((0..20).map(ask)).await;
        assert_eq!(asked.iter().filter(|it| it.is_ok()).count(), 6);
        let refused = asked.into_iter().find_map(Result::err).expect("14 were");
        assert!(matches!(refused, CommitError::Rejected(_)), "{refused}");
        let filter = JournalFilter {
            account: Some(Account::Available),
            ..JournalFilter::whole(owner(&till))
        };
        let left = store.balances(filter).await.expect("read");
        assert_eq!(left.first().map(|it| it.balance_fen), Some(-1_924));
    }
}

/// The merchant is paid to a card.
async fn put_card(till: &Till) {
    let card = checking_card(till.number(), till.number());
    let propose = settlement_card::Action::Propose {
        owner: owner(till),
        record_no: till.number(),
        card: Box::new(card),
        maker: "li".to_owned(),
    };
    let wants = vec![OwnerCards::want(&owner(till))];
    let proposed = take(till, wants, RecordAction::SettlementCard(propose)).await;
    let approval: Approval = last(proposed).read().expect("an approval");
    let approve = four_eyes::Action::Approve {
        checker: "wang".to_owned(),
        new_no: till.number(),
    };
    let wants = four_eyes::wants(&approval).expect("sound");
    take(till, wants, RecordAction::Approval(approve))
        .await
        .expect("approved");
}

/// A bill of a settlement is made, which keeps back what refunds that run may take.
async fn draft(till: &Till, settlement: &Subject, running_refunds: Vec<RunningRefund>) -> Subject {
    let new = NewPayout {
        payout_no: till.number(),
        owner: owner(till),
        cycle: Cycle::T1,
        channel_account_id: "a_bank".into(),
        terms: SettlementTerms::default(),
        settlements: 1,
        holds: 0,
        running_refunds,
    };
    let wants = vec![
        Want::Numbered(RecordKind::Settlement, settlement.clone()),
        OwnerCards::want(&owner(till)),
    ];
    let action = payout::Action::Draft(Box::new(new));
    let drafted = last(take(till, wants, RecordAction::Payout(action)).await);
    assert_eq!(drafted.kind, RecordKind::Payout);
    drafted.subject
}

pub(super) async fn what_a_bill_keeps_for_a_refund_is_not_taken_twice(store: &Arc<dyn Store>) {
    let (till, other) = (Till::new(store, 1), Till::new(store, 2));
    put_card(&till).await;
    let (paid, others) = (till.paid("a", 20_000).await, other.paid("a", 20_000).await);
    other.refund(others, "r", 50).await.expect("accepted");
    let direct = paid_directly(&till, "b", 7_000).await;
    till.refund(direct, "direct", 70).await.expect("accepted");
    let ended = till.refund(paid, "ended", 100).await.expect("accepted");
    let ended = ended.after.refund.expect("a refund");
    till.end_refund(paid, ended.refund_no).await.expect("ended");
    let runs = till.refund(paid, "runs", 2_000).await.expect("accepted");
    let refund_no = runs.after.refund.expect("a refund").refund_no.0;

    let running = async || store.running_refunds(&till.merchant).await.expect("read");
    let mut expected = RunningRefund {
        refund_no,
        amount_fen: 2_000,
        filled_fen: 0,
    };
    assert_eq!(running().await, [expected], "of held money, which run");
    let settlement = settle(&till, Cycle::T1).await;
    draft(&till, &settlement, running().await).await;
    expected.filled_fen = 2_000;
    assert_eq!(running().await, [expected]);
    assert_eq!(expected.open_fen(), 0);

    // What comes now is not kept for that refund once more: 4,981.
    till.paid("new", 5_000).await;
    let refund =
        async |number: &str, fen: i64| till.refund_within(paid, number, fen, Some(limit(0))).await;
    assert_eq!(passed(&[refund("too much", 4_982).await]), 0);
    assert_eq!(passed(&[refund("all of it", 4_981).await]), 1);
}

pub(super) async fn the_end_of_a_refund_frees_what_a_bill_keeps_for_it(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    put_card(&till).await;
    let paid = till.paid("a", 20_000).await;
    let mut refunds = Vec::new();
    for number in ["r-1", "r-2"] {
        let accepted = till.refund(paid, number, 1_000).await.expect("accepted");
        refunds.push(accepted.after.refund.expect("a refund").refund_no);
    }
    let running = store.running_refunds(&till.merchant).await.expect("read");
    let settlement = settle(&till, Cycle::T1).await;
    let bill = draft(&till, &settlement, running).await;
    let on = async |account: Account| {
        let filter = JournalFilter {
            account: Some(account),
            ..JournalFilter::whole(owner(&till))
        };
        let found = store.balances(filter).await.expect("read");
        found.first().map_or(0, |it| it.balance_fen)
    };
    let kept = async || {
        let found = store.find_record(Want::Numbered(RecordKind::Payout, bill.clone()));
        let bill: Payout = found
            .await
            .expect("read")
            .expect("a bill")
            .read()
            .expect("one");
        (bill.fills.len(), on(Account::Frozen).await)
    };
    assert_eq!(kept().await, (2, -2_000));
    let both = refunds
        .iter()
        .map(|refund_no| till.end_refund(paid, *refund_no));
    let (first, both) = (refunds[0], both.collect::<Vec<_>>());
    for ended in join_all(both).await {
        ended.expect("ended");
    }
    assert_eq!(kept().await, (0, 0), "at once");
    assert_eq!(
        on(Account::MerchantBalance).await,
        -6,
        "3 of each one's fee"
    );
    till.end_refund(paid, first).await.expect("a repeat");
    assert_eq!(kept().await, (0, 0));
}
