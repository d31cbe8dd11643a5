//! Jobs are taken under a lease, and given back.
//!
//! `leased_at` and `leased_by` tell a job that a node holds from one that is planned for later:
//! when that node starts anew it holds nothing, and what it held is due at once; what others hold
//! stays theirs.

use deadpool_postgres::GenericClient;
use heliu_ports::store::JobClass;
use heliu_trade::followup::job::{Job, JobKey, JobKind};
use heliu_trade::time::Timestamp;

use crate::columns::integer;
use crate::postgres::connections::{all, change};
use crate::postgres::fault::Fault;
use crate::rows::timeline;

/// One statement: two nodes never wait for one another, and never get the same job.
const CLAIM: &str = "WITH due AS (
    SELECT owner, subject_no, kind, about, due_at FROM job
    WHERE due_at <= $1 AND (kind = 'notify_merchant') = $2
    ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE job SET due_at = $4, tries = job.tries + 1, leased_at = $1, leased_by = $5 FROM due
    WHERE job.owner = due.owner AND job.subject_no = due.subject_no AND job.kind = due.kind
        AND job.about = due.about
    RETURNING job.owner, job.subject_no, job.kind, job.about, job.due_at, job.tries,
        due.due_at AS was_due_at
)
SELECT owner, subject_no, kind, about, due_at, tries FROM taken
ORDER BY was_due_at, owner, subject_no";

/// Up to `limit` jobs that are due, earliest first, now held by `node`.
pub(crate) async fn claim(
    client: &impl GenericClient,
    node: u8,
    class: JobClass,
    now: Timestamp,
    lease_ms: i64,
    limit: u32,
) -> Result<Vec<Job>, Fault> {
    let is_delivery = class == JobClass::Delivery;
    let (now_ms, until_ms) = (now.as_ms(), now.plus_ms(lease_ms).as_ms());
    let (limit, node) = (i64::from(limit), i16::from(node));
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&now_ms, &is_delivery, &limit, &until_ms, &node];
    all(client, CLAIM, &parameters, timeline::read_job).await
}

/// Gives a job back, unless another node has taken it since.
pub(crate) async fn give_back(
    client: &impl GenericClient,
    node: u8,
    key: &JobKey,
    at: Timestamp,
) -> Result<(), Fault> {
    let sql = "UPDATE job SET due_at = $5, leased_at = NULL, leased_by = NULL
        WHERE owner = $1 AND subject_no = $2 AND kind = $3 AND about = $4
            AND coalesce(leased_by, $6) = $6";
    let (number, about) = (integer(key.subject.no.as_u64()), integer(key.about));
    let (owner, kind) = (key.subject.owner.name(), key.kind.as_str());
    let (at, node) = (at.as_ms(), i16::from(node));
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&owner, &number, &kind, &about, &at, &node];
    change(client, sql, &parameters).await?;
    Ok(())
}

/// Makes jobs due now that are due later than any plan reaches; those that are held, at the end of
/// another lease.
pub(crate) async fn pull_back(
    client: &impl GenericClient,
    now: Timestamp,
    lease_ms: i64,
) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE job SET due_at = CASE WHEN leased_at IS NULL THEN $1 ELSE $3 END
        WHERE due_at > $2 AND due_at > $1::BIGINT + {}",
        timeline::plan_max_ms()
    );
    let earliest = now.plus_ms(JobKind::PLAN_MIN_MS);
    let held = now.plus_ms(lease_ms);
    let (now, earliest, held) = (now.as_ms(), earliest.as_ms(), held.as_ms());
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&now, &earliest, &held];
    change(client, &sql, &parameters).await?;
    Ok(())
}
