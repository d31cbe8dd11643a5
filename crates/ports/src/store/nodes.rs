//! What nodes over the same books tell one another.

use futures::stream::BoxStream;
use heliu_trade::id::OrderNo;

/// What happened to the books beside this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreNews {
    /// Merchants, apps, agents, keys, channel accounts or rates changed.
    DirectoryChanged,
    /// An app was registered; nothing that was there has changed.
    AppAdded,
    /// An order changed that this node waits for.
    OrderChanged(OrderNo),
    /// A lease's time has gone by: jobs of a node that died may be due, of which no commit told.
    LeasesEnded,
    /// News were lost: anything may have changed.
    Missed,
}

/// What nodes over the same books tell one another. A facet of the books.
pub trait Nodes: Send + Sync {
    /// What other nodes do to the same books, from now on. Books that one node has alone have no
    /// news.
    fn news(&self) -> BoxStream<'static, StoreNews> {
        Box::pin(futures::stream::empty())
    }

    /// Somebody has waited for this order for a while: commits of other nodes on it become news,
    /// for some minutes; one that came just before this call does too.
    fn announce_wait(&self, _order_no: OrderNo) {}
}
