//! What nodes over the same books tell one another.

use std::fmt;

use futures::stream::BoxStream;
use heliu_trade::id::OrderNo;

use crate::store_error::Answer;

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

/// A turn at what one node does at a time. It ends when this is dropped, or its process ends.
pub struct Turn(#[expect(dead_code, reason = "it is only kept")] Box<dyn Send>);

impl Turn {
    /// A turn that lasts as long as what it holds.
    pub fn holding(held: impl Send + 'static) -> Self {
        Self(Box::new(held))
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
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

    /// Waits until no other node over these books has a turn at `what`, and takes it. What is done
    /// in a turn is safe without it: it only spares nodes that begin together one another's
    /// conflicts. A turn whose connection breaks is over without a word.
    fn take_turn(&self, what: &'static str) -> Answer<'_, Turn>;
}
