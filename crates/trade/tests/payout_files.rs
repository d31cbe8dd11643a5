//! Bills that a bank's result file ends, under an approval of its own.

#![allow(dead_code, reason = "each test binary uses a part of what they share")]

#[path = "payouts/desk.rs"]
mod desk;

use desk::*;
use heliu_trade::approval::{
    Approval, ApprovalAction, ApprovalState, Content, NewApproval, canonical,
};
use heliu_trade::error::TradeError;
use heliu_trade::four_eyes;
use heliu_trade::id::PlatformNo;
use heliu_trade::ledger::Account;
use heliu_trade::payout::{
    Action, FileEnd, FileResult, FileResults, Payout, PayoutState, RequestEnd,
};
use heliu_trade::payout_batch;
use heliu_trade::records::RecordAction;
use heliu_trade::settlement_terms::SettlementTerms;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::PayoutResult;

const REQUEST: u64 = 7;
const PAID_FEN: i64 = 8_977;
const AT: Timestamp = Timestamp::from_ms(0);

/// A bill that was handed over in a file.
fn handed_over() -> (Desk, Payout) {
    let mut desk = Desk::with_settlements(&[PAID_FEN]);
    let bill = desk.draft(&SettlementTerms::default()).expect("a bill");
    release_in_file(&mut desk, &bill, "abc", REQUEST);
    desk.begin(&bill, REQUEST);
    desk.record(&bill, unknown());
    let batch_no = desk.bill(&bill).batch_no.expect("in a batch");
    hand_over(&mut desk, batch_no, "abc").expect("handed over");
    hand_over(&mut desk, batch_no, "abc").expect("the same file again");
    let refused = hand_over(&mut desk, batch_no, "abd").expect_err("another file");
    assert!(
        refused.message.contains("what was let pass has abc"),
        "{refused:?}"
    );
    let bill = desk.bill(&bill);
    (desk, bill)
}

#[test]
fn a_batch_is_sent_as_the_file_that_two_people_let_pass_or_not_at_all() {
    let mut desk = Desk::with_settlements(&[PAID_FEN]);
    let bill = desk.draft(&SettlementTerms::default()).expect("a bill");
    let batch = desk.form(&bill);
    let without = desk.batch(&batch).hash;
    make_file(&mut desk, &batch, "abc", &[REQUEST, REQUEST + 1])
        .expect_err("a request more than bills");
    make_file(&mut desk, &batch, "abb", &[REQUEST + 1]).expect("made");
    make_file(&mut desk, &batch, "abc", &[REQUEST]).expect("made anew");
    assert_ne!(desk.batch(&batch).hash, without, "the digest counts");
    desk.submit(&batch).expect("submitted");
    let late = make_file(&mut desk, &batch, "abd", &[REQUEST]);
    late.expect_err("people look at it");
    desk.pass(&batch).expect("let pass");
    for sha256 in [None, Some("abd")] {
        let refused = desk.start(&batch, sha256).expect_err("another file");
        assert!(
            refused.message.contains("what was let pass has abc"),
            "{refused:?}"
        );
    }
    desk.start(&batch, Some("abc")).expect("started");
    let mut sent = desk.batch(&batch);
    let approval = Approval {
        approval_no: sent.approval_no.expect("let pass"),
        action: ApprovalAction::PayoutBatch,
        subject: sent.approval_subject(),
        content: Content::new(sent.content(&[desk.bill(&bill)])),
        hash: sent.hash.clone(),
        state: ApprovalState::Used,
        maker: "li".to_owned(),
        checker: Some("wang".to_owned()),
        reason: None,
        created_at: AT,
        expires_at: AT,
        decided_at: Some(AT),
        used_at: Some(AT),
    };
    assert_eq!(payout_batch::check_batch(&sent, Some(&approval)), []);
    if let Some(file) = &mut sent.file {
        "abd".clone_into(&mut file.sha256);
    }
    let found = payout_batch::check_batch(&sent, Some(&approval));
    assert_eq!(
        found.len(),
        1,
        "another file than the one that was let pass"
    );
    let refused = desk
        .try_begin(&bill, REQUEST + 1)
        .expect_err("a number of no line");
    assert!(refused.message.contains("another number"), "{refused:?}");
    desk.begin(&bill, REQUEST);
}

