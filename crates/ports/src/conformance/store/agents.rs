//! Agents, and keys that take turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::id::{AgentId, AppId, DialectId};
use heliu_trade::parties::Party;

use super::directory::{enrolment, key};
use super::parties::{self, party};
use crate::keys::{KeyOwner, SealedKey};
use crate::store::{AgentRecord, DirectoryChange, Enrolment, Store};

fn agent(dialect: &str, agent: &str) -> Agent {
    Agent {
        settings: BTreeMap::from([("a switch".to_owned(), "on".to_owned())]),
        mini_programs: BTreeMap::from([("wx1".to_owned(), "an_account".into())]),
        ..parties::agent(dialect, agent)
    }
}

async fn put(store: &Arc<dyn Store>, agent: &Agent, keys: Vec<SealedKey>) {
    let party = party(agent.party_id.as_str(), None);
    parties::put(store, &party, &[]).await.expect("written");
    let change = DirectoryChange::PutAgent {
        agent: agent.clone(),
        keys,
    };
    store.change_directory(change).await.expect("written");
}

pub(super) async fn an_agent_is_found_as_it_was_written(store: &Arc<dyn Store>) {
    let (dialect, id) = (DialectId::from("a_dialect"), AgentId::from("an_agent"));
    assert_eq!(store.find_agent(&dialect, &id).await, Ok(None));
    let mut first = agent("a_dialect", "an_agent");
    let owner = KeyOwner::Agent(dialect.clone(), id.clone());
    put(store, &first, vec![key(&owner, 1)]).await;
    first.party_id = "another".into();
    first.settings.clear();
    put(store, &first, vec![key(&owner, 2)]).await;
    let others = [
        agent("a_dialect", "b_agent"),
        agent("z_dialect", "an_agent"),
    ];
    for other in &others {
        put(store, other, Vec::new()).await;
    }
    let record = AgentRecord {
        agent: first.clone(),
        party: party("another", None),
        keys: vec![key(&owner, 1), key(&owner, 2)],
    };
    assert_eq!(store.find_agent(&dialect, &id).await, Ok(Some(record)));
    let [second, third] = others;
    assert_eq!(store.list_agents().await, Ok(vec![first, second, third]));
}

pub(super) async fn keys_are_proved_and_retired(store: &Arc<dyn Store>) {
    let (dialect, id) = (DialectId::from("a_dialect"), AgentId::from("an_agent"));
    let owner = KeyOwner::Agent(dialect.clone(), id);
    let other = KeyOwner::App(dialect, AppId::from("an_agent"));
    let given = agent("a_dialect", "an_agent");
    let keys = vec![key(&owner, 1), key(&other, 1)];
    put(store, &given, keys).await;
    let next = DirectoryChange::PutKeys(vec![key(&owner, 2)]);
    store.change_directory(next).await.expect("written");
    let prove = DirectoryChange::ProveKey {
        owner: owner.name(),
        role: "request".to_owned(),
        version: 2,
    };
    store.change_directory(prove).await.expect("written");
    let proved = SealedKey {
        is_proved: true,
        ..key(&owner, 2)
    };
    let expected = Ok(vec![key(&owner, 1), proved.clone()]);
    assert_eq!(store.list_keys(owner.name()).await, expected);

    put(store, &given, vec![key(&owner, 2)]).await;
    assert_eq!(
        store.list_keys(owner.name()).await,
        expected,
        "the same key written again stays proved"
    );

    let retire = DirectoryChange::RetireKeys {
        owner: owner.name(),
        role: "request".to_owned(),
        below_version: 2,
    };
    store.change_directory(retire).await.expect("written");
    assert_eq!(store.list_keys(owner.name()).await, Ok(vec![proved]));
    assert_eq!(
        store.list_keys(other.name()).await,
        Ok(vec![key(&other, 1)]),
        "another owner's keys stay"
    );

    let changed = SealedKey {
        fingerprint: "another".to_owned(),
        ..key(&owner, 2)
    };
    put(store, &given, vec![changed.clone()]).await;
    assert_eq!(
        store.list_keys(owner.name()).await,
        Ok(vec![changed]),
        "another key is not proved"
    );
}

