//! Bills from their settlements to the bank's word, with all that is booked: the tables of
//! back-half.md, section 3.

#[path = "payouts/desk.rs"]
mod desk;

use desk::*;
use heliu_trade::followup::job::JobKind;
use heliu_trade::hold::HoldAmount;
use heliu_trade::ledger::Account;
use heliu_trade::payout::{Action, PayoutState};
use heliu_trade::payout_batch::{BatchState, check_batch};
use heliu_trade::settlement_terms::{Cycle, SettlementTerms};
use heliu_trade::time::MINUTE_MS;

fn terms(payout_fee_fen: i64) -> SettlementTerms {
    SettlementTerms {
        payout_fee_fen,
        ..SettlementTerms::default()
    }
}

/// The table "Held", from the settlement on: what a payment and a refund left is 8,977.
#[test]
fn held_money_is_paid_out_as_the_table_says() {
    let mut desk = Desk::with_settlements(&[8_977]);
    desk.place_hold(HoldAmount::Fen(500));
    let bill = desk.draft(&terms(100)).expect("a bill");
    assert_eq!(
        (
            bill.amounts.plan_fen,
            bill.amounts.suspend_fen,
            bill.amounts.real_fen
        ),
        (8_877, 500, 8_377)
    );
    desk.expect(&[
        (Account::MerchantBalance, 8_977),
        (Account::Frozen, -500),
        (Account::PayoutDue, -8_377),
        (Account::FeeIncome, -100),
    ]);
    desk.release(&bill);
    desk.begin(&bill, 1);
    desk.expect(&[
        (Account::MerchantBalance, 8_977),
        (Account::Frozen, -500),
        (Account::InTransit, -8_377),
        (Account::FeeIncome, -100),
    ]);
    desk.record(&bill, paid());
    // The bank returns it: a new bill, and no second fee.
    desk.record(&bill, returned("账户已销户"));
    let new = desk.newest();
    assert_eq!(new.remark, bill.bill_id().to_string());
    assert_eq!(
        (new.state, new.previous),
        (PayoutState::Drafted, Some(bill.payout_no))
    );
    assert_eq!((new.amounts.real_fen, new.amounts.fee_fen), (8_377, 0));
    let old = desk.bill(&bill);
    assert_eq!(
        (old.state, old.due_fen(), new.due_fen()),
        (PayoutState::Returned, 0, 8_377)
    );
    desk.release(&new);
    desk.begin(&new, 2);
    desk.record(&new, paid());
    desk.expect(&[
        (Account::MerchantBalance, 8_977),
        (Account::Frozen, -500),
        (Account::FeeIncome, -100),
        (Account::Bank(BANK.into()), -8_377),
    ]);
}

/// The example "Debt": a day below zero is netted by the next bill.
#[test]
fn a_debt_is_netted_and_never_hidden() {
    let mut desk = Desk::with_settlements(&[-4_981]);
    assert_eq!(desk.draft(&terms(0)), None);
    desk.expect(&[]);
    desk.add_settlement(3_000);
    assert_eq!(desk.draft(&terms(0)), None, "still below zero");
    desk.add_settlement(10_000);
    let bill = desk.draft(&terms(0)).expect("a bill");
    assert_eq!((bill.amounts.plan_fen, bill.settlements.len()), (8_019, 3));
}

#[test]
fn what_another_bill_pays_already_makes_none_and_is_no_fault() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(0));
    assert!(bill.is_some());
    let before = desk.balances();
    assert_eq!(desk.draft(&terms(0)), None);
    assert_eq!(desk.balances(), before);
    let mut desk = Desk::with_withdrawal(1_000);
    assert!(desk.withdraw(&terms(0)).is_some());
    assert_eq!(desk.withdraw(&terms(0)), None);
}

