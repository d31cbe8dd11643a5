//! What nodes over the same books tell one another.

use std::sync::Arc;

use heliu_ports::store::{Nodes, Turn};
use heliu_ports::store_error::Answer;

use super::super::SqliteStore;

impl Nodes for SqliteStore {
    /// The folder's lock keeps other processes out.
    fn take_turn(&self, _what: &'static str) -> Answer<'_, Turn> {
        let turns = Arc::clone(&self.turns);
        Box::pin(async move { Ok(Turn::holding(turns.lock_owned().await)) })
    }
}
