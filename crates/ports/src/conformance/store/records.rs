//! Records: merchants' applications, and login codes.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::application::{Action, Applicant, Application, ApplicationState, Decision};
use heliu_trade::directory::{App, Merchant, MerchantState};
use heliu_trade::error::ErrorCode;
use heliu_trade::followup::event::EventKind;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{DialectId, MerchantId, PlatformNo};
use heliu_trade::login_code::{self, LoginCode, LoginCodeKey};
use heliu_trade::record::{Record, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement_card::{self, CardKind, CardState, OwnerCards, SettlementCard};

use super::steps::START;
use crate::store::{
    CommitError, DirectoryChange, Enrolment, RecordCommit, RecordFilter, RecordsCommitted, Store,
};

const AGENT: &str = "an_agent";

fn dialect() -> DialectId {
    DialectId::from("a_dialect")
}

/// A merchant that applies.
fn application(no: u64, app: &str, agent: &str, mobile: Option<&str>) -> Application {
    Application {
        application_no: PlatformNo::from_u64(no),
        applicant: Applicant {
            dialect_id: dialect(),
            agent_id: agent.into(),
            name_digest: "a name".to_owned(),
            mobile_digest: mobile.map(str::to_owned),
            username_digest: None,
        },
        app_id: app.into(),
        merchant_id: MerchantId::from(format!("m of {app}")),
        password_sealed: Some("sealed password".to_owned()),
        trade_code_sealed: "sealed code".to_owned(),
        members_sealed: "sealed members".to_owned(),
        state: ApplicationState::Auditing,
        reason: None,
    }
}

/// What becomes of the directory if it is new.
fn enrolment(application: &Application) -> DirectoryChange {
    let Application {
        applicant,
        app_id,
        merchant_id,
        ..
    } = application;
    DirectoryChange::Enrol {
        enrolment: Enrolment {
            merchant: Merchant {
                merchant_id: merchant_id.clone(),
                name: "小店".to_owned(),
                short_name: "店".to_owned(),
                state: MerchantState::Pending,
            },
            apps: vec![App {
                app_id: app_id.clone(),
                merchant_id: merchant_id.clone(),
                dialect_id: applicant.dialect_id.clone(),
                agent_id: Some(applicant.agent_id.clone()),
                partners: Vec::new(),
                settings: BTreeMap::new(),
            }],
            contracts: Vec::new(),
        },
        keys: Vec::new(),
    }
}

async fn commit(
    store: &Arc<dyn Store>,
    wants: Vec<Want>,
    action: RecordAction,
    at_ms: i64,
    directory: Vec<DirectoryChange>,
) -> Result<RecordsCommitted, CommitError> {
    let step = RecordStep {
        wants,
        now: START.plus_ms(at_ms),
        action,
    };
    store
        .commit_records(RecordCommit {
            step,
            directory,
            audit: None,
        })
        .await
}

/// The application that stands afterwards.
async fn submit(
    store: &Arc<dyn Store>,
    new: &Application,
    at_ms: i64,
) -> Result<Application, CommitError> {
    let action = RecordAction::Application(Action::Submit(Box::new(new.clone())));
    let directory = vec![enrolment(new)];
    let committed = commit(store, new.wants(), action, at_ms, directory).await?;
    let standing = committed.after.iter().flatten().next();
    Ok(read(standing.expect("one stands")))
}

fn read(record: &Record) -> Application {
    record.read().expect("an application")
}

async fn decide(
    store: &Arc<dyn Store>,
    application: &Application,
    decision: Decision,
    at_ms: i64,
) -> Result<Application, CommitError> {
    let want = Want::Numbered(RecordKind::Application, application.subject());
    let action = RecordAction::Application(Action::Decide(decision));
    let merchant_id = application.merchant_id.clone();
    let directory = vec![DirectoryChange::SetMerchantState(
        merchant_id,
        MerchantState::Enabled,
    )];
    let committed = commit(store, vec![want], action, at_ms, directory).await?;
    let decided = committed.after.first().cloned().flatten();
    Ok(read(&decided.expect("it is there")))
}

pub(super) async fn a_repeat_finds_the_first_application(store: &Arc<dyn Store>) {
    let first = application(1, "f1", AGENT, Some("1"));
    assert_eq!(submit(store, &first, 0).await, Ok(first.clone()));
    let repeat = application(2, "f2", AGENT, Some("1"));
    assert_eq!(submit(store, &repeat, 1).await, Ok(first.clone()));
    assert_eq!(submit(store, &first, 2).await, Ok(first.clone()));
    let enrolled = store.find_app(&dialect(), &"f1".into()).await;
    let enrolled = enrolled.expect("read").expect("enrolled");
    assert_eq!(enrolled.merchant.state, MerchantState::Pending);
    assert_eq!(enrolled.app.agent_id, Some(AGENT.into()));
    assert_eq!(store.find_app(&dialect(), &"f2".into()).await, Ok(None));

    let by_app = Application::name_of_app(&dialect(), &"f1".into());
    let want = Want::Named(RecordKind::Application, by_app);
    let found = store.find_record(want).await.expect("read");
    let found = found.expect("found by its number on the wire");
    assert_eq!(read(&found), first);
    let want = Want::Numbered(RecordKind::Application, first.subject());
    assert_eq!(
        store.find_record(want).await.as_ref(),
        Ok(&Some(found.clone()))
    );
    let numbered = store.find_numbered_record(RecordKind::Application, first.application_no);
    assert_eq!(numbered.await, Ok(Some(found)));
    let other = store.find_numbered_record(RecordKind::LoginCode, first.application_no);
    assert_eq!(other.await, Ok(None));

    let mut other_name = application(3, "f3", AGENT, Some("1"));
    other_name.applicant.name_digest = "another".to_owned();
    for new in [
        application(4, "f4", "b_agent", Some("1")),
        application(5, "f5", AGENT, Some("2")),
        other_name,
        application(6, "f6", AGENT, None),
        application(7, "f7", AGENT, None),
    ] {
        assert_eq!(submit(store, &new, 3).await, Ok(new.clone()));
    }
    assert_eq!(store.list_merchants().await.expect("read").len(), 6);
    let mark = first.applicant.mobile().expect("it has a number");
    let marked = store.marked_records(RecordKind::Application, mark).await;
    let marked = marked.expect("read");
    let apps: Vec<_> = marked
        .iter()
        .map(|record| read(record).app_id.to_string())
        .collect();
    assert_eq!(apps, ["f3", "f1"], "newest first, of this agent only");
}

pub(super) async fn of_20_simultaneous_applications_one_stands(store: &Arc<dyn Store>) {
    let all: Vec<Application> = (1..=20)
        .map(|no| application(no, &format!("f{no}"), AGENT, Some("1")))
        .collect();
    let standing = join_all(all.iter().map(|new| submit(store, new, 0))).await;
    let first = standing.first().expect("twenty");
    assert!(first.is_ok(), "{first:?}");
    assert!(standing.iter().all(|one| one == first));
    assert_eq!(store.list_merchants().await.expect("read").len(), 1);
}

pub(super) async fn a_login_name_is_one_merchants(store: &Arc<dyn Store>) {
    let named = |no, app, mobile| {
        let mut new = application(no, app, AGENT, Some(mobile));
        new.applicant.username_digest = Some("a username".to_owned());
        new
    };
    let first = named(1, "f1", "1");
    assert_eq!(submit(store, &first, 0).await, Ok(first.clone()));
    assert_eq!(
        submit(store, &named(2, "f2", "1"), 1).await,
        Ok(first),
        "a repeat"
    );
    let refused = submit(store, &named(3, "f3", "2"), 2).await;
    assert_eq!(refused_with(&refused), Some(ErrorCode::UsernameTaken));
    let nameless = application(4, "f4", AGENT, Some("4"));
    assert_eq!(submit(store, &nameless, 3).await, Ok(nameless.clone()));
    assert_eq!(
        submit(store, &named(5, "f5", "4"), 4).await,
        Ok(nameless),
        "a repeat that states another's login name finds its own, not the other one"
    );
    assert_eq!(store.find_app(&dialect(), &"f3".into()).await, Ok(None));
}

pub(super) async fn an_application_is_decided_and_its_timeline_says_so(store: &Arc<dyn Store>) {
    let new = application(1, "f1", AGENT, Some("1"));
    submit(store, &new, 0).await.expect("submitted");
    let state = async || {
        let app = store.find_app(&dialect(), &"f1".into()).await;
        app.expect("read").expect("enrolled").merchant.state
    };
    let rejected = decide(store, &new, Decision::Reject("blurred".to_owned()), 1).await;
    let rejected = rejected.expect("decided");
    assert_eq!(rejected.state, ApplicationState::Rejected);
    assert_eq!(rejected.reason.as_deref(), Some("blurred"));
    for (number, app, becomes) in [
        (2, "f2", ApplicationState::Rejected),
        (3, "f1", ApplicationState::Auditing),
    ] {
        let again = application(number, app, AGENT, Some("1"));
        let again = submit(store, &again, 2).await.expect("looked at again");
        assert_eq!((again.state, again.app_id.as_str()), (becomes, "f1"));
    }
    assert_eq!(
        store.find_app(&dialect(), &"f2".into()).await,
        Ok(None),
        "the first number stays"
    );
    let passed = decide(store, &new, Decision::Pass, 3).await;
    assert_eq!(passed.expect("decided").state, ApplicationState::Passed);
    assert_eq!(state().await, MerchantState::Enabled);
    decide(store, &new, Decision::Pass, 4)
        .await
        .expect("a repeat changes nothing");
    let late = decide(store, &new, Decision::Reject(String::new()), 5).await;
    assert!(matches!(late, Err(CommitError::Rejected(_))), "{late:?}");
    let trail = store.trail(&new.subject()).await.expect("read");
    let told: Vec<_> = trail
        .events
        .iter()
        .map(|event| (event.index, event.kind))
        .collect();
    assert_eq!(
        told,
        [
            (0, EventKind::Submitted),
            (1, EventKind::Rejected),
            (2, EventKind::Submitted),
            (3, EventKind::Passed)
        ]
    );
    let absent = application(9, "f9", AGENT, None);
    let unknown = decide(store, &absent, Decision::Pass, 6).await;
    assert!(
        matches!(unknown, Err(CommitError::Rejected(_))),
        "{unknown:?}"
    );
}

pub(super) async fn records_are_listed_page_by_page(store: &Arc<dyn Store>) {
    for no in 1..=5 {
        let new = application(no, &format!("f{no}"), AGENT, None);
        submit(store, &new, 0).await.expect("submitted");
    }
    let second = application(2, "f2", AGENT, None);
    decide(store, &second, Decision::Pass, 1)
        .await
        .expect("passed");
    let list = async |state: Option<&str>, below: Option<u64>, limit| {
        let filter = RecordFilter {
            kind: RecordKind::Application,
            state: state.map(str::to_owned),
            below: below.map(PlatformNo::from_u64),
            limit,
        };
        let listed = store.list_records(filter).await.expect("read");
        listed
            .iter()
            .map(|record| record.subject.no.as_u64())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(None, None, 3).await, [5, 4, 3]);
    assert_eq!(list(None, Some(3), 3).await, [2, 1]);
    assert_eq!(list(Some("passed"), None, 9).await, [2]);
    assert_eq!(list(Some("auditing"), Some(4), 9).await, [3, 1]);
}

/// A card has a number inside of its owner's cards, as a bill's request has inside of the bill: it
/// is given once, also after a restart with a clock that was set back.
pub(super) async fn a_number_inside_of_a_record_leaves_a_high_water_mark(store: &Arc<dyn Store>) {
    let card_no = PlatformNo::first_of(PlatformNo::from_u64(1).second() + 1_000);
    let card = checking_card(card_no, PlatformNo::from_u64(2));
    let owner = Owner::Merchant("m".into());
    let wants = vec![OwnerCards::want(&owner)];
    let action = RecordAction::SettlementCard(settlement_card::Action::Propose {
        owner,
        record_no: PlatformNo::from_u64(1),
        card: Box::new(card),
        maker: "li".to_owned(),
    });
    let committed = commit(store, wants, action, 0, Vec::new()).await;
    committed.expect("proposed");
    assert_eq!(store.high_water_second().await, Ok(card_no.second()));
}

fn key(number: &str) -> LoginCodeKey {
    LoginCodeKey {
        dialect_id: dialect(),
        agent_id: AGENT.into(),
        mobile_digest: number.to_owned(),
    }
}

async fn code_step(
    store: &Arc<dyn Store>,
    number: &str,
    action: login_code::Action,
    at_ms: i64,
) -> Result<Option<LoginCode>, CommitError> {
    let action = RecordAction::LoginCode(action);
    let committed = commit(store, vec![key(number).want()], action, at_ms, Vec::new()).await?;
    let record = committed.after.iter().flatten().next_back();
    Ok(record.map(|record| record.read().expect("a login code")))
}

/// Sends a code; whether it was not too early.
async fn send(store: &Arc<dyn Store>, number: &str, code: &str, at_ms: i64) -> bool {
    let action = login_code::Action::Send {
        record_no: PlatformNo::from_u64(u64::try_from(at_ms).expect("not before the start") + 1),
        key: key(number),
        code_digest: code.to_owned(),
        expires_at: START.plus_ms(at_ms + 1_200_000),
    };
    match code_step(store, number, action, at_ms).await {
        Ok(_) => true,
        refused => {
            assert_eq!(refused_with(&refused), Some(ErrorCode::RateLimited));
            false
        }
    }
}

async fn guess(store: &Arc<dyn Store>, number: &str, code: &str, at_ms: i64) -> bool {
    let action = login_code::Action::Try {
        code_digest: code.to_owned(),
    };
    let tried = code_step(store, number, action, at_ms).await;
    tried.expect("tried").is_some_and(|code| code.was_right)
}

pub(super) async fn a_login_code_serves_once_and_in_time(store: &Arc<dyn Store>) {
    assert!(!guess(store, "1", "a", 0).await, "none was sent");
    assert!(send(store, "1", "a", 0).await);
    assert!(!send(store, "1", "b", 59_999).await, "too early");
    assert!(send(store, "2", "b", 59_999).await, "another number");
    assert!(
        guess(store, "1", "a", 60_000).await,
        "the first still holds"
    );
    assert!(!guess(store, "1", "a", 60_000).await, "it is used up");
    assert!(send(store, "1", "b", 60_000).await);
    assert!(!guess(store, "1", "a", 60_001).await, "the old one is gone");
    assert!(
        guess(store, "1", "b", 1_259_999).await,
        "to the last instant"
    );
    assert!(send(store, "1", "c", 1_260_000).await);
    assert!(!guess(store, "1", "c", 2_460_000).await, "its time is over");
    let both = [guess(store, "2", "b", 0), guess(store, "2", "b", 0)];
    let right = join_all(both).await.into_iter().filter(|right| *right);
    assert_eq!(right.count(), 1, "of two at once one");

    assert!(send(store, "3", "a", 9_000_000).await);
    let is_right = guess(store, "3", "a", 10).await;
    assert!(!is_right, "the clock was set back: it would hold for hours");
    assert!(send(store, "3", "b", 10).await, "nobody waits for hours");
    assert!(guess(store, "3", "b", 11).await);
}

pub(super) async fn five_wrong_tries_make_a_login_code_void(store: &Arc<dyn Store>) {
    assert!(send(store, "1", "a", 0).await);
    for _ in 0..4 {
        assert!(!guess(store, "1", "wrong", 1).await);
    }
    assert!(guess(store, "1", "a", 1).await, "four are forgiven");
    assert!(send(store, "1", "b", 60_000).await);
    for _ in 0..5 {
        assert!(!guess(store, "1", "wrong", 60_001).await);
    }
    assert!(!guess(store, "1", "b", 60_001).await, "five are not");
    assert!(send(store, "1", "c", 120_000).await);
    assert!(guess(store, "1", "c", 120_001).await, "the next one is new");
}

/// Why a step was refused, if it was.
fn refused_with<T>(done: &Result<T, CommitError>) -> Option<ErrorCode> {
    match done {
        Err(CommitError::Rejected(error)) => Some(error.code),
        _ => None,
    }
}

/// A card that people have still to look at.
pub(super) fn checking_card(card_no: PlatformNo, approval_no: PlatformNo) -> SettlementCard {
    SettlementCard {
        card_no,
        holder_sealed: "sealed".to_owned(),
        holder_digest: "digest".to_owned(),
        holder_masked: "*试法人".to_owned(),
        kind: CardKind::Private,
        number_sealed: "sealed".to_owned(),
        number_digest: "digest".to_owned(),
        number_masked: "620000*********0018".to_owned(),
        clearing_number: "102584000010".to_owned(),
        bank_branch: "演示银行深圳支行".to_owned(),
        state: CardState::Checking,
        approval_no,
        created_at: START,
    }
}
