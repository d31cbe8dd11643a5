//! What an approval allows, when, and how often.

use super::*;
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

/// What happens to an approval.
type Step<'s> = &'s dyn Fn(&mut Draft) -> Result<(), TradeError>;

/// Takes a step of the approval; how it stands afterwards.
fn take(standing: &Record, now: Timestamp, step: Step<'_>) -> Result<Record, TradeError> {
    let mut draft = Draft::new(now, vec![Some(standing.clone())].into());
    step(&mut draft)?;
    Ok(last(&draft.finish()))
}

fn last(changes: &RecordChanges) -> Record {
    changes.after[0].clone().expect("the approval")
}

fn proposed_as(action: ApprovalAction) -> Record {
    let mut draft = Draft::new(START, Vec::new().into());
    propose(&mut draft, &new_approval(action)).expect("proposed");
    last(&draft.finish())
}

fn proposed() -> Record {
    proposed_as(ApprovalAction::Card)
}

fn approved() -> Record {
    approved_by("wang", &proposed(), START).expect("approved")
}

fn approved_by(checker: &str, standing: &Record, now: Timestamp) -> Result<Record, TradeError> {
    take(standing, now, &|draft| approve(draft, 0, checker))
}

fn rejected_by(checker: &str, standing: &Record) -> Result<Record, TradeError> {
    take(standing, START, &|draft| reject(draft, 0, checker, "wrong"))
}

/// What uses the approval up, as deciders of other aggregates do.
fn used(standing: &Record, now: Timestamp, by: Use) -> Result<Record, TradeError> {
    let hash = content_hash(by.content);
    take(standing, now, &|draft| {
        use_up(draft, 0, by.action, by.subject, &hash)
    })
}

#[derive(Clone, Copy)]
struct Use {
    action: ApprovalAction,
    subject: &'static str,
    content: &'static str,
}

const RIGHT: Use = Use {
    action: ApprovalAction::Card,
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
    let told = refusal(approved_by("li", &proposed(), START));
    assert!(told.contains("another person must approve it"), "{told}");
    let taken_back = rejected_by("li", &proposed()).expect("rejected");
    assert_eq!(state(&taken_back), ApprovalState::Rejected);
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
            "is about card of limit 1",
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
        (ApprovalAction::Card, LIFE_MS),
        (ApprovalAction::PayoutBatch, BATCH_LIFE_MS),
    ] {
        let proposed = proposed_as(action);
        let by = Use { action, ..RIGHT };
        let (end, before) = (START.plus_ms(life_ms), START.plus_ms(life_ms - 1));
        let told = refusal(approved_by("wang", &proposed, end));
        assert!(told.contains("was over at"), "{told}");
        let approved = approved_by("wang", &proposed, before).expect("approved");
        let told = refusal(used(&approved, end, by));
        assert!(told.contains("was over at"), "{told}");
        used(&approved, before, by).expect("in time");
    }
}

#[test]
fn what_is_decided_is_not_decided_again() {
    let rejected = rejected_by("wang", &proposed()).expect("rejected");
    let voided = |standing: &Record| take(standing, START, &|draft| void(draft, 0, "changed"));
    let void = voided(&approved()).expect("void");
    for (standing, expected) in [
        (&rejected, "was rejected by wang: wrong"),
        (&void, "is void: changed"),
        (&approved(), "was approved by wang already"),
    ] {
        let told = refusal(approved_by("zhao", standing, START));
        assert!(told.contains(expected), "{told}");
        let told = refusal(rejected_by("zhao", standing));
        assert!(told.contains(expected), "{told}");
    }
    for standing in [&rejected, &void] {
        refusal(used(standing, START, RIGHT));
    }
    let used_up = used(&approved(), START, RIGHT).expect("used");
    let after = voided(&used_up).expect("nothing to void");
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
