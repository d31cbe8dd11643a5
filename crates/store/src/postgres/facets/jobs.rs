//! Jobs: what is to be done, when, and who has it.

use heliu_ports::store::{JobClass, Jobs};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::time::Timestamp;

use super::super::connections::with_client;
use super::super::{PostgresStore, read, write};

impl Jobs for PostgresStore {
    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>> {
        let node = self.node();
        Box::pin(async move {
            // A node that lost its number could not commit what comes of a job.
            self.shared.condition.has_number()?;
            with_client!(self.changers, client =>
                write::jobs::claim(client, node, class, now, lease_ms, limit))
        })
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()> {
        let node = self.node();
        Box::pin(async move {
            with_client!(self.changers, client => write::jobs::give_back(client, node, &key, at))
        })
    }

    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()> {
        Box::pin(async move {
            with_client!(self.changers, client => write::jobs::pull_back(client, now, lease_ms))
        })
    }

    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::orders::next_job_at(client)) },
        )
    }
}
