//! Who is new in the directory is admitted once, and nobody who stands is written over.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::directory::{Agent, App};
use heliu_trade::id::{AgentId, AppId, DialectId};
use heliu_trade::parties::Party;

use super::directory::{enrolment, key};
use super::parties::{agent, party};
use crate::keys::{KeyOwner, SealedKey};
use crate::store::{Enrolment, Newcomer, Store};

fn dialect() -> DialectId {
    DialectId::from("a_dialect")
}

/// Two merchants' enrolments with the same app, an app of each of two merchants, a party of two
/// names, and an agent with two switches.
fn rivals(index: usize) -> [Newcomer; 4] {
    let of = |owner: &KeyOwner| {
        let mut key = key(owner, 1);
        key.sealed = format!("sealed for {index}");
        vec![key]
    };
    let mut merchant = enrolment(&format!("m-{}", index % 2));
    let app = merchant.apps.first_mut().expect("one");
    app.app_id = "wanted by both".into();
    let owner = KeyOwner::App(dialect(), app.app_id.clone());
    let further = App {
        app_id: "another".into(),
        ..app.clone()
    };
    let of_further = KeyOwner::App(dialect(), further.app_id.clone());
    let agent = Agent {
        settings: BTreeMap::from([("index".to_owned(), index.to_string())]),
        ..agent("a_dialect", "an_agent")
    };
    let of_agent = KeyOwner::Agent(dialect(), agent.agent_id.clone());
    let first = Agent {
        agent_id: "a_first_agent".into(),
        ..agent.clone()
    };
    let of_first = KeyOwner::Agent(dialect(), first.agent_id.clone());
    let party = Party {
        name: format!("party {index}"),
        ..party("a_party", None)
    };
    [
        Newcomer::Merchant {
            enrolment: merchant,
            keys: of(&owner),
        },
        Newcomer::App {
            app: further,
            keys: of(&of_further),
        },
        Newcomer::Party {
            party,
            agent: first,
            keys: of(&of_first),
        },
        Newcomer::Agent {
            agent,
            keys: of(&of_agent),
        },
    ]
}

/// The keys that stand of each of the four.
async fn standing_keys(store: &Arc<dyn Store>) -> Vec<Vec<SealedKey>> {
    let owners = [
        KeyOwner::App(dialect(), "wanted by both".into()),
        KeyOwner::App(dialect(), "another".into()),
        KeyOwner::Agent(dialect(), "a_first_agent".into()),
        KeyOwner::Agent(dialect(), "an_agent".into()),
    ];
    let asked = owners.iter().map(|owner| store.list_keys(owner.name()));
    let found = join_all(asked).await.into_iter();
    found.map(|keys| keys.expect("read")).collect()
}

pub(super) async fn of_20_simultaneous_ones_one_is_admitted(store: &Arc<dyn Store>) {
    for kind in 0..4 {
        let merchants = store.list_merchants().await.expect("read");
        let standing = merchants
            .first()
            .map(|first| first.merchant.merchant_id.clone());
        let admit = async |index| {
            let [merchant, mut further, party, agent] = rivals(index);
            if let (Newcomer::App { app, .. }, Some(standing)) = (&mut further, &standing) {
                app.merchant_id.clone_from(standing);
            }
            let newcomer = match kind {
                0 => merchant,
                1 => further,
                2 => party,
                _ => agent,
            };
            store.admit(newcomer).await.expect("answered")
        };
        let admitted = join_all((0..20).map(admit)).await;
        let winners: Vec<_> = (0..20).filter(|index| admitted[*index]).collect();
        assert_eq!(winners.len(), 1, "of kind {kind} were admitted {winners:?}");
        let keys = standing_keys(store).await.swap_remove(kind);
        let sealed: Vec<_> = keys.iter().map(|key| key.sealed.as_str()).collect();
        let of_winner = format!("sealed for {}", winners.first().expect("one"));
        assert_eq!(sealed, [of_winner], "kind {kind}");
    }
    let merchants = store.list_merchants().await.expect("read");
    assert_eq!(
        merchants.len(),
        1,
        "whoever lost left nothing: {merchants:?}"
    );
    let parties = store.list_parties().await.expect("read");
    assert_eq!(parties.len(), 1, "{parties:?}");
}

pub(super) async fn one_that_stands_is_not_written_over(store: &Arc<dyn Store>) {
    for newcomer in rivals(0) {
        assert_eq!(store.admit(newcomer).await, Ok(true));
    }
    let before = (
        store.list_merchants().await.expect("read"),
        store.list_parties().await.expect("read"),
        store.list_agents().await.expect("read"),
        standing_keys(store).await,
    );
    let app_of = |merchant: &str| {
        let mut enrolment = enrolment(merchant);
        enrolment.apps[0].app_id = "another".into();
        enrolment
    };
    let keyless = |enrolment| Newcomer::Merchant {
        enrolment,
        keys: Vec::new(),
    };
    let [_, app, party, agent] = rivals(2);
    let taken = |party_id: &str, agent_id: &str| {
        let Newcomer::Party {
            mut party,
            mut agent,
            ..
        } = rivals(3)[2].clone()
        else {
            unreachable!("a party")
        };
        (party.party_id, agent.agent_id) = (party_id.into(), agent_id.into());
        agent.party_id = party.party_id.clone();
        let keys = Vec::new();
        Newcomer::Party { party, agent, keys }
    };
    for refused in [
        keyless(enrolment("m-0")),
        keyless(app_of("m-7")),
        keyless(Enrolment {
            apps: Vec::new(),
            ..enrolment("m-0")
        }),
        app,
        party,
        taken("a_party", "free"),
        taken("free", "an_agent"),
        agent,
    ] {
        assert_eq!(store.admit(refused.clone()).await, Ok(false), "{refused:?}");
    }
    let after = (
        store.list_merchants().await.expect("read"),
        store.list_parties().await.expect("read"),
        store.list_agents().await.expect("read"),
        standing_keys(store).await,
    );
    assert_eq!(after, before);
    let free = store.find_app(&dialect(), &AppId::from("app of m-0")).await;
    assert_eq!(free, Ok(None));
    let agent = store.find_agent(&dialect(), &AgentId::from("an_agent"));
    let agent = agent.await.expect("read").expect("stands");
    assert_eq!(agent.party.name, "party 0");
    assert_eq!(agent.agent.settings["index"], "0");
}

pub(super) async fn a_repeat_whose_answer_was_lost_is_known(store: &Arc<dyn Store>) {
    for newcomer in rivals(0) {
        assert_eq!(store.admit(newcomer.clone()).await, Ok(true));
        assert_eq!(
            store.admit(newcomer.clone()).await,
            Ok(true),
            "{newcomer:?}"
        );
    }
}
