//! What other nodes do to the same books, heeded: caches forget, who waits looks again.

use futures::StreamExt;
use heliu_ports::store::StoreNews;

use crate::Inner;

/// Never ends; books that one node has alone have no news.
pub(crate) async fn heed(inner: &Inner) {
    let mut news = inner.store.news();
    while let Some(news) = news.next().await {
        match news {
            StoreNews::DirectoryChanged => inner.directory.forget(),
            StoreNews::AppAdded => inner.directory.forget_misses(),
            StoreNews::OrderChanged(order_no) => inner.waiters.wake(order_no),
            StoreNews::LeasesEnded => inner.alarm.set(inner.now(), inner.now()),
            StoreNews::Missed => {
                inner.directory.forget();
                inner.waiters.wake_all();
                inner.alarm.set(inner.now(), inner.now());
            }
        }
    }
    std::future::pending::<()>().await;
}
