//! Hears what other nodes tell, and tells them what this one has to say, over one connection.

use std::sync::Arc;
use std::time::Duration;

use heliu_ports::store::StoreNews;
use heliu_trade::id::OrderNo;
use tokio::sync::{mpsc, watch};
use tokio_postgres::{AsyncMessage, Client, Notification};

use super::connect::Purpose;
use super::fault::Fault;
use super::news::{APP_ADDED, DIRECTORY, ORDER, Outbox, Outgoing, WAIT};
use super::shared::Shared;

/// Pause before the listener connects again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);

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
