//! What nodes tell one another, by LISTEN and NOTIFY: that the directory changed, that somebody
//! waits for an order, and that such an order changed. Never once per payment, and never within a
//! batch, since a transaction that notifies holds up all others that do (ruling 38).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::GenericClient;
use heliu_ports::store::StoreNews;
use heliu_trade::id::OrderNo;
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;

use super::fault::Fault;

/// The directory changed.
pub(crate) const DIRECTORY: &str = "heliu_directory";
/// What is said on that channel where an app was added and all else is as it was.
pub(crate) const APP_ADDED: &str = "app added";
/// Somebody waits for an order.
pub(super) const WAIT: &str = "heliu_wait";
/// An order that somebody waits for changed.
pub(super) const ORDER: &str = "heliu_order";

/// How long an order is watched for another node: longer than any request waits.
const WATCHED_FOR: Duration = Duration::from_secs(120);
/// News that wait for a slow reader; it is told if it missed some.
const WAITING_MAX: usize = 1024;

/// What this node has to tell.
pub(super) enum Outgoing {
    Waits(OrderNo),
    Changed(OrderNo),
}

/// News to and from other nodes.
pub(crate) struct News {
    incoming: broadcast::Sender<StoreNews>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    /// Orders that other nodes wait for, and until when.
    watched: Mutex<HashMap<OrderNo, Instant>>,
    /// How many: a commit pays one load for them while there are none.
    watched_count: AtomicUsize,
}

/// What is to be sent.
pub(crate) struct Outbox(pub(super) mpsc::UnboundedReceiver<Outgoing>);

impl News {
    pub(crate) fn new() -> (Self, Outbox) {
        let (outgoing, outbox) = mpsc::unbounded_channel();
        let news = Self {
            incoming: broadcast::channel(WAITING_MAX).0,
            outgoing,
            watched: Mutex::default(),
            watched_count: AtomicUsize::new(0),
        };
        (news, Outbox(outbox))
    }

    /// What other nodes tell from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<StoreNews> {
        self.incoming.subscribe()
    }

    /// Asks the other nodes to tell when they change an order.
    pub(crate) fn announce_wait(&self, order_no: OrderNo) {
        let _closed = self.outgoing.send(Outgoing::Waits(order_no));
    }

    /// Tells of the orders among these that other nodes wait for.
    pub(crate) fn tell_changed(&self, changed: &[OrderNo]) {
        if self.watched_count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        for order_no in changed
            .iter()
            .filter(|order_no| watched.contains_key(order_no))
        {
            let _closed = self.outgoing.send(Outgoing::Changed(*order_no));
        }
    }

    /// Another node waits for an order.
    pub(super) fn watch(&self, order_no: OrderNo) {
        let now = Instant::now();
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, until| *until > now);
        watched.insert(order_no, now + WATCHED_FOR);
        self.watched_count.store(watched.len(), Ordering::Relaxed);
    }

    /// Tells this node's engine.
    pub(crate) fn tell_engine(&self, news: StoreNews) {
        let _nobody_listens = self.incoming.send(news);
    }
}

/// Tells all nodes; within a transaction, when it commits.
pub(crate) async fn tell(
    client: &impl GenericClient,
    channel: &str,
    text: &str,
) -> Result<(), Fault> {
    let statement = client.prepare_cached("SELECT pg_notify($1, $2)").await?;
    client.query(&statement, &[&channel, &text]).await?;
    Ok(())
}
