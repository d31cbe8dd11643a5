//! What nodes over the same books tell one another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use heliu_ports::store::StoreNews;
use heliu_trade::id::OrderNo;

/// A node's place among those over the same books.
pub(super) type NodeIndex = usize;

#[derive(Default)]
pub(super) struct Desk(Mutex<State>);

#[derive(Default)]
struct State {
    listeners: BTreeMap<NodeIndex, UnboundedSender<StoreNews>>,
    /// Which nodes wait for an order.
    watched: BTreeMap<OrderNo, BTreeSet<NodeIndex>>,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// News for a node from now on; whoever listened there before hears no more.
    pub(super) fn listen(&self, node: NodeIndex) -> UnboundedReceiver<StoreNews> {
        let (sender, receiver) = unbounded();
        self.state().listeners.insert(node, sender);
        receiver
    }

    /// A node waits for an order. It may have read just before another one wrote: it is told at
    /// once to look again.
    pub(super) fn watch(&self, node: NodeIndex, order_no: OrderNo) {
        let mut state = self.state();
        state.watched.entry(order_no).or_default().insert(node);
        state.tell(node, StoreNews::OrderChanged(order_no));
    }

    /// A node wrote an order.
    pub(super) fn wrote(&self, node: NodeIndex, order_no: OrderNo) {
        let state = self.state();
        let watching = state.watched.get(&order_no).into_iter().flatten();
        for other in watching.filter(|other| **other != node) {
            state.tell(*other, StoreNews::OrderChanged(order_no));
        }
    }

    /// Tells all nodes but one.
    pub(super) fn tell_others(&self, node: NodeIndex, news: StoreNews) {
        let state = self.state();
        for other in state.listeners.keys().filter(|other| **other != node) {
            state.tell(*other, news);
        }
    }

    /// Tells one node.
    pub(super) fn tell(&self, node: NodeIndex, news: StoreNews) {
        self.state().tell(node, news);
    }
}

impl State {
    fn tell(&self, node: NodeIndex, news: StoreNews) {
        if let Some(listener) = self.listeners.get(&node) {
            // A node that died hears nothing.
            let _ = listener.unbounded_send(news);
        }
    }
}
