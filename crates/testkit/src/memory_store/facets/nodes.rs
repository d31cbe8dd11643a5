//! What nodes over the same books tell one another.

use std::sync::Arc;

use futures::stream::BoxStream;
use heliu_ports::store::{Nodes, StoreNews, Turn};
use heliu_ports::store_error::Answer;
use heliu_trade::id::OrderNo;

use super::super::MemoryStore;

impl Nodes for MemoryStore {
    fn news(&self) -> BoxStream<'static, StoreNews> {
        Box::pin(self.desk.listen(self.node))
    }

    fn announce_wait(&self, order_no: OrderNo) {
        self.desk.watch(self.node, order_no);
    }

    fn take_turn(&self, _what: &'static str) -> Answer<'_, Turn> {
        let turns = Arc::clone(&self.turns);
        Box::pin(async move { Ok(Turn::holding(turns.lock_owned().await)) })
    }
}
