//! What nodes over the same books tell one another.

use futures::stream;
use futures::stream::BoxStream;
use heliu_ports::store::{Nodes, StoreNews};
use heliu_trade::id::OrderNo;
use tokio::sync::broadcast::error::RecvError;

use super::super::PostgresStore;

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
}