#[test]
fn a_failed_bill_is_repaired_under_its_number_with_a_new_request() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(0)).expect("a bill");
    desk.release(&bill);
    desk.begin(&bill, 1);
    desk.record(&bill, failed("输入的卡号无效,请确认后输入[1000014]"));
    desk.expect(&[
        (Account::MerchantBalance, 1_000),
        (Account::PayoutDue, -1_000),
    ]);
    desk.take(Action::Repair, &[desk.want(&bill)])
        .expect("repaired");
    assert_eq!(desk.bill(&bill).state, PayoutState::Drafted);
    desk.release(&bill);
    desk.begin(&bill, 2);
    desk.record(&bill, paid());
    let after = desk.bill(&bill);
    let numbers: Vec<_> = after
        .requests
        .iter()
        .map(|it| it.request_no.as_str())
        .collect();
    assert_eq!(numbers, ["0000000000000001", "0000000000000002"]);
    desk.expect(&[
        (Account::MerchantBalance, 1_000),
        (Account::Bank(BANK.into()), -1_000),
    ]);
}

/// A call that is still on its way could contradict what another one was refused with.
#[test]
fn what_a_bank_refused_has_failed_once_it_certainly_knows_no_such_number() {
    for (later, expected) in [
        (unknown(), PayoutState::Unknown),
        (not_found(), PayoutState::Failed),
        (paid(), PayoutState::Paid),
    ] {
        let mut desk = Desk::with_settlements(&[1_000]);
        let bill = desk.draft(&terms(0)).expect("a bill");
        desk.release(&bill);
        desk.begin(&bill, 1);
        desk.record(&bill, refused("户名超长"));
        assert_eq!(desk.bill(&bill).state, PayoutState::Unknown);
        let repaired = desk.take(Action::Repair, &[desk.want(&bill)]);
        assert!(repaired.is_err(), "no new number while nobody knows");
        desk.record(&bill, later);
        let after = desk.bill(&bill);
        assert_eq!(after.state, expected);
        let is_failed = expected == PayoutState::Failed;
        assert_eq!(after.reason, if is_failed { "户名超长" } else { "" });
    }
}

#[test]
fn a_refusal_counts_for_the_last_call_only() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(0)).expect("a bill");
    desk.release(&bill);
    desk.begin(&bill, 1);
    desk.record(&bill, refused("户名超长"));
    desk.take(Action::SendAgain, &[desk.want(&bill)])
        .expect("sent again");
    desk.record(&bill, not_found());
    assert_eq!(desk.bill(&bill).state, PayoutState::Unknown);
}

#[test]
fn what_the_bank_does_not_know_is_sent_again_under_the_same_number() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(0)).expect("a bill");
    desk.release(&bill);
    desk.begin(&bill, 1);
    desk.record(&bill, unknown());
    desk.record(&bill, not_found());
    assert_eq!(
        desk.bill(&bill).state,
        PayoutState::Unknown,
        "never failed by time"
    );
    desk.take(Action::SendAgain, &[desk.want(&bill)])
        .expect("sent again");
    desk.record(&bill, paid());
    let after = desk.bill(&bill);
    assert_eq!((after.requests.len(), after.state), (1, PayoutState::Paid));
    desk.record(&bill, failed("late"));
    assert_eq!(desk.bill(&bill).state, PayoutState::Paid, "ends are ends");
}

#[test]
fn of_a_withdrawal_the_same_bill_comes_back() {
    let mut desk = Desk::with_withdrawal(1_000);
    let bill = desk.withdraw(&terms(10)).expect("a bill");
    assert_eq!((bill.cycle, bill.amounts.real_fen), (Cycle::Manual, 990));
    desk.release(&bill);
    desk.begin(&bill, 1);
    desk.record(&bill, returned("账户已销户"));
    let after = desk.bill(&bill);
    assert!(after.awaits_repair() && after.replaced_by.is_none());
    desk.take(Action::Repair, &[desk.want(&bill)])
        .expect("repaired");
    desk.release(&bill);
    desk.begin(&bill, 2);
    desk.record(&bill, paid());
    desk.expect(&[
        (Account::Available, 1_000),
        (Account::FeeIncome, -10),
        (Account::Bank(BANK.into()), -990),
    ]);
}

