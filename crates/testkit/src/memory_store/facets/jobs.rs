//! Jobs: what is to be done, when, and who has it.

use heliu_ports::store::{JobClass, Jobs};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::time::Timestamp;

use super::super::MemoryStore;

impl Jobs for MemoryStore {
    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Answer<'_, Vec<Job>> {
        self.answer(|books| books.claim_jobs(self.node, class, now, lease_ms, limit))
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Answer<'_, ()> {
        self.answer(|books| books.return_job(self.node, &key, at))
    }

    fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Answer<'_, ()> {
        self.answer(|books| books.pull_back(now, lease_ms))
    }

    fn next_job_at(&self) -> Answer<'_, Option<Timestamp>> {
        self.answer(|books| books.next_job_at())
    }
}
