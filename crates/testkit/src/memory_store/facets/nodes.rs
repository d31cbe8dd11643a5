//! What nodes over the same books tell one another.

use futures::stream::BoxStream;
use heliu_ports::store::{Nodes, StoreNews};
use heliu_trade::id::OrderNo;

use super::super::MemoryStore;

impl Nodes for MemoryStore {
    fn news(&self) -> BoxStream<'static, StoreNews> {
        Box::pin(self.desk.listen(self.node))
    }

    fn announce_wait(&self, order_no: OrderNo) {
        self.desk.watch(self.node, order_no);
    }
}