#[test]
fn another_card_is_another_bill_without_an_entry() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(10)).expect("a bill");
    desk.take(Action::Redraw { next_no: no(90) }, &[desk.want(&bill)])
        .expect("the same card");
    assert_eq!(desk.bill(&bill).state, PayoutState::Drafted);
    desk.change_card();
    let before = desk.balances();
    desk.take(Action::Redraw { next_no: no(90) }, &[desk.want(&bill)])
        .expect("drawn anew");
    assert_eq!(desk.balances(), before);
    let (old, new) = (desk.bill(&bill), desk.newest());
    assert_eq!(
        (old.state, old.replaced_by),
        (PayoutState::Voided, Some(no(90)))
    );
    assert_eq!(
        (new.previous, new.amounts),
        (Some(bill.payout_no), bill.amounts)
    );
    assert_ne!(new.card, old.card);
}

#[test]
fn what_a_bill_gives_back_that_is_undone_comes_with_the_next_settlement() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(10)).expect("a bill");
    let reason = "a wrong contract".to_owned();
    desk.take(Action::Void { reason }, &[desk.want(&bill)])
        .expect("undone");
    desk.expect(&[]);
    assert_eq!(desk.items_fen(), 1_000);
}

#[test]
fn only_what_two_people_let_pass_is_sent() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(0)).expect("a bill");
    let refusal = desk.try_begin(&bill, 1).expect_err("not approved");
    assert!(refusal.message.contains("two people"), "{refusal}");
    desk.release(&bill);
    desk.change_card();
    desk.begin(&bill, 1);
    desk.begin(&bill, 2);
    assert_eq!(desk.bill(&bill).requests.len(), 1);
}

#[test]
fn what_people_let_pass_beforehand_is_sent_without_a_further_look() {
    let mut desk = Desk::with_withdrawal(1_000);
    desk.stand(1_000, 1_500);
    let bill = desk.withdraw(&terms(0)).expect("a bill");
    let batch = desk.form(&bill);
    for _ in 0..2 {
        desk.pass_standing(&batch).expect("within its limits");
    }
    assert_eq!(desk.used_fen(), 1_000, "once, however often it is tried");
    let passed = desk.batch(&batch);
    assert_eq!(passed.state, BatchState::Approved);
    assert_eq!(check_batch(&passed, None), []);
    assert_eq!(desk.bill(&bill).state, PayoutState::Approved);
}

#[test]
fn what_is_above_a_standing_limit_or_of_another_cycle_waits_for_people() {
    let mut above = Desk::with_withdrawal(1_001);
    above.stand(1_000, 5_000);
    let bill = above.withdraw(&terms(0)).expect("a bill");
    let mut of_yesterday = Desk::with_settlements(&[1_000]);
    of_yesterday.stand(1_000, 5_000);
    let other = of_yesterday.draft(&terms(0)).expect("a bill");
    for (mut desk, bill, words) in [
        (above, bill, "above the standing limit"),
        (of_yesterday, other, "two people look at"),
    ] {
        let batch = desk.form(&bill);
        let refusal = desk.pass_standing(&batch).expect_err("it waits");
        assert!(refusal.message.contains(words), "{refusal}");
        assert_eq!(desk.batch(&batch).state, BatchState::Drafted);
        assert_eq!(desk.used_fen(), 0);
    }
}