#[test]
fn a_void_file_goes_to_nobody_and_one_that_somebody_has_is_not_void() {
    for is_first in [true, false] {
        let mut desk = Desk::with_settlements(&[PAID_FEN]);
        let bill = desk.draft(&SettlementTerms::default()).expect("a bill");
        release_in_file(&mut desk, &bill, "abc", REQUEST);
        desk.begin(&bill, REQUEST);
        let batch_no = desk.bill(&bill).batch_no.expect("in a batch");
        let void = payout_batch::Action::VoidFile {
            reason: "changed".to_owned(),
        };
        let want = desk.numbered(batch_no);
        if is_first {
            let void = RecordAction::PayoutBatch(void);
            desk.step(void.clone(), std::slice::from_ref(&want))
                .expect("void");
            desk.step(void, &[want]).expect("void again");
            let refused = hand_over(&mut desk, batch_no, "abc").expect_err("void");
            assert!(refused.message.contains("is void"), "{refused:?}");
        } else {
            hand_over(&mut desk, batch_no, "abc").expect("handed over");
            let refused = desk.step(RecordAction::PayoutBatch(void), &[want]);
            let refused = refused.expect_err("somebody has it");
            assert!(refused.message.contains("was handed over"), "{refused:?}");
        }
    }
}

/// Two people let the bill pass in a file with this digest, and it is about to be sent.
fn release_in_file(desk: &mut Desk, bill: &Payout, sha256: &str, request_no: u64) {
    let batch = desk.form(bill);
    make_file(desk, &batch, sha256, &[request_no]).expect("made");
    desk.submit(&batch).expect("submitted");
    desk.pass(&batch).expect("let pass");
    desk.start(&batch, Some(sha256)).expect("started");
}

fn make_file(
    desk: &mut Desk,
    batch: &payout_batch::PayoutBatch,
    sha256: &str,
    request_nos: &[u64],
) -> Result<(), TradeError> {
    let make = payout_batch::Action::MakeFile {
        sha256: sha256.to_owned(),
        request_nos: request_nos.iter().map(|number| no(*number)).collect(),
    };
    desk.step(RecordAction::PayoutBatch(make), &batch.wants())
}

fn hand_over(desk: &mut Desk, batch_no: PlatformNo, sha256: &str) -> Result<(), TradeError> {
    let action = payout_batch::Action::HandOver {
        sha256: sha256.to_owned(),
    };
    let want = desk.numbered(batch_no);
    desk.step(RecordAction::PayoutBatch(action), &[want])
}

fn results(bill: &Payout, said: PayoutResult) -> FileResults {
    let end = match said {
        PayoutResult::Paid(evidence) => RequestEnd::Paid(evidence),
        PayoutResult::Failed(failure) => RequestEnd::Failed(failure),
        PayoutResult::Returned(returned) => RequestEnd::Returned(returned),
        other => unreachable!("{other:?} is no end"),
    };
    FileResults {
        batch_no: bill.batch_no.expect("in a batch"),
        sent_sha256: "abc".to_owned(),
        result_sha256: "def".to_owned(),
        results: vec![FileResult {
            owner: bill.owner.clone(),
            payout_no: bill.payout_no,
            request_no: no(REQUEST).to_string(),
            real_fen: bill.amounts.real_fen,
            end,
        }],
    }
}

