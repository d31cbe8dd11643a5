//! Approvals that nothing takes effect by at once.

use super::*;
use crate::approval::{
    Approval, ApprovalAction, ApprovalState, BATCH_LIFE_MS, Content, LIFE_MS, NewApproval,
    content_hash, use_up, void,
};
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::id::PlatformNo;
use crate::record::{Draft, Record, RecordChanges};
use crate::time::Timestamp;

const NO: PlatformNo = PlatformNo::from_u64(7);
const START: Timestamp = Timestamp::from_ms(1_000_000);
const CONTENT: &str = "the content";

fn new_approval(action: ApprovalAction) -> NewApproval {
    NewApproval {
        approval_no: NO,
        action,
        subject: "limit 1".to_owned(),
        content: Content::new(CONTENT).instead_of(Some("the old content".to_owned())),
        maker: "li".to_owned(),
    }
}

/// Takes a step of the approval; how it stands afterwards.
fn take(standing: Option<&Record>, now: Timestamp, action: Action) -> Result<Record, TradeError> {
    let loaded: Vec<_> = standing
        .map(|record| Some(record.clone()))
        .into_iter()
        .collect();
    let mut draft = Draft::new(now, loaded.into());
    decide(&mut draft, &action)?;
    let changes = draft.finish();
    assert!(changes.takes_effect, "somebody of the office did it");
    Ok(last(&changes))
}

fn last(changes: &RecordChanges) -> Record {
    changes.after[0].clone().expect("the approval")
}

fn proposed() -> Record {
    let new = new_approval(ApprovalAction::Standing);
    take(None, START, Action::Propose(Box::new(new))).expect("proposed")
}

fn approved() -> Record {
    take(Some(&proposed()), START, approve("wang")).expect("approved")
}

fn approve(checker: &str) -> Action {
    Action::Approve {
        checker: checker.to_owned(),
        new_no: PlatformNo::from_u64(8),
    }
}

fn reject() -> Action {
    Action::Reject {
        checker: "wang".to_owned(),
        reason: "wrong".to_owned(),
    }
}

/// What uses the approval up, as deciders of other aggregates do.
fn used(standing: &Record, now: Timestamp, by: Use) -> Result<Record, TradeError> {
    let mut draft = Draft::new(now, vec![Some(standing.clone())].into());
    let hash = content_hash(by.content);
    use_up(&mut draft, 0, by.action, by.subject, &hash)?;
    Ok(last(&draft.finish()))
}

#[derive(Clone, Copy)]
struct Use {
    action: ApprovalAction,
    subject: &'static str,
    content: &'static str,
}

const RIGHT: Use = Use {
    action: ApprovalAction::Standing,
    subject: "limit 1",
    content: CONTENT,
};

fn state(record: &Record) -> ApprovalState {
    record.read::<Approval>().expect("an approval").state
}

fn refusal<T: std::fmt::Debug>(result: Result<T, TradeError>) -> String {
    result.expect_err("refused").message
}

#[test]
fn what_another_person_lets_pass_is_used_once() {
    let approved = approved();
    assert_eq!(state(&approved), ApprovalState::Approved);
    let used_up = used(&approved, START, RIGHT).expect("used");
    let approval: Approval = used_up.read().expect("an approval");
    assert_eq!(approval.state, ApprovalState::Used);
    assert_eq!(approval.used_at, Some(START));
    assert_eq!(approval.checker.as_deref(), Some("wang"));
    let again = refusal(used(&used_up, START, RIGHT));
    assert!(again.contains("is used up"), "{again}");
}

#[test]
fn its_maker_does_not_approve_it_but_may_take_it_back() {
    let told = refusal(take(Some(&proposed()), START, approve("li")));
    assert!(told.contains("another person must approve it"), "{told}");
    let take_back = Action::Reject {
        checker: "li".to_owned(),
        reason: "a slip".to_owned(),
    };
    let rejected = take(Some(&proposed()), START, take_back).expect("rejected");
    assert_eq!(state(&rejected), ApprovalState::Rejected);
}

#[test]
fn an_approval_whose_checker_was_written_to_be_its_maker_is_worth_nothing() {
    let mut forged = approved();
    forged.body = forged.body.replace("wang", "li");
    let told = refusal(used(&forged, START, RIGHT));
    assert!(told.contains("another person"), "{told}");
}

#[test]
fn it_allows_nothing_but_what_was_looked_at() {
    for (by, expected) in [
        (
            Use {
                content: "another content",
                ..RIGHT
            },
            "has changed since",
        ),
        (
            Use {
                subject: "limit 2",
                ..RIGHT
            },
            "is about standing of limit 1",
        ),
        (
            Use {
                action: ApprovalAction::HoldRelease,
                ..RIGHT
            },
            "not about hold_release",
        ),
    ] {
        let told = refusal(used(&approved(), START, by));
        assert!(told.contains(expected), "{told}");
    }
    let mut altered = approved();
    altered.body = altered.body.replace(CONTENT, "another content");
    for content in [CONTENT, "another content"] {
        let told = refusal(used(&altered, START, Use { content, ..RIGHT }));
        assert!(told.contains("has changed since"), "{told}");
    }
}

#[test]
fn nothing_is_approved_or_used_late_and_payouts_have_a_day() {
    for (action, life_ms) in [
        (ApprovalAction::Standing, LIFE_MS),
        (ApprovalAction::PayoutBatch, BATCH_LIFE_MS),
    ] {
        let new = Action::Propose(Box::new(new_approval(action)));
        let proposed = take(None, START, new).expect("proposed");
        let by = Use { action, ..RIGHT };
        let (end, before) = (START.plus_ms(life_ms), START.plus_ms(life_ms - 1));
        let told = refusal(take(Some(&proposed), end, approve("wang")));
        assert!(told.contains("was over at"), "{told}");
        let approved = take(Some(&proposed), before, approve("wang")).expect("approved");
        let told = refusal(used(&approved, end, by));
        assert!(told.contains("was over at"), "{told}");
        used(&approved, before, by).expect("in time");
    }
}

#[test]
fn what_is_decided_is_not_decided_again() {
    let rejected = take(Some(&proposed()), START, reject()).expect("rejected");
    let why = || Action::Void {
        why: "changed".to_owned(),
    };
    let void = take(Some(&approved()), START, why()).expect("void");
    for (standing, expected) in [
        (&rejected, "was rejected by wang: wrong"),
        (&void, "is void: changed"),
        (&approved(), "was approved by wang already"),
    ] {
        let told = refusal(take(Some(standing), START, approve("zhao")));
        assert!(told.contains(expected), "{told}");
        let told = refusal(take(Some(standing), START, reject()));
        assert!(told.contains(expected), "{told}");
    }
    for standing in [&rejected, &void] {
        refusal(used(standing, START, RIGHT));
    }
    let used_up = used(&approved(), START, RIGHT).expect("used");
    let after = take(Some(&used_up), START, why()).expect("nothing to void");
    assert_eq!(state(&after), ApprovalState::Used);
    refusal(used(&proposed(), START, RIGHT));
}

#[test]
fn each_change_stands_in_its_timeline() {
    let mut draft = Draft::new(START, vec![Some(approved())].into());
    void(&mut draft, 0, "the limit is gone").expect("void");
    let saved = draft.finish().saved;
    let events = saved.iter().flat_map(|saved| &saved.consequences.events);
    let events: Vec<_> = events.map(|event| (event.kind, event.index)).collect();
    assert_eq!(events, [(EventKind::Voided, 2)]);
    for action in ApprovalAction::ALL {
        assert_eq!(ApprovalAction::parse(action.as_str()), Some(action));
    }
}
