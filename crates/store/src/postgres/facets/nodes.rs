//! What nodes over the same books tell one another.

use futures::stream;
use futures::stream::BoxStream;
use heliu_ports::store::{Nodes, StoreError, StoreNews, Turn};
use heliu_ports::store_error::Answer;
use heliu_trade::id::OrderNo;
use tokio::sync::broadcast::error::RecvError;

use super::super::PostgresStore;
use super::super::connect::Purpose;
use super::super::fault::Fault;

/// A turn lasts as long as the session that took it.
const TAKE_TURN: &str = "SELECT pg_advisory_lock(hashtext('turn'), hashtext($1))";

impl Nodes for PostgresStore {
    fn news(&self) -> BoxStream<'static, StoreNews> {
        let incoming = self.shared.news.subscribe();
        Box::pin(stream::unfold(
            incoming,
            async |mut incoming| match incoming.recv().await {
                Ok(news) => Some((news, incoming)),
                Err(RecvError::Lagged(_)) => Some((StoreNews::Missed, incoming)),
                Err(RecvError::Closed) => None,
            },
        ))
    }

    fn announce_wait(&self, order_no: OrderNo) {
        self.shared.news.announce_wait(order_no);
    }

    fn take_turn(&self, what: &'static str) -> Answer<'_, Turn> {
        Box::pin(async move {
            let client = self.shared.address.connect(Purpose::Keeping, |_| ()).await;
            let client = client.map_err(StoreError::from)?;
            let taken = client.execute(TAKE_TURN, &[&what]).await;
            taken.map_err(|error| StoreError::from(Fault::from(error)))?;
            Ok(Turn::holding(client))
        })
    }
}
