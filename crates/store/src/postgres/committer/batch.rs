//! One transaction: steps one after the other, each seeing what the ones before it did.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use heliu_ports::crash;
use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::exchange_shares::Held;
use heliu_ports::store::{Commit, Committed};
use heliu_trade::decide::decide;
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::OrderNo;
use heliu_trade::step::{Changes, Save, Target};
use tokio_postgres::types::ToSql;

use super::additions::Additions;
use super::exchanges::Lines;
use super::link::{Link, Pipeline};
use super::load::{self, Books, NumberKey};
use super::tables::{NumberRow, NumberRows};
use crate::columns::integer;
use crate::postgres::fault::Fault;
use crate::postgres::shared::Shared;
use crate::postgres::write::office::audit;
use crate::postgres::write::records::update;

/// What came of a step.
pub(super) type Outcome = Result<Committed, TradeError>;

/// A batch that is decided, to be known as committed or not.
pub(super) struct Decided {
    outcomes: Vec<Outcome>,
    books: Books,
    changed: Vec<OrderNo>,
    named: Vec<i64>,
    logged: Held,
    second: u64,
}

/// Why a batch was not committed, as far as is known.
pub(super) struct Failure {
    pub(super) fault: Fault,
    /// What would stand in the books if COMMIT, which was sent, took effect after all.
    pub(super) decided: Option<Decided>,
}

/// A running batch.
pub(super) struct Running<'r> {
    shared: &'r Shared,
    link: &'r Link,
    commits: &'r [Commit],
    records: &'r [ExchangeRecord],
    /// Filled the moment before COMMIT is sent.
    decided: Mutex<Option<Decided>>,
}

/// Prepares to commit all steps and records, or nothing.
pub(super) fn run<'r>(
    shared: &'r Shared,
    link: &'r Link,
    commits: &'r [Commit],
    records: &'r [ExchangeRecord],
) -> Running<'r> {
    Running {
        shared,
        link,
        commits,
        records,
        decided: Mutex::new(None),
    }
}

impl Running<'_> {
    /// Commits, if it takes no longer than `limit`. After an error the caller rolls back.
    pub(super) async fn within(self, limit: Duration) -> Result<Vec<Outcome>, Failure> {
        let result = match tokio::time::timeout(limit, self.transact()).await {
            Ok(result) => result,
            Err(_) => Err(Fault::Late(limit.as_secs())),
        };
        let shared = self.shared;
        let decided = self.decided.into_inner().ok().flatten();
        match (result, decided) {
            (Ok(()), Some(decided)) => Ok(decided.after_commit(shared)),
            (Ok(()), None) => Ok(Vec::new()),
            (Err(fault), decided) => Err(Failure { fault, decided }),
        }
    }

    async fn transact(&self) -> Result<(), Fault> {
        let mut books = load::begin(self.link, self.commits, &self.shared.recent).await?;
        let decided = catch_unwind(AssertUnwindSafe(|| decide_all(self.commits, &mut books)));
        let decided = decided.map_err(|_| Fault::Panicked)?;
        let mut additions = Additions::default();
        let mut lines = Lines::default();
        let mut changed = Vec::new();
        for (commit, decided) in self.commits.iter().zip(&decided) {
            if let Some(request) = &commit.exchange {
                lines.request(request, order_no(decided), &self.shared.log);
            }
            if let Ok(changes) = decided {
                additions.add(commit, changes)?;
                changed.extend(order_no(decided));
            }
        }
        for record in self.records {
            lines.record(record, self.shared);
        }
        let acts = acts_of(self.commits, &decided);
        audit(&self.link.client, &acts).await?;
        for saved in decided.iter().flatten().flat_map(|changes| &changes.bills) {
            update(&self.link.client, &saved.record).await?;
        }
        let taken = std::mem::take(&mut books.taken);
        let numbers = numbers(self.commits, &decided, &taken)?;
        let second = additions.second;
        let tables = additions.rows()?;
        let sql = &self.link.statements;
        let mut pipeline = Pipeline::default();
        pipeline.rows(&sql.free_number, &numbers.freed);
        pipeline.rows(&sql.move_number, &numbers.moved);
        tables.send(&mut pipeline, sql);
        lines.send(&mut pipeline, sql);
        let node = i16::from(self.shared.lease.node);
        let high_water = integer(second);
        if second > self.shared.high_water_saved.load(Ordering::Relaxed) {
            // Last, since all committers of a node want this row.
            let parameters: Vec<&(dyn ToSql + Sync)> = vec![&node, &high_water];
            pipeline.add(&sql.raise_high_water, parameters);
        }
        let is_waited_for = !self.commits.is_empty();
        if is_waited_for {
            crash::point("before commit");
        }
        let named = lines.with_orders().collect();
        if let Ok(mut sent) = self.decided.lock() {
            *sent = Some(Decided {
                outcomes: decided.iter().map(outcome).collect(),
                books,
                changed,
                named,
                logged: lines.held,
                second,
            });
        }
        pipeline.commit(&self.link.client).await?;
        if is_waited_for {
            crash::point("after commit");
        }
        Ok(())
    }
}

