//! Merchants that agents register, and their login codes.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::directory::{App, Merchant, MerchantState};
use heliu_trade::id::{AgentId, AppId, DialectId, MerchantId};

use super::steps::START;
use crate::store::{
    DirectoryChange, LoginCode, LoginCodeKey, Registration, RegistrationKey, Store,
};

const AGENT: &str = "an_agent";

fn dialect() -> DialectId {
    DialectId::from("a_dialect")
}

/// A merchant to be, registered so many ms after the start.
fn registration(app: &str, agent: &str, mobile: Option<&str>, after_ms: i64) -> Registration {
    Registration {
        dialect_id: dialect(),
        agent_id: agent.into(),
        app_id: app.into(),
        merchant_id: MerchantId::from(format!("m of {app}")),
        name_digest: "a name".to_owned(),
        mobile_digest: mobile.map(str::to_owned),
        username_digest: mobile.map(|mobile| format!("user {mobile}")),
        password_sealed: Some("sealed password".to_owned()),
        trade_code_sealed: "sealed code".to_owned(),
        members_sealed: "sealed members".to_owned(),
        created_at: START.plus_ms(after_ms),
    }
}

async fn register(store: &Arc<dyn Store>, registration: &Registration) -> Registration {
    let merchant = Merchant {
        merchant_id: registration.merchant_id.clone(),
        name: "小店".to_owned(),
        short_name: "店".to_owned(),
        state: MerchantState::Pending,
    };
    let app = App {
        app_id: registration.app_id.clone(),
        merchant_id: registration.merchant_id.clone(),
        dialect_id: registration.dialect_id.clone(),
        agent_id: Some(registration.agent_id.clone()),
        partners: Vec::new(),
        settings: BTreeMap::new(),
    };
    let standing = store.register(merchant, app, registration.clone()).await;
    standing.expect("registered")
}

async fn find(store: &Arc<dyn Store>, agent: &str, key: RegistrationKey) -> Option<AppId> {
    let agent = AgentId::from(agent);
    let found = store.find_registration(&dialect(), &agent, key).await;
    found.expect("read").map(|found| found.app_id)
}

fn mobile(number: &str) -> RegistrationKey {
    RegistrationKey::Mobile(number.to_owned())
}

pub(super) async fn a_repeat_finds_the_first_registration(store: &Arc<dyn Store>) {
    let first = registration("f1", AGENT, Some("1"), 0);
    assert_eq!(register(store, &first).await, first);
    let repeat = registration("f2", AGENT, Some("1"), 1);
    assert_eq!(
        register(store, &repeat).await,
        first,
        "same number and name"
    );
    assert_eq!(register(store, &first).await, first, "the very same");
    let record = store.find_app(&dialect(), &"f1".into()).await;
    let record = record.expect("read").expect("registered");
    assert_eq!(record.merchant.state, MerchantState::Pending);
    assert_eq!(record.app.agent_id, Some(AGENT.into()));
    assert_eq!(store.find_app(&dialect(), &"f2".into()).await, Ok(None));
    let known =
        store.find_registration(&dialect(), &AGENT.into(), RegistrationKey::App("f1".into()));
    assert_eq!(known.await, Ok(Some(first.clone())));

    let other_name = Registration {
        name_digest: "another".to_owned(),
        ..registration("f3", AGENT, Some("1"), 2)
    };
    for new in [
        registration("f4", "b_agent", Some("1"), 3),
        registration("f5", AGENT, Some("2"), 4),
        other_name,
        registration("f6", AGENT, None, 5),
        registration("f7", AGENT, None, 6),
    ] {
        assert_eq!(register(store, &new).await, new, "{:?}", new.app_id);
    }
    assert_eq!(store.list_merchants().await.expect("read").len(), 6);
}

pub(super) async fn of_20_simultaneous_registrations_one_stands(store: &Arc<dyn Store>) {
    let all: Vec<Registration> = (0..20)
        .map(|index| registration(&format!("f{index}"), AGENT, Some("1"), index))
        .collect();
    let standing = join_all(all.iter().map(|new| register(store, new))).await;
    let first = standing.first().expect("twenty");
    assert!(standing.iter().all(|one| one == first));
    assert_eq!(store.list_merchants().await.expect("read").len(), 1);
}

pub(super) async fn the_newest_enabled_registration_is_found(store: &Arc<dyn Store>) {
    assert_eq!(find(store, AGENT, mobile("1")).await, None);
    for (index, app) in (0_i64..).zip(["f1", "f2", "f3"]) {
        let new = Registration {
            name_digest: app.to_owned(),
            ..registration(app, AGENT, Some("1"), index)
        };
        register(store, &new).await;
    }
    let set = |app: &str, state| {
        let merchant = MerchantId::from(format!("m of {app}"));
        store.change_directory(DirectoryChange::SetMerchantState(merchant, state))
    };
    let newest = || find(store, AGENT, mobile("1"));
    assert_eq!(newest().await, Some("f3".into()), "none is enabled");
    set("f1", MerchantState::Enabled).await.expect("written");
    assert_eq!(newest().await, Some("f1".into()), "one is enabled");
    set("f2", MerchantState::Enabled).await.expect("written");
    assert_eq!(newest().await, Some("f2".into()), "the newer one");
    set("f2", MerchantState::Disabled).await.expect("written");
    let by_name = RegistrationKey::Username("user 1".to_owned());
    assert_eq!(find(store, AGENT, by_name).await, Some("f1".into()));
    assert_eq!(find(store, "b_agent", mobile("1")).await, None);
    assert_eq!(find(store, AGENT, mobile("2")).await, None);
}

fn key(number: &str) -> LoginCodeKey {
    LoginCodeKey {
        dialect_id: dialect(),
        agent_id: AGENT.into(),
        mobile_digest: number.to_owned(),
    }
}

async fn send(store: &Arc<dyn Store>, number: &str, code: &str, at_ms: i64) -> bool {
    let code = LoginCode {
        key: key(number),
        code_digest: code.to_owned(),
        sent_at: START.plus_ms(at_ms),
        expires_at: START.plus_ms(at_ms + 1_200_000),
    };
    store.put_login_code(code).await.expect("written")
}

async fn guess(store: &Arc<dyn Store>, number: &str, code: &str, at_ms: i64) -> bool {
    let now = START.plus_ms(at_ms);
    let tried = store
        .try_login_code(key(number), code.to_owned(), now)
        .await;
    tried.expect("tried")
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
