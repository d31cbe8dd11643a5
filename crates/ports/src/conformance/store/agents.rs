//! Agents, and keys that take turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::id::{AgentId, AppId, DialectId};

use super::directory::{enrolment, key};
use super::parties::{self, party};
use crate::keys::{KeyOwner, SealedKey};
use crate::store::{AgentRecord, DirectoryChange, Store};

fn agent(dialect: &str, agent: &str) -> Agent {
    Agent {
        agent_id: agent.into(),
        dialect_id: dialect.into(),
        party_id: "a_party".into(),
        is_enabled: true,
        settings: BTreeMap::from([("a switch".to_owned(), "on".to_owned())]),
        mini_programs: BTreeMap::from([("wx1".to_owned(), "an_account".into())]),
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
    first.is_enabled = false;
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