impl Decided {
    /// The batch is on disk: what it wrote is remembered, and told to the nodes that wait for it.
    pub(super) fn after_commit(self, shared: &Shared) -> Vec<Outcome> {
        shared.recent.keep(self.books.orders.into_iter());
        shared.named.remember(self.named.into_iter());
        shared.log.added(self.logged);
        shared
            .high_water_saved
            .fetch_max(self.second, Ordering::Relaxed);
        shared.news.tell_changed(&self.changed);
        self.outcomes
    }
}

/// Who of the office did what the core did not refuse.
fn acts_of<'c>(
    commits: &'c [Commit],
    decided: &[Result<Changes, TradeError>],
) -> Vec<&'c NewAudit> {
    let taken = commits
        .iter()
        .zip(decided)
        .filter(|(_, decided)| decided.is_ok());
    taken
        .filter_map(|(commit, _)| commit.audit.as_deref())
        .collect()
}

/// Lets the core decide, and counts each save of an order in its version.
fn decide_all(commits: &[Commit], books: &mut Books) -> Vec<Result<Changes, TradeError>> {
    let decide_one = |commit: &Commit| {
        let step = &commit.step;
        let loaded = books.loaded(step);
        let mut changes = decide(loaded, step.clone())?;
        if let Some(order) = &mut changes.after.order
            && (changes.order == Save::Update
                || (changes.order == Save::Nothing && !changes.attempts.is_empty()))
        {
            order.version += 1;
        }
        books.keep(&step.merchant_id, &step.target, &changes.after);
        for notification in &changes.consequences.new_notifications {
            books.keep_notification(notification);
        }
        books.keep_bills(&changes.bills);
        if let (Some(order), Some(amount_fen)) = (step.weighs(), changes.accepted_fen()) {
            books.keep_running(&order, amount_fen);
        }
        Ok(changes)
    };
    commits.iter().map(decide_one).collect()
}

fn order_no(decided: &Result<Changes, TradeError>) -> Option<OrderNo> {
    let order = match decided {
        Ok(changes) => changes.after.order.as_ref(),
        Err(error) => error.order.as_deref(),
    };
    order.map(|order| order.order_no)
}

fn outcome(decided: &Result<Changes, TradeError>) -> Outcome {
    let changes = decided.as_ref().map_err(Clone::clone)?;
    Ok(Committed {
        after: changes.after.clone(),
        next_job_at: changes.consequences.next_job_at(),
    })
}

/// What becomes of the merchants' numbers that a batch took before it knew what its steps come to.
#[derive(Default)]
struct Numbers<'a> {
    freed: NumberRows<'a>,
    moved: NumberRows<'a>,
}

fn numbers<'a>(
    commits: &'a [Commit],
    decided: &[Result<Changes, TradeError>],
    taken: &'a BTreeMap<NumberKey, OrderNo>,
) -> Result<Numbers<'a>, Fault> {
    let mut made: BTreeMap<NumberKey, OrderNo> = BTreeMap::new();
    for (commit, decided) in commits.iter().zip(decided) {
        let step = &commit.step;
        let is_new = matches!(decided, Ok(changes) if changes.order == Save::Insert);
        if let (
            true,
            Target::NewOrder {
                app_id,
                merchant_order_no,
            },
            Some(order_no),
        ) = (is_new, &step.target, order_no(decided))
        {
            let merchant = step.merchant_id.clone();
            made.insert(
                (merchant, app_id.clone(), merchant_order_no.clone()),
                order_no,
            );
        }
    }
    if made.keys().any(|key| !taken.contains_key(key)) {
        // Whoever had the number gave it back between two looks of ours.
        return Err(Fault::Raced("a merchant's number came free"));
    }
    let mut numbers = Numbers::default();
    for (key, taken_for) in taken {
        let row = |order_no: OrderNo| NumberRow {
            merchant_id: key.0.as_str(),
            app_id: key.1.as_str(),
            merchant_order_no: &key.2,
            order_no: integer(order_no.as_u64()),
        };
        match made.get(key) {
            Some(order_no) if order_no == taken_for => {}
            Some(order_no) => numbers.moved.push(row(*order_no)),
            None => numbers.freed.push(row(*taken_for)),
        }
    }
    Ok(numbers)
}
