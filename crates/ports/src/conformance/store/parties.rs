//! Parties: found as they were written, and put only where they fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::directory::Agent;
use heliu_trade::id::{AgentId, DialectId, PartyId};
use heliu_trade::parties::{LEVELS_MAX, Party};

use super::directory::key;
use crate::keys::KeyOwner;
use crate::store::{DirectoryChange, Newcomer, Store, StoreError, StoreErrorKind};

pub(super) fn party(party_id: &str, parent_id: Option<&str>) -> Party {
    Party {
        party_id: party_id.into(),
        parent_id: parent_id.map(PartyId::from),
        name: format!("代理 {party_id}"),
        is_enabled: true,
    }
}

pub(super) fn agent(dialect: &str, agent: &str) -> Agent {
    Agent {
        agent_id: agent.into(),
        dialect_id: dialect.into(),
        party_id: "a_party".into(),
        is_enabled: true,
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    }
}

pub(super) async fn put(
    store: &Arc<dyn Store>,
    party: &Party,
    agents: &[Agent],
) -> Result<(), StoreError> {
    let change = DirectoryChange::PutParty {
        party: party.clone(),
        agents: agents.to_vec(),
    };
    store.change_directory(change).await
}

async fn stands(store: &Arc<dyn Store>) -> Vec<Party> {
    store.list_parties().await.expect("read")
}

/// A chain of so many levels: `l-1`, `l-2` below it, and so on.
async fn chain(store: &Arc<dyn Store>, levels: usize) {
    for level in 1..=levels {
        let parent = (level > 1).then(|| format!("l-{}", level - 1));
        let one = party(&format!("l-{level}"), parent.as_deref());
        put(store, &one, &[]).await.expect("written");
    }
}

fn first_agent(party: &Party) -> Newcomer {
    let mut agent = agent("a_dialect", party.party_id.as_str());
    agent.party_id = party.party_id.clone();
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id.clone());
    Newcomer::Party {
        party: party.clone(),
        agent,
        keys: vec![key(&owner, 1)],
    }
}

pub(super) async fn a_party_is_found_as_it_was_written(store: &Arc<dyn Store>) {
    assert_eq!(stands(store).await, []);
    let (root, mut child) = (party("z", None), party("b", Some("z")));
    put(store, &root, &[]).await.expect("written");
    put(store, &child, &[]).await.expect("written");
    assert_eq!(stands(store).await, [child.clone(), root.clone()]);
    "other name".clone_into(&mut child.name);
    child.parent_id = None;
    let wires = ["a_dialect", "z_dialect"].map(|dialect| Agent {
        party_id: child.party_id.clone(),
        ..agent(dialect, "10")
    });
    put(store, &child, &wires).await.expect("written");
    assert_eq!(stands(store).await, [child.clone(), root]);
    assert_eq!(store.list_agents().await, Ok(wires.to_vec()));
    let (dialect, id) = (DialectId::from("z_dialect"), AgentId::from("10"));
    let found = store.find_agent(&dialect, &id).await.expect("read");
    assert_eq!(found.map(|record| record.party), Some(child));
}

pub(super) async fn a_place_that_does_not_fit_is_a_conflict_and_changes_nothing(
    store: &Arc<dyn Store>,
) {
    chain(store, LEVELS_MAX).await;
    let before = stands(store).await;
    let sixth = format!("l-{LEVELS_MAX}");
    for misplaced in [
        party("new", Some("nobody")),
        party("new", Some("new")),
        party("new", Some(&sixth)),
        party("l-1", Some("l-2")),
        party("l-1", Some(&sixth)),
    ] {
        let refused = put(store, &misplaced, &[agent("a_dialect", "10")]).await;
        let kind = refused.map_err(|error| error.kind());
        assert_eq!(kind, Err(StoreErrorKind::Conflict), "{misplaced:?}");
    }
    let refused = store.admit(first_agent(&party("new", Some(&sixth)))).await;
    let kind = refused.map_err(|error| error.kind());
    assert_eq!(kind, Err(StoreErrorKind::Conflict));
    assert_eq!(stands(store).await, before);
    assert_eq!(store.list_agents().await, Ok(Vec::new()));
}

pub(super) async fn of_two_moves_below_one_another_one_is_written(store: &Arc<dyn Store>) {
    for round in 0..10 {
        let names = [format!("a-{round}"), format!("b-{round}")];
        for name in &names {
            put(store, &party(name, None), &[]).await.expect("written");
        }
        let [a, b] = &names;
        let moves = [party(a, Some(b)), party(b, Some(a))];
        let moved = join_all(moves.iter().map(|one| put(store, one, &[]))).await;
        let written = moved.iter().filter(|one| one.is_ok()).count();
        assert_eq!(written, 1, "{moved:?}");
    }
}

pub(super) async fn new_parties_and_moves_at_once_keep_within_five_levels(store: &Arc<dyn Store>) {
    for round in 0..10 {
        let [root, middle, leaf, high] = ["r", "m", "l", "h"].map(|it| format!("{it}-{round}"));
        for one in [
            party(&root, None),
            party(&middle, Some(&root)),
            party(&leaf, None),
            party(&high, Some(&leaf)),
        ] {
            put(store, &one, &[]).await.expect("written");
        }
        // Each fits alone; both would be six levels: two, then three that move, then the new one.
        let third = party(&format!("t-{round}"), Some(&high));
        put(store, &third, &[]).await.expect("written");
        let moving = party(&leaf, Some(&middle));
        let new = first_agent(&party(&format!("n-{round}"), Some(third.party_id.as_str())));
        let (moved, admitted) = futures::join!(put(store, &moving, &[]), store.admit(new));
        let written = usize::from(moved.is_ok()) + usize::from(admitted == Ok(true));
        assert_eq!(written, 1, "{moved:?} {admitted:?}");
    }
}
