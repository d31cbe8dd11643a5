//! The condition of the books, and their end.

use std::sync::Arc;

use futures::future::BoxFuture;
use heliu_ports::store::{BooksDamage, Jobs as _, StoreError, Upkeep};
use heliu_ports::store_error::Answer;

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, connection, join, read};

impl Upkeep for SqliteStore {
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.end();
            let writer = Arc::clone(&self.writer);
            let ending = tokio::task::spawn_blocking(move || join(&writer));
            if ending.await.is_err() {
                tracing::error!("the end of the books' writer was not waited for");
            }
        })
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(async {
            self.condition.lasting()?;
            if self.condition.is_unwritten() {
                self.ask(Request::Probe, Reply::Done).await?;
            }
            self.next_job_at().await.map(|_| ())
        })
    }

    fn examine(&self) -> Answer<'_, Vec<String>> {
        let (path, condition) = (self.path.clone(), Arc::clone(&self.condition));
        Box::pin(async move {
            // It takes as long as the whole file does, so it takes no reader's place.
            let examining = tokio::task::spawn_blocking(move || {
                let found = connection::open_reader(&path);
                let found = found.and_then(|books| read::examine::examine(&books));
                found.map_err(|fault| fault.noted(&condition))
            });
            examining.await.map_err(StoreError::unavailable)?
        })
    }

    fn damages(&self) -> Answer<'_, Vec<BooksDamage>> {
        Box::pin(self.readers.read(read::examine::damages))
    }
}
