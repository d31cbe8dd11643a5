//! Jobs are taken under a lease, and given back.
//!
//! `leased_at` tells a job that somebody holds from one that is planned for later: when the process
//! starts anew nobody holds anything, and what was held is due at once.

use heliu_ports::store::JobClass;
use heliu_trade::followup::job::{Job, JobKey, JobKind};
use heliu_trade::time::Timestamp;
use rusqlite::{Connection, params};

use super::books::Books;
use crate::columns::integer;
use crate::rows::timeline;
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all;
use crate::sqlite::work::Outcome;

/// Jobs that a process held when it died are due at the instant it took them. Only one process has
/// the folder's lock, so nobody else can hold one.
pub(crate) fn rearm(connection: &Connection) -> Result<usize, Fault> {
    let sql = "UPDATE job SET due_at = leased_at, leased_at = NULL WHERE leased_at IS NOT NULL";
    Ok(connection.execute(sql, [])?)
}

impl Books<'_> {
    pub(super) fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<Job>, Fault> {
        let sql = format!(
            "SELECT {} FROM job WHERE due_at <= ?1 AND (kind = 'notify_merchant') = ?3
             ORDER BY due_at LIMIT ?2",
            timeline::JOB_COLUMNS
        );
        let due = params![now.as_ms(), limit, class == JobClass::Delivery];
        let mut jobs = all(self.connection, &sql, due, timeline::read_job)?;
        let mut lease = self.connection.prepare_cached(
            "UPDATE job SET due_at = ?5, tries = ?6, leased_at = ?7
             WHERE owner = ?1 AND subject_no = ?2 AND kind = ?3 AND about = ?4",
        )?;
        for job in &mut jobs {
            job.due_at = now.plus_ms(lease_ms);
            job.tries = job.tries.saturating_add(1);
            lease.execute(params![
                job.key.subject.owner.name(),
                integer(job.key.subject.no.as_u64()),
                job.key.kind.as_str(),
                integer(job.key.about),
                job.due_at.as_ms(),
                job.tries,
                now.as_ms(),
            ])?;
        }
        Ok(jobs)
    }

    pub(super) fn pull_back(&self, now: Timestamp, lease_ms: i64) -> Result<Outcome, Fault> {
        let sql = format!(
            "UPDATE job SET due_at = CASE WHEN leased_at IS NULL THEN ?1 ELSE ?3 END
             WHERE due_at > ?2 AND due_at > ?1 + {}",
            timeline::plan_max_ms()
        );
        let (earliest, held) = (now.plus_ms(JobKind::PLAN_MIN_MS), now.plus_ms(lease_ms));
        let times = params![now.as_ms(), earliest.as_ms(), held.as_ms()];
        self.connection.prepare_cached(&sql)?.execute(times)?;
        Ok(Outcome::Done)
    }

    pub(super) fn return_job(&self, key: &JobKey, at: Timestamp) -> Result<Outcome, Fault> {
        let sql = "UPDATE job SET due_at = ?5, leased_at = NULL
             WHERE owner = ?1 AND subject_no = ?2 AND kind = ?3 AND about = ?4";
        self.connection.prepare_cached(sql)?.execute(params![
            key.subject.owner.name(),
            integer(key.subject.no.as_u64()),
            key.kind.as_str(),
            integer(key.about),
            at.as_ms(),
        ])?;
        Ok(Outcome::Done)
    }
}
