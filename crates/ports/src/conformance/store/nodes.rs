//! Turns: what one node does at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join_all;

use crate::store::Store;

/// So many: in some books each is a session of its own.
const AT_ONCE: u32 = 5;
/// How often each gives way while it has the turn.
const YIELDS: usize = 10;

pub(super) async fn of_some_at_once_one_has_the_turn(store: &Arc<dyn Store>) {
    let (inside, done) = (AtomicU32::new(0), AtomicU32::new(0));
    let one = || async {
        let turn = store.take_turn("a check").await.expect("a turn");
        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "somebody has it");
        for _ in 0..YIELDS {
            tokio::task::yield_now().await;
        }
        inside.fetch_sub(1, Ordering::SeqCst);
        done.fetch_add(1, Ordering::SeqCst);
        drop(turn);
    };
    join_all((0..AT_ONCE).map(|_| one())).await;
    assert_eq!(done.load(Ordering::SeqCst), AT_ONCE);
}
