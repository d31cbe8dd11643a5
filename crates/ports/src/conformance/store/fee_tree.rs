//! What was checked against who pays what is written only while that stands.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::fee::{FeeTerms, Tariff};
use heliu_trade::followup::subject::Owner;
use heliu_trade::wallet::WalletKind;

use super::directory::{enrolment, key};
use super::parties::party;
use crate::keys::KeyOwner;
use crate::store::{DirectoryChange, Newcomer, Store, StoreErrorKind};

fn fees(agent: &str, version: u32) -> DirectoryChange {
    DirectoryChange::PutFees(FeeVersion {
        owner: Owner::Agent(agent.into()),
        wallet: WalletKind::Wechat,
        channel_account_id: None,
        version,
        from: FeeVersion::AT_ONCE,
        tariff: Tariff::from(FeeTerms::default()),
    })
}

fn moved(party_id: &str) -> DirectoryChange {
    let (party, agents) = (party(party_id, None), Vec::new());
    DirectoryChange::PutParty { party, agents }
}

/// What came of a change, by its kind.
async fn change(
    store: &Arc<dyn Store>,
    change: DirectoryChange,
    seen: u64,
) -> Result<(), StoreErrorKind> {
    let changed = store.change_directory(change.over_fee_tree(seen)).await;
    changed.map_err(|error| error.kind())
}

pub(super) async fn of_changes_that_looked_at_the_same_one_is_written(store: &Arc<dyn Store>) {
    for round in 0..10 {
        let seen = store.fee_tree().await.expect("read");
        let agents = ["a", "b", "c"].map(|name| format!("{name}-{round}"));
        let at_once = agents
            .iter()
            .map(|agent| change(store, fees(agent, 1), seen));
        let done = join_all(at_once).await;
        let written = done.iter().filter(|done| done.is_ok()).count();
        assert_eq!(written, 1, "{done:?}");
        let refused = done
            .iter()
            .filter(|it| **it == Err(StoreErrorKind::Conflict));
        assert_eq!(refused.count(), 2, "{done:?}");
        let costs = store.list_costs().await.expect("read");
        assert_eq!(costs.len(), round + 1, "the others are not written");
    }
}

pub(super) async fn each_change_is_another_state_and_a_repeat_is_known(store: &Arc<dyn Store>) {
    let first = store.fee_tree().await.expect("read");
    assert_eq!(change(store, fees("a", 1), first).await, Ok(()));
    assert_eq!(change(store, fees("a", 1), first).await, Ok(()), "a repeat");
    let conflict = Err(StoreErrorKind::Conflict);
    assert_eq!(change(store, moved("a"), first).await, conflict);
    assert_eq!(store.list_parties().await, Ok(Vec::new()));
    let second = store.fee_tree().await.expect("read");
    assert_ne!(first, second);
    assert_eq!(change(store, moved("a"), second).await, Ok(()));

    let third = store.fee_tree().await.expect("read");
    let owner = KeyOwner::App("a_dialect".into(), "app of m-1".into());
    let newcomer = Newcomer::Merchant {
        enrolment: enrolment("m-1"),
        keys: vec![key(&owner, 1)],
    };
    let late = store.admit(newcomer.clone().over_fee_tree(second)).await;
    assert_eq!(
        late.map_err(|error| error.kind()),
        Err(StoreErrorKind::Conflict)
    );
    for told in ["admitted", "a repeat"] {
        let admitted = store.admit(newcomer.clone().over_fee_tree(third)).await;
        assert_eq!(admitted, Ok(true), "{told}");
    }
    assert_ne!(store.fee_tree().await, Ok(third));
}
