//! What becomes of an application: each state and what can happen to it, as one table.

use heliu_trade::application::{Action, Applicant, Application, ApplicationState, Decision};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, AppId, DialectId, MerchantId};
use heliu_trade::record::{Record, RecordChanges, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep, decide};
use heliu_trade::time::Timestamp;

use ApplicationState::{Auditing, Passed, Rejected};

const NO: &str = "1598916248207360";

/// A shop's application under the number `app_id`; `name` and `username` are who applies.
fn application(app_id: &str, name: &str, username: &str) -> Application {
    Application {
        application_no: NO.parse().expect("a number"),
        applicant: Applicant {
            dialect_id: DialectId::from("wire"),
            agent_id: AgentId::from("agent"),
            name_digest: name.to_owned(),
            mobile_digest: Some("mobile".to_owned()),
            username_digest: Some(username.to_owned()),
        },
        app_id: AppId::from(app_id),
        merchant_id: MerchantId::from(app_id),
        password_sealed: None,
        trade_code_sealed: "code".to_owned(),
        members_sealed: format!("members under {app_id}"),
        state: Auditing,
        reason: None,
    }
}

/// The shop's application in a state.
fn standing(state: ApplicationState) -> Application {
    Application {
        state,
        reason: (state == Rejected).then(|| "why".to_owned()),
        ..application("shop", "name", "user")
    }
}

fn recorded(application: &Application) -> Record {
    let step = submission(application.clone());
    let changes = decide(&step, vec![None; step.wants.len()]).expect("new");
    changes.saved.into_iter().next().expect("saved").record
}

fn submission(application: Application) -> RecordStep {
    RecordStep {
        wants: application.wants(),
        now: Timestamp::from_ms(1_000),
        action: RecordAction::Application(Action::Submit(Box::new(application))),
    }
}

/// What a decision makes of an application that stands.
fn decided(state: ApplicationState, decision: Decision) -> Result<RecordChanges, TradeError> {
    let application = standing(state);
    let step = RecordStep {
        wants: vec![Want::Numbered(
            RecordKind::Application,
            application.subject(),
        )],
        now: Timestamp::from_ms(2_000),
        action: RecordAction::Application(Action::Decide(decision)),
    };
    decide(&step, vec![Some(recorded(&application))])
}

/// What a submission makes of an application that stands and has all its names.
fn submitted(state: ApplicationState, new: Application) -> Result<RecordChanges, TradeError> {
    let step = submission(new);
    let record = recorded(&standing(state));
    decide(&step, vec![Some(record); step.wants.len()])
}

/// The state in which all that the step wanted is afterwards, and what happened.
fn told(changes: &RecordChanges) -> (ApplicationState, Vec<(&'static str, String)>, bool) {
    let after: Vec<Application> = changes
        .after
        .iter()
        .flatten()
        .map(|record| record.read().expect("an application"))
        .collect();
    assert!(after.windows(2).all(|pair| pair[0] == pair[1]), "{after:?}");
    let events = changes
        .saved
        .iter()
        .flat_map(|saved| saved.consequences.events.iter());
    let events = events.map(|event| (event.kind.as_str(), event.detail.clone()));
    (after[0].state, events.collect(), changes.takes_effect)
}

#[test]
fn the_office_decides_once() {
    let reject = || Decision::Reject("no licence".to_owned());
    let rejected = ("rejected", "no licence".to_owned());
    let passed = ("passed", String::new());
    for (state, decision, becomes, event) in [
        (Auditing, Decision::Pass, Passed, Some(&passed)),
        (Rejected, Decision::Pass, Passed, Some(&passed)),
        (Passed, Decision::Pass, Passed, None),
        (Auditing, reject(), Rejected, Some(&rejected)),
        (Rejected, reject(), Rejected, None),
    ] {
        let (after, events, takes_effect) = told(&decided(state, decision.clone()).unwrap());
        assert_eq!(after, becomes, "{state:?} {decision:?}");
        assert_eq!(events.first(), event, "{state:?} {decision:?}");
        assert_eq!(takes_effect, event.is_some(), "{state:?} {decision:?}");
    }
    let refused = decided(Passed, reject()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidParameter);
}

#[test]
fn a_repeat_finds_the_first_and_a_rejected_one_is_looked_at_again() {
    for (state, app_id, becomes, is_again) in [
        (Auditing, "shop", Auditing, false),
        (Auditing, "shop-2", Auditing, false),
        (Passed, "shop", Passed, false),
        (Rejected, "shop", Auditing, true),
        // On its way when the first one was rejected.
        (Rejected, "shop-2", Rejected, false),
    ] {
        let new = application(app_id, "name", "user");
        let (after, events, takes_effect) = told(&submitted(state, new).unwrap());
        assert_eq!(after, becomes, "{state:?} {app_id}");
        assert_eq!(events.len(), usize::from(is_again), "{state:?} {app_id}");
        assert!(!takes_effect, "its merchant stands already");
    }
}

#[test]
fn two_merchants_of_an_agent_do_not_share_a_login_name() {
    let refused = submitted(Auditing, application("bar", "another name", "user")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::UsernameTaken);
}