pub(super) async fn a_merchants_state_is_set_alone(store: &Arc<dyn Store>) {
    let change = DirectoryChange::Enrol {
        enrolment: enrolment("m-1"),
        keys: Vec::new(),
    };
    store.change_directory(change).await.expect("enrolled");
    for state in MerchantState::ALL {
        for merchant in ["m-1", "nobody"] {
            let change = DirectoryChange::SetMerchantState(merchant.into(), state);
            store.change_directory(change).await.expect("written");
        }
        let mut expected = enrolment("m-1");
        expected.merchant.state = state;
        assert_eq!(store.list_merchants().await, Ok(vec![expected]));
    }
}

/// What somebody writes who read before the door was shut: names and switches, and nothing that
/// opens it.
pub(super) async fn an_edit_from_an_old_reading_opens_nothing(store: &Arc<dyn Store>) {
    let (given, mut standing) = (agent("a_dialect", "an_agent"), enrolment("m-1"));
    put(store, &given, Vec::new()).await;
    let enrol = |enrolment: &Enrolment| DirectoryChange::Enrol {
        enrolment: enrolment.clone(),
        keys: Vec::new(),
    };
    let written = store.change_directory(enrol(&standing)).await;
    written.expect("enrolled");
    for is_enabled in [false, true, false] {
        let state = if is_enabled {
            MerchantState::Enabled
        } else {
            MerchantState::Disabled
        };
        let read_before = (given.clone(), standing.clone());
        for agent_id in ["an_agent", "nobody"] {
            let change = DirectoryChange::SetAgentEnabled {
                dialect_id: "a_dialect".into(),
                agent_id: agent_id.into(),
                is_enabled,
            };
            store.change_directory(change).await.expect("written");
        }
        let change = DirectoryChange::SetMerchantState("m-1".into(), state);
        store.change_directory(change).await.expect("written");

        let (mut old_agent, mut old) = read_before;
        old_agent.settings = [("edited".to_owned(), "yes".to_owned())].into();
        old.merchant.name = format!("to {is_enabled}");
        put(store, &old_agent, Vec::new()).await;
        let edit = DirectoryChange::EditMerchant {
            enrolment: old.clone(),
            keys: Vec::new(),
            dropped: Vec::new(),
        };
        for change in [edit, enrol(&old)] {
            store.change_directory(change).await.expect("written");
            (standing.merchant.state, standing.merchant.name) = (state, old.merchant.name.clone());
            assert_eq!(store.list_merchants().await, Ok(vec![standing.clone()]));
        }
        let expected = Agent {
            is_enabled,
            settings: old_agent.settings,
            ..given.clone()
        };
        assert_eq!(store.list_agents().await, Ok(vec![expected]));
    }
}

/// The same of a party and its agents.
pub(super) async fn a_party_edited_from_an_old_reading_opens_nothing(store: &Arc<dyn Store>) {
    let (old, old_agent) = (party("a_party", None), agent("a_dialect", "an_agent"));
    parties::put(store, &old, std::slice::from_ref(&old_agent))
        .await
        .expect("written");
    let (party_id, is_enabled) = (old.party_id.clone(), false);
    let shut = DirectoryChange::SetPartyEnabled {
        party_id,
        is_enabled,
    };
    store.change_directory(shut).await.expect("written");
    let edited = Party {
        name: "edited".to_owned(),
        ..old
    };
    parties::put(store, &edited, &[old_agent])
        .await
        .expect("written");
    let expected = Party {
        is_enabled,
        ..edited
    };
    assert_eq!(store.list_parties().await, Ok(vec![expected]));
}
