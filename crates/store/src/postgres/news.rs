//! What nodes tell one another, by LISTEN and NOTIFY: that the directory changed, that somebody waits for
//! an order, and that such an order changed. Never once per payment, and never within a batch, since a
//! transaction that notifies holds up all others that do (ruling 38).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::GenericClient;
use heliu_ports::store::StoreNews;
use heliu_trade::id::OrderNo;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;
use tokio_postgres::{AsyncMessage, Client, Notification};

use super::connect::Purpose;
use super::fault::Fault;
use super::shared::Shared;

/// The directory changed.
pub(crate) const DIRECTORY: &str = "heliu_directory";
/// What is said on that channel where an app was added and all else is as it was.
pub(crate) const APP_ADDED: &str = "app added";
/// Somebody waits for an order.
const WAIT: &str = "heliu_wait";
/// An order that somebody waits for changed.
const ORDER: &str = "heliu_order";

/// How long an order is watched for another node: longer than any request waits.
const WATCHED_FOR: Duration = Duration::from_secs(120);
/// News that wait for a slow reader; it is told if it missed some.
const WAITING_MAX: usize = 1024;
/// Pause before the listener connects again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);

/// What this node has to tell.
enum Outgoing {
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
pub(crate) struct Outbox(mpsc::UnboundedReceiver<Outgoing>);

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

    fn watch(&self, order_no: OrderNo) {
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

/// Listens until the store closes, over one connection after the other.
pub(crate) async fn listen(
    shared: Arc<Shared>,
    mut outbox: Outbox,
    mut closed: watch::Receiver<bool>,
) {
    let mut is_first = true;
    loop {
        let result = tokio::select! {
            result = listen_once(&shared, &mut outbox, is_first) => result,
            _ = closed.wait_for(|is_closed| *is_closed) => return,
        };
        if let Err(error) = result {
            tracing::debug!(%error, "news of other nodes are not heard for a moment");
        }
        is_first = false;
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

async fn listen_once(shared: &Shared, outbox: &mut Outbox, is_first: bool) -> Result<(), Fault> {
    let (sender, mut heard) = mpsc::unbounded_channel();
    let hear = move |message| {
        if let AsyncMessage::Notification(notification) = message {
            let _closed = sender.send(notification);
        }
    };
    let client = shared.address.connect(Purpose::Keeping, hear).await?;
    let listen = format!("LISTEN {DIRECTORY}; LISTEN {WAIT}; LISTEN {ORDER}");
    client.batch_execute(&listen).await?;
    if !is_first {
        // Whatever was told meanwhile, nobody knows.
        shared.news.tell_engine(StoreNews::Missed);
    }
    let run_no = shared.lease.run_no;
    loop {
        tokio::select! {
            notification = heard.recv() => match notification {
                Some(notification) => take(shared, &notification),
                None => return Ok(()),
            },
            outgoing = outbox.0.recv() => match outgoing {
                Some(Outgoing::Waits(order_no)) => send(&client, WAIT, run_no, order_no).await?,
                Some(Outgoing::Changed(order_no)) => send(&client, ORDER, run_no, order_no).await?,
                None => return Ok(()),
            },
        }
    }
}

async fn send(client: &Client, channel: &str, run_no: i64, order_no: OrderNo) -> Result<(), Fault> {
    let text = format!("{order_no} {run_no}");
    let sql = "SELECT pg_notify($1, $2)";
    client.query(sql, &[&channel, &text]).await?;
    Ok(())
}

fn take(shared: &Shared, notification: &Notification) {
    if notification.channel() == DIRECTORY {
        return shared.news.tell_engine(match notification.payload() {
            APP_ADDED => StoreNews::AppAdded,
            _ => StoreNews::DirectoryChanged,
        });
    }
    let Some((order_no, run_no)) = notification.payload().split_once(' ') else {
        return;
    };
    let (Ok(order_no), true) = (
        order_no.parse::<OrderNo>(),
        run_no != shared.lease.run_no.to_string(),
    ) else {
        return;
    };
    match notification.channel() {
        WAIT => {
            shared.news.watch(order_no);
            // Whoever announced may have read before we wrote and before we watched.
            if shared.recent.has(order_no) {
                shared.news.tell_changed(&[order_no]);
            }
        }
        ORDER => shared.news.tell_engine(StoreNews::OrderChanged(order_no)),
        _ => {}
    }
}
