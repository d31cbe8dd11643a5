//! States of payers who come back from a wallet's consent page.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::id::{MerchantId, OrderNo};

use super::steps::START;
use crate::store::{ConsentState, StateUse, Store};

const LIFE_MS: i64 = 600_000;

/// A state of an order that was made so many ms after the start.
fn state(merchant: &str, order: u64, nonce: &str, at_ms: i64) -> ConsentState {
    ConsentState {
        merchant_id: MerchantId::from(merchant),
        order_no: OrderNo::from_u64(order),
        nonce: nonce.to_owned(),
        expires_at: START.plus_ms(at_ms + LIFE_MS),
    }
}

async fn take(store: &Arc<dyn Store>, state: ConsentState, at_ms: i64) -> StateUse {
    let used = store.use_consent_state(state, START.plus_ms(at_ms)).await;
    used.expect("used")
}

pub(super) async fn a_state_is_used_once(store: &Arc<dyn Store>) {
    use StateUse::{Again, First};
    assert_eq!(take(store, state("m", 1, "a", 0), 1).await, First);
    assert_eq!(take(store, state("m", 1, "a", 0), 2).await, Again);
    for other in [
        state("m", 1, "b", 0),
        state("m", 2, "a", 0),
        state("n", 1, "a", 0),
    ] {
        assert_eq!(take(store, other.clone(), 3).await, First, "{other:?}");
        assert_eq!(take(store, other.clone(), 4).await, Again, "{other:?}");
    }
    assert_eq!(
        take(store, state("m", 1, "a", 0), LIFE_MS).await,
        Again,
        "to its last instant"
    );
}

pub(super) async fn of_20_simultaneous_returns_one_is_the_first(store: &Arc<dyn Store>) {
    let returns = (0..20).map(|_| take(store, state("m", 1, "a", 0), 1));
    let used = join_all(returns).await;
    let first = used.iter().filter(|used| **used == StateUse::First);
    assert_eq!(first.count(), 1, "{used:?}");
    assert!(!used.contains(&StateUse::TooMany), "{used:?}");
}

pub(super) async fn used_states_of_an_order_are_bounded_and_forgotten_in_time(
    store: &Arc<dyn Store>,
) {
    for index in 0..ConsentState::OF_ORDER_MAX {
        let used = take(store, state("m", 1, &index.to_string(), 0), 1).await;
        assert_eq!(used, StateUse::First, "{index}");
    }
    assert_eq!(
        take(store, state("m", 1, "more", 0), 2).await,
        StateUse::TooMany
    );
    assert_eq!(
        take(store, state("m", 1, "0", 0), 2).await,
        StateUse::Again,
        "it is known"
    );
    assert_eq!(
        take(store, state("m", 2, "0", 0), 2).await,
        StateUse::First,
        "another order"
    );
    let later = 2 * LIFE_MS;
    assert_eq!(
        take(store, state("m", 1, "more", later), later).await,
        StateUse::First
    );
    // A state whose time is over is nobody's to take: that it was forgotten shows that it makes
    // room.
    for index in 1..ConsentState::OF_ORDER_MAX {
        let used = take(store, state("m", 1, &format!("new {index}"), later), later).await;
        assert_eq!(used, StateUse::First, "{index}");
    }
    assert_eq!(
        take(store, state("m", 1, "too many", later), later).await,
        StateUse::TooMany
    );
}
