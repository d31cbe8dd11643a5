//! Whether the books can be used now, one look at a time: whoever asks while one is under way hears
//! what that one comes to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared as SharedFuture};
use heliu_ports::store::StoreError;

use super::connections::{Connections, with_client};
use super::node;
use super::shared::Shared;
use super::write;

/// How long a look waits for the database: less than whoever asks for readiness waits, so that it
/// hears in words what is wrong. Nothing is tried again, for the same reason.
const LOOK_LIMIT: Duration = Duration::from_secs(2);

/// A look that is under way, or was.
type Look = SharedFuture<BoxFuture<'static, Result<(), StoreError>>>;

/// Who looks.
pub(crate) struct Prober {
    shared: Arc<Shared>,
    readers: Connections,
    /// Not among the reads: a write that hangs must not take their connections.
    changers: Connections,
    last: Mutex<Option<Look>>,
}

impl Prober {
    pub(crate) fn new(shared: Arc<Shared>, readers: &Connections, changers: &Connections) -> Self {
        Self {
            shared,
            readers: readers.for_a_look(LOOK_LIMIT),
            changers: changers.for_a_look(LOOK_LIMIT),
            last: Mutex::new(None),
        }
    }

    /// Reads, and writes too if the last write failed. What is lasting is told without a look.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        self.shared.condition.lasting()?;
        let look = self.look();
        look.await
    }

    fn look(&self) -> Look {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = last.as_ref().filter(|look| look.peek().is_none()) {
            return look.clone();
        }
        let looking = look_once(
            Arc::clone(&self.shared),
            self.readers.clone(),
            self.changers.clone(),
        );
        // It goes on when whoever asked has gone, so that the next who asks begins no other.
        let task = tokio::spawn(looking);
        let result =
            task.map(|ended| ended.unwrap_or_else(|gone| Err(StoreError::unavailable(gone))));
        let look = result.boxed().shared();
        last.insert(look).clone()
    }
}

async fn look_once(
    shared: Arc<Shared>,
    readers: Connections,
    changers: Connections,
) -> Result<(), StoreError> {
    if shared.condition.is_unwritten() {
        with_client!(changers, client =>
            write::probe::probe(client, &shared))?;
        shared.condition.written();
    }
    with_client!(readers, client => node::confirm(client, &shared.lease))
}
