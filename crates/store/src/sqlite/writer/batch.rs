//! One transaction: commands one after the other, each seeing what the ones before it did.

use heliu_ports::crash;
use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::store::{Commit, Committed};
use heliu_trade::decide::decide;
use heliu_trade::order::Order;
use heliu_trade::record::RecordKind;
use heliu_trade::step::{Changes, Loaded, Target};
use rusqlite::params;

use super::additions::Additions;
use super::books::Books;
use crate::columns::integer;
use crate::sqlite::fault::Fault;
use crate::sqlite::read::record::marked;
use crate::sqlite::read::weighing;
use crate::sqlite::work::{Outcome, Request};

/// Pages that a probe writes: 2 MiB, more than a full batch of payments.
const PROBE_PAGES: u32 = 256;
/// Fills a page.
const PROBE_ROW_BYTES: u32 = 8000;

/// Whether the next commit on an order is near: its result is awaited, or its merchant is to be
/// told. Of any other the memory is better given back while it is warm.
fn is_to_be_continued(order: &Order) -> bool {
    !order.state.is_decided() || order.details.notify_url.is_some()
}

impl Books<'_> {
    /// Commits all requests and records, or nothing. After an error the caller rolls back.
    pub(super) fn transact(
        &mut self,
        requests: &[Request],
        records: &[ExchangeRecord],
    ) -> Result<Vec<Outcome>, Fault> {
        self.statements.begin.execute([])?;
        let mut additions = Additions::default();
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            if !matches!(request, Request::Commit(_)) {
                self.write(&mut additions)?;
            }
            outcomes.push(match request {
                Request::Commit(commit) => self.commit(commit, &mut additions)?,
                Request::ClaimJobs {
                    class,
                    now,
                    lease_ms,
                    limit,
                } => Outcome::Jobs(self.claim_jobs(*class, *now, *lease_ms, *limit)?),
                Request::PullBack { now, lease_ms } => self.pull_back(*now, *lease_ms)?,
                Request::ReturnJob { key, at } => self.return_job(key, *at)?,
                Request::ChangeDirectory(parts) => {
                    let (change, audit) = parts.as_ref();
                    self.change_directory(change, audit.as_ref())?
                }
                Request::Admit(parts) => {
                    let (newcomer, audit) = parts.as_ref();
                    self.admit(newcomer, audit.as_ref())?
                }
                Request::CommitRecords(commit) => self.commit_records(commit, &mut additions)?,
                Request::UseConsentState { state, now } => self.use_consent_state(state, *now)?,
                Request::GatherItems(gather) => self.gather_items(gather)?,
                Request::CloseDate { date, now } => self.close_date(*date, *now)?,
                Request::RollUp {
                    date,
                    balances,
                    lines,
                } => self.roll_up(*date, balances, *lines)?,
                Request::Probe => self.probe()?,
            });
        }
        for record in records {
            match record {
                ExchangeRecord::Request(request) => additions.requests.push((request, None)),
                ExchangeRecord::Answer(answer) => additions.answers.push(answer),
            }
        }
        self.write(&mut additions)?;
        self.trim_if_far_over()?;
        if self.seen.seen > self.seen.saved {
            let sql = "UPDATE node SET high_water_second = ?2 WHERE node = ?1";
            let second = integer(self.seen.seen);
            self.connection
                .prepare_cached(sql)?
                .execute(params![self.seen.node, second])?;
        }
        let is_waited_for = !requests.is_empty();
        if is_waited_for {
            crash::point("before commit");
        }
        self.statements.commit.execute([])?;
        self.seen.saved = self.seen.seen;
        self.open_from.saved = self.open_from.now;
        self.log.committed();
        if is_waited_for {
            crash::point("after commit");
        }
        Ok(outcomes)
    }

    /// Loads, lets the core decide, saves. The request half of the exchange is written either way:
    /// the log is no part of the books, and a refused request belongs in it too.
    fn commit<'r>(
        &mut self,
        commit: &'r Commit,
        additions: &mut Additions<'r>,
    ) -> Result<Outcome, Fault> {
        let step = &commit.step;
        let (merchant, target) = (&step.merchant_id, &step.target);
        if matches!(target, Target::NewOrder { .. })
            && let Ok(mut changes) = decide(Loaded::default(), step.clone())
            && self.save(merchant, target, &mut changes, additions)?
        {
            // Nearly every new order's number is free. It is not looked up: its insert would have
            // told.
            self.audit(commit.audit.as_deref())?;
            return Ok(self.committed(commit, changes, additions));
        }
        let mut loaded = self.load(merchant, target, additions)?;
        if let Some(order) = step.weighs() {
            // What the steps before this one booked is to be seen, and nobody else writes.
            self.write(additions)?;
            loaded.cover = Some(weighing::cover(self.connection, &order)?);
        }
        if let Some(mark) = step.frees(&loaded) {
            loaded.bills = marked(self.connection, RecordKind::Payout, &mark)?;
        }
        match decide(loaded, step.clone()) {
            Ok(mut changes) => {
                if self.save(merchant, target, &mut changes, additions)? {
                    self.audit(commit.audit.as_deref())?;
                    return Ok(self.committed(commit, changes, additions));
                }
                Err(Fault::Damaged("a number is free and taken".to_owned()))
            }
            Err(error) => {
                let order_no = error.order.as_ref().map(|order| order.order_no);
                let request = commit.exchange.as_ref();
                additions
                    .requests
                    .extend(request.map(|request| (request, order_no)));
                Ok(Outcome::Rejected(Box::new(error)))
            }
        }
    }

    fn committed<'r>(
        &mut self,
        commit: &'r Commit,
        changes: Changes,
        additions: &mut Additions<'r>,
    ) -> Outcome {
        let order = changes.after.order.as_ref();
        if let Some(request) = &commit.exchange {
            let order_no = order.map(|order| order.order_no);
            additions.requests.push((request, order_no));
        }
        if let Some(order) = order
            && is_to_be_continued(order)
        {
            self.recent.keep(order, &changes.after.attempts);
        }
        let next_job_at = changes.consequences.next_job_at();
        Outcome::Committed(Box::new(Committed {
            after: changes.after,
            next_job_at,
        }))
    }

    /// Writes as much as a large batch does, takes that back, and writes this node's line as it
    /// stands: one page may fit where a batch does not. It costs the disk a few MiB, and is asked
    /// for only while the last write failed.
    fn probe(&self) -> Result<Outcome, Fault> {
        let pages = format!(
            "SAVEPOINT probe;
            CREATE TABLE heliu_probe (filling BLOB);
            WITH RECURSIVE every (page) AS (VALUES (1) UNION ALL SELECT page + 1 FROM every
                WHERE page < {PROBE_PAGES})
            INSERT INTO heliu_probe SELECT zeroblob({PROBE_ROW_BYTES}) FROM every"
        );
        self.connection.execute_batch(&pages)?;
        // Else they would stay in memory, and nobody would know whether there is room for them.
        self.connection.cache_flush()?;
        self.connection
            .execute_batch("ROLLBACK TO probe; RELEASE probe")?;
        let sql = "UPDATE node SET high_water_second = high_water_second WHERE node = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute([self.seen.node])?;
        Ok(Outcome::Done)
    }
}
