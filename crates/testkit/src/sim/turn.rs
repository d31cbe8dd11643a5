//! Whose turn it is. Passwords are checked on a thread beside the runtime, and a run may not depend
//! on which of both is faster: that thread works only while the runtime has nothing to do.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

/// The turn.
pub(super) struct Turn {
    state: Mutex<State>,
    changed: Condvar,
    runtime: ThreadId,
    /// Whether anything is done beside the runtime at all.
    has_work: bool,
}

#[derive(Default)]
struct State {
    /// The runtime rests, and nobody has used that yet.
    is_free: bool,
    /// The run is over: nobody waits any more.
    is_over: bool,
}

impl Turn {
    /// Of the runtime of this thread. Without work beside it nobody ever waits.
    pub(super) fn new(has_work: bool) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            runtime: std::thread::current().id(),
            has_work,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The runtime has nothing to do, or something again.
    pub(super) fn runtime_rests(&self, rests: bool) {
        self.state().is_free = rests;
        self.changed.notify_all();
    }

    /// The run is over.
    pub(super) fn end(&self) {
        self.state().is_over = true;
        self.changed.notify_all();
    }

    /// Whether this is the thread beside the runtime.
    pub(super) fn is_beside(&self) -> bool {
        std::thread::current().id() != self.runtime
    }

    /// Beside the runtime: waits until the runtime rests, and lets nobody else go before it has
    /// rested once more.
    pub(super) fn take(&self) {
        if !self.is_beside() {
            return;
        }
        let waits = |state: &mut State| !state.is_free && !state.is_over;
        let state = self.changed.wait_while(self.state(), waits);
        state.unwrap_or_else(PoisonError::into_inner).is_free = false;
    }

    /// On the runtime: waits until everything that was begun beside it has ended. There is one
    /// thread, which takes one piece of work after the other.
    pub(super) async fn settle(self: &Arc<Self>) {
        if self.has_work {
            let turn = Arc::clone(self);
            let _ = tokio::task::spawn_blocking(move || turn.take()).await;
        }
    }
}
