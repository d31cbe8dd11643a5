//! The condition of the books, and their end.

use futures::future::BoxFuture;
use heliu_ports::store::{BooksDamage, Upkeep};
use heliu_ports::store_error::Answer;

use super::super::connections::with_client;
use super::super::{CLOSE_LIMIT, PostgresStore, read};

impl Upkeep for PostgresStore {
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let mut tasks = self.finish();
            let all = async { while tasks.join_next().await.is_some() {} };
            if tokio::time::timeout(CLOSE_LIMIT, all).await.is_err() {
                tracing::warn!("the database is away: the last exchange records are lost");
            }
        })
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(self.prober.probe())
    }

    fn damages(&self) -> Answer<'_, Vec<BooksDamage>> {
        Box::pin(async move { with_client!(self.readers, client => read::story::damages(client)) })
    }
}