#[test]
fn a_batch_that_has_passed_is_sent_by_itself_and_not_before_the_morning() {
    const SEND: JobKind = JobKind::SendBatch;
    // Approved at 05:00 it is sent at 08:00, with the day's own; at 14:30 at once.
    for (later_min, due_min) in [(0, 180), (570, 570)] {
        let mut desk = Desk::with_settlements(&[1_000]);
        desk.later_ms = later_min * MINUTE_MS;
        let bill = desk.draft(&terms(0)).expect("a bill");
        let batch = desk.form(&bill);
        assert_eq!(
            desk.job_min(batch.batch_no, SEND),
            None,
            "people look at it"
        );
        desk.submit(&batch).expect("submitted");
        assert_eq!(desk.job_min(batch.batch_no, SEND), None);
        desk.pass(&batch).expect("let pass");
        desk.leave_alone(&batch);
        let due = desk.job_min(batch.batch_no, SEND);
        assert_eq!(
            due,
            Some(due_min),
            "a batch that has passed is not left alone"
        );
    }
    // Withdrawals do not wait for the morning, and are looked at without people's asking.
    let mut desk = Desk::with_withdrawal(1_000);
    let bill = desk.withdraw(&terms(0)).expect("a bill");
    let batch = desk.form(&bill);
    assert_eq!(desk.job_min(batch.batch_no, SEND), Some(0));
    desk.leave_alone(&batch);
    assert_eq!(
        desk.job_min(batch.batch_no, SEND),
        None,
        "it waits for people"
    );
    desk.submit(&batch).expect("submitted");
    desk.leave_alone(&batch);
    desk.pass(&batch).expect("let pass");
    assert_eq!(desk.job_min(batch.batch_no, SEND), Some(0));
}

#[test]
fn repaired_bills_of_the_same_minutes_come_into_a_batch_together() {
    const FORM: JobKind = JobKind::FormBatch;
    for (later_min, due_min) in [(0, 5), (4, 5), (7, 10)] {
        let mut desk = Desk::with_settlements(&[1_000]);
        let bill = desk.draft(&terms(0)).expect("a bill");
        desk.release(&bill);
        desk.begin(&bill, 1);
        desk.record(&bill, failed("输入的卡号无效,请确认后输入[1000014]"));
        desk.later_ms = later_min * MINUTE_MS;
        desk.take(Action::Repair, &[desk.want(&bill)])
            .expect("repaired");
        assert_eq!(desk.job_min(bill.payout_no, FORM), Some(due_min));
        let mut rival = desk.clone();
        desk.form(&bill);
        assert_eq!(desk.job_min(bill.payout_no, FORM), None, "it stands in one");
        rival
            .take(Action::Gathered, &[rival.want(&bill)])
            .expect("looked at");
        assert_eq!(rival.job_min(bill.payout_no, FORM), None);
    }
}

#[test]
fn a_batch_whose_bill_changed_does_not_pass() {
    let mut desk = Desk::with_settlements(&[1_000]);
    let bill = desk.draft(&terms(0)).expect("a bill");
    let batch = desk.form(&bill);
    desk.submit(&batch).expect("submitted");
    desk.change_card();
    desk.take(Action::Redraw { next_no: no(90) }, &[desk.want(&bill)])
        .expect("drawn anew");
    let refusal = desk.pass(&batch).expect_err("another card");
    assert!(refusal.message.contains("is voided since"), "{refusal}");
}

#[test]
fn a_reserve_and_a_running_refund_are_freed_once() {
    let mut desk = Desk::with_settlements(&[8_877]);
    // Of the one an earlier bill keeps a part already, of the other all.
    desk.running_refund(no(70), 400, 100);
    desk.running_refund(no(71), 250, 250);
    let bill = desk
        .draft(&SettlementTerms {
            reserve_ppm: 100_000,
            reserve_days: 30,
            ..SettlementTerms::default()
        })
        .expect("a bill");
    assert_eq!(bill.amounts.suspend_fen, 887 + 300);
    desk.expect(&[
        (Account::MerchantBalance, 8_877),
        (Account::Reserve, -887),
        (Account::Frozen, -300),
        (Account::PayoutDue, -7_690),
    ]);
    for _ in 0..2 {
        desk.take(Action::ReleaseReserve, &[desk.want(&bill)])
            .expect("free");
        let refund = Action::ReleaseRefund { refund_no: no(70) };
        desk.take(refund, &[desk.want(&bill)]).expect("free");
    }
    desk.expect(&[
        (Account::MerchantBalance, 8_877 - 887 - 300),
        (Account::PayoutDue, -7_690),
    ]);
}
