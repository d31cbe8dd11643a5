//! Contracts: several for a wallet, each through another account.

use std::sync::Arc;

use heliu_trade::directory::{Contract, RoutingTerms};
use heliu_trade::id::{AppId, DialectId};
use heliu_trade::wallet::WalletKind;

use super::directory::{enrolment, key};
use crate::keys::KeyOwner;
use crate::store::{DirectoryChange, Enrolment, Store};

const MERCHANT: &str = "m-1";

/// The merchant's WeChat contract through another account.
fn through(account: &str, priority: u32) -> Contract {
    let contracts = enrolment(MERCHANT).contracts;
    let mut of_wechat = contracts.into_iter();
    let model = of_wechat.find(|contract| contract.wallet == WalletKind::Wechat);
    Contract {
        channel_account_id: account.into(),
        routing: RoutingTerms {
            priority,
            ..RoutingTerms::default()
        },
        ..model.expect("it has one")
    }
}

/// The merchant as it stands with these contracts.
fn with(contracts: Vec<Contract>) -> Enrolment {
    Enrolment {
        contracts,
        ..enrolment(MERCHANT)
    }
}

async fn write(store: &Arc<dyn Store>, contracts: Vec<Contract>) {
    let change = DirectoryChange::Enrol {
        enrolment: with(contracts),
        keys: Vec::new(),
    };
    store.change_directory(change).await.expect("written");
}

/// What every reader of contracts hears: requests, the list, the page.
async fn assert_stand(store: &Arc<dyn Store>, expected: &[Contract]) {
    let app = AppId::from(format!("app of {MERCHANT}"));
    let found = store.find_app(&DialectId::from("a_dialect"), &app).await;
    let found = found.expect("read").expect("it stands");
    assert_eq!(found.contracts, expected);
    let all = vec![with(expected.to_vec())];
    assert_eq!(store.list_merchants().await, Ok(all));
}

pub(super) async fn a_wallet_may_have_several(store: &Arc<dyn Store>) {
    let limited = Contract {
        routing: RoutingTerms {
            priority: 0,
            weight: 3,
            amount_fen_min: Some(1),
            amount_fen_max: Some(5_000_000),
            from_minute: Some(0),
            until_minute: Some(1_440),
            daily_sum_fen_max: Some(9_000_000_000),
        },
        ..through("c", 0)
    };
    write(store, vec![through("b", 10), limited.clone()]).await;
    assert_stand(store, &[limited.clone(), through("b", 10)]).await;
    write(store, vec![through("a", 9)]).await;
    let three = [limited.clone(), through("a", 9), through("b", 10)];
    assert_stand(store, &three).await;

    // One for the same wallet through the same account is written over, whatever changes of it.
    let changed = Contract {
        sub_merchant_id: "another".to_owned(),
        ..through("c", 11)
    };
    for _ in 0..2 {
        write(store, vec![changed.clone()]).await;
        let three = [through("a", 9), through("b", 10), changed.clone()];
        assert_stand(store, &three).await;
    }
}

pub(super) async fn an_edit_drops_and_writes_at_once(store: &Arc<dyn Store>) {
    let [first, second, third] = [through("a", 0), through("b", 1), through("c", 0)];
    let owner = KeyOwner::of_contract(&first);
    let keys = vec![key(&owner, 1)];
    let change = DirectoryChange::Enrol {
        enrolment: with(vec![first.clone(), second.clone()]),
        keys: keys.clone(),
    };
    store.change_directory(change).await.expect("written");
    // A repeat finds it gone; another merchant's contract through the account stays.
    let other = enrolment("m-2");
    let change = DirectoryChange::Enrol {
        enrolment: other.clone(),
        keys: Vec::new(),
    };
    store.change_directory(change).await.expect("written");
    for _ in 0..2 {
        let theirs = other.contracts.first().map(Contract::key);
        let mut dropped = vec![first.key()];
        dropped.extend(theirs.map(|mut key| {
            key.merchant_id = MERCHANT.into();
            key
        }));
        let change = DirectoryChange::EditMerchant {
            enrolment: with(vec![third.clone()]),
            keys: Vec::new(),
            dropped,
        };
        store.change_directory(change).await.expect("written");
        assert_eq!(
            store.list_merchants().await,
            Ok(vec![
                with(vec![third.clone(), second.clone()]),
                other.clone()
            ])
        );
    }
    // What was paid under it may be refunded yet.
    assert_eq!(store.list_keys(owner.name()).await, Ok(keys));
}