/// li proposes what a file says.
fn propose(desk: &mut Desk, results: &FileResults) -> PlatformNo {
    let approval_no = desk.mint();
    let new = NewApproval {
        approval_no,
        action: ApprovalAction::ResultFile,
        subject: results.subject(),
        content: Content::new(canonical(results).expect("a text")),
        maker: "li".to_owned(),
    };
    let action = four_eyes::Action::Propose(Box::new(new));
    desk.step(RecordAction::Approval(action), &[])
        .expect("proposed");
    approval_no
}

fn approve(desk: &mut Desk, approval_no: PlatformNo, checker: &str) -> Result<(), TradeError> {
    let action = four_eyes::Action::Approve {
        checker: checker.to_owned(),
        new_no: no(3),
    };
    let want = desk.numbered(approval_no);
    desk.step(RecordAction::Approval(action), &[want])
}

fn enter(
    desk: &mut Desk,
    bill: &Payout,
    results: &FileResults,
    approval_no: PlatformNo,
) -> Result<(), TradeError> {
    let end = FileEnd {
        results: results.clone(),
        payout_no: bill.payout_no,
        next_no: desk.mint(),
    };
    let wants = [
        desk.want(bill),
        desk.numbered(no(2)),
        desk.numbered(approval_no),
    ];
    let action = RecordAction::Payout(Action::EndByFile(Box::new(end)));
    desk.step(action, &wants)
}

#[test]
fn a_file_that_two_people_have_seen_ends_its_bills_once() {
    let (mut desk, bill) = handed_over();
    let said = results(&bill, paid());
    let approval_no = propose(&mut desk, &said);
    approve(&mut desk, approval_no, "li").expect_err("one's own");
    enter(&mut desk, &bill, &said, approval_no).expect_err("nobody has let it pass");
    assert_eq!(desk.bill(&bill).state, PayoutState::Unknown);
    approve(&mut desk, approval_no, "wang").expect("another person");
    for _ in 0..2 {
        enter(&mut desk, &bill, &said, approval_no).expect("entered");
        assert_eq!(desk.bill(&bill).state, PayoutState::Paid);
        desk.expect(&[
            (Account::MerchantBalance, PAID_FEN),
            (Account::Bank(BANK.into()), -PAID_FEN),
        ]);
    }
}

#[test]
fn nothing_else_than_what_was_approved_ends_a_bill() {
    let (mut desk, bill) = handed_over();
    let said = results(&bill, failed("户名不符"));
    let approval_no = propose(&mut desk, &said);
    approve(&mut desk, approval_no, "wang").expect("another person");
    let mut other = said.clone();
    other.result_sha256 = "fed".to_owned();
    enter(&mut desk, &bill, &other, approval_no).expect_err("another file");
    let mut amount = said.clone();
    amount.results[0].real_fen += 1;
    enter(&mut desk, &bill, &amount, approval_no).expect_err("another amount");
    let mut request = said.clone();
    request.results[0].request_no = no(REQUEST + 1).to_string();
    enter(&mut desk, &bill, &request, approval_no).expect_err("another request");
    enter(&mut desk, &bill, &results(&bill, paid()), approval_no).expect_err("another end");
    assert_eq!(desk.bill(&bill).state, PayoutState::Unknown);
    enter(&mut desk, &bill, &said, approval_no).expect("entered");
    let ended = desk.bill(&bill);
    assert_eq!(
        (ended.state, ended.reason.as_str()),
        (PayoutState::Failed, "户名不符")
    );
}

#[test]
fn a_later_file_takes_back_what_was_paid_and_nothing_else() {
    let (mut desk, bill) = handed_over();
    desk.record(&bill, paid());
    for (said, state) in [
        (failed("户名不符"), PayoutState::Paid),
        (returned("账户已销户"), PayoutState::Returned),
    ] {
        let said = results(&bill, said);
        let approval_no = propose(&mut desk, &said);
        approve(&mut desk, approval_no, "wang").expect("another person");
        let is_entered = enter(&mut desk, &bill, &said, approval_no).is_ok();
        assert_eq!(is_entered, state == PayoutState::Returned);
        assert_eq!(desk.bill(&bill).state, state);
    }
}
