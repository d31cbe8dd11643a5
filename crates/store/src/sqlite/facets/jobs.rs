//! Jobs: what is to be done, when, and who has it.

use heliu_ports::store::{JobClass, Jobs};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::time::Timestamp;

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, read};

impl Jobs for SqliteStore {
    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>> {
        Box::pin(self.ask(
            Request::ClaimJobs {
                class,
                now,
                lease_ms,
                limit,
            },
            Reply::Jobs,
        ))
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()> {
        Box::pin(self.ask(Request::ReturnJob { key, at }, Reply::Done))
    }

    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()> {
        Box::pin(self.ask(Request::PullBack { now, lease_ms }, Reply::Done))
    }

    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>> {
        Box::pin(self.readers.read(read::orders::next_job_at))
    }
}
