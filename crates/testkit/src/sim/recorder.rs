//! Watches the books: keeps what every commit left, checks the rules after each one, and now and
//! then holds up or loses what the books answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures::future::BoxFuture;
use heliu_ports::channel::{ChannelOrder, ChannelRefund};
use heliu_ports::clock::Clock as _;
use heliu_ports::store::{
    CommitError, Committed, DirectoryChange, RecordCommit, RecordsCommitted, StoreError,
};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::id::{AppId, AttemptNo, NotificationNo, OrderNo};
use heliu_trade::invariant::{self, OrderBook};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::Refund;
use heliu_trade::step::{Action, Step};

use super::applications::Applications;
use super::dialect::facts;
use super::stage::{LEASE_MS, Stage, wait_ms};
use crate::memory_store::{RecordStory, Watch};

/// How long before a reversal at the horizon the channel must have been asked, in ms: at once
/// before it.
const ASKED_WITHIN_MS: i64 = 1_500;

/// How long after its horizon a payment by code may be decided, in ms: the last asking takes a
/// while.
const BEYOND_HORIZON_MS: i64 = 30_000;
/// How often the house crashes in the middle of a call of the books, in a thousand.
const CRASHES_PER_MILLE: i64 = 3;

/// Who follows what the recorder sees.
pub(super) trait Follower: Send + Sync {
    /// An order's commit took place.
    fn saw_order(&self, book: &OrderBook);

    /// A commit of records took place; `after` are those that it worked on, and `audit` is all that
    /// the office's record holds.
    fn committed(&self, commit: &RecordCommit, after: &[RecordStory], audit: &[AuditEntry]);
}

/// The recorder.
pub(super) struct Recorder {
    stage: Arc<Stage>,
    /// How often a call of the books takes a while, and how often it fails, out of a hundred.
    slow_percent: i64,
    fails_per_mille: i64,
    seen: Mutex<Seen>,
    /// What it sees of applications.
    pub(super) applications: Applications,
    /// What it sees of money's way out, where there is one.
    ledger: OnceLock<Arc<dyn Follower>>,
}

#[derive(Default)]
struct Seen {
    /// Each order as every version of it stood.
    versions: BTreeMap<(OrderNo, u32), Order>,
    newest: BTreeMap<OrderNo, Order>,
    numbers: BTreeMap<(AppId, String), OrderNo>,
    attempts: BTreeSet<AttemptNo>,
    /// Refunds by the number that goes upstream, in fen.
    refunds: BTreeMap<String, i64>,
    /// Notifications as they stand: state and deliveries.
    notifications: BTreeMap<NotificationNo, (NotificationState, u32)>,
    /// What was true of a notification's order and refund in the commit that made it.
    made: BTreeMap<NotificationNo, String>,
    /// When each order's horizon is, in ms of true time without what is excused.
    horizon_ms: BTreeMap<OrderNo, i64>,
    /// When a verdict was last committed, in ms of true time.
    verdict_ms: BTreeMap<OrderNo, i64>,
    /// Until when the books are away, in ms of true time.
    away_until_ms: i64,
}

impl Recorder {
    pub(super) fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            slow_percent: *stage.dice.pick(&[0, 10, 40]),
            fails_per_mille: *stage.dice.pick(&[0, 0, 5, 20]),
            seen: Mutex::default(),
            applications: Applications::new(stage),
            ledger: OnceLock::new(),
        })
    }

    /// Money's way out is watched too.
    pub(super) fn watch_with(&self, ledger: Arc<dyn Follower>) {
        let _ = self.ledger.set(ledger);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The books go away for a while.
    pub(super) fn send_away(&self, ms: i64) {
        self.seen().away_until_ms = self.stage.clock.passed_ms() + ms;
    }

    /// The order that a merchant's number names.
    pub(super) fn named(&self, app_id: &AppId, number: &str) -> Option<Order> {
        let seen = self.seen();
        let order_no = seen.numbers.get(&(app_id.clone(), number.to_owned()))?;
        seen.newest.get(order_no).cloned()
    }

    /// The order as one of its versions stood.
    pub(super) fn version(&self, order_no: OrderNo, version: u32) -> Option<Order> {
        self.seen().versions.get(&(order_no, version)).cloned()
    }

    /// What was true when a notification was made, in the words of [`facts`].
    pub(super) fn made(&self, notification_no: NotificationNo) -> Option<String> {
        self.seen().made.get(&notification_no).cloned()
    }

    /// Invariant 9, for everything that is sent to a channel about an attempt.
    pub(super) fn must_know_attempt(&self, attempt_no: AttemptNo) {
        let knows = self.seen().attempts.contains(&attempt_no);
        self.stage.must(knows, || {
            format!("(9) something is sent about attempt {attempt_no}, which the books do not have")
        });
    }

    /// Invariant 9, for refunds: one that the books have, or all of an attempt that is given back.
    pub(super) fn must_know_refund(&self, order: &ChannelOrder<'_>, refund: &ChannelRefund<'_>) {
        let known = self.seen().refunds.get(refund.refund_no).copied();
        let all_of_it = format!("{}R", order.attempt.attempt_no);
        let gives_back =
            refund.refund_no.starts_with(&all_of_it) && refund.refund_fen == order.charge_fen;
        self.stage
            .must(gives_back || known == Some(refund.refund_fen), || {
                format!(
                    "(9) refund {} of {} fen is sent, the books have {known:?}",
                    refund.refund_no, refund.refund_fen
                )
            });
    }

    async fn trouble(stage: Arc<Stage>, slow_percent: i64, fails: bool) -> Result<(), StoreError> {
        stage.perhaps_crash(CRASHES_PER_MILLE).await;
        if slow_percent > 0 && stage.dice.happens(slow_percent) {
            match stage.dice.happens(70) {
                true => tokio::task::yield_now().await,
                false => wait_ms(stage.dice.between(1, 30)).await,
            }
        }
        if fails {
            stage.line("books", "away", "", "");
            stage.excuse(LEASE_MS);
            return Err(StoreError::unavailable("away"));
        }
        Ok(())
    }

    fn fails(&self) -> bool {
        let stage = &self.stage;
        let is_away = stage.clock.passed_ms() < self.seen().away_until_ms;
        !stage.is_calm() && (is_away || stage.dice.between(1, 1000) <= self.fails_per_mille)
    }

    /// Rules that one version and the next must keep together.
    fn compare(&self, seen: &Seen, step: &Step, order: &Order) {
        let order_no = order.order_no;
        let Some(before) = seen.newest.get(&order_no) else {
            return;
        };
        let (was, is) = (before.state, order.state);
        let may_be = match was {
            OrderState::Open | OrderState::Paying => true,
            OrderState::Paid => matches!(is, OrderState::Paid | OrderState::Reversing),
            OrderState::Reversing => matches!(is, OrderState::Reversing | OrderState::Reversed),
            _ => is == was,
        };
        self.stage.must(may_be, || {
            format!("(4) order {order_no} goes from {was:?} to {is:?}")
        });
        let is_next = order.version == before.version || order.version == before.version + 1;
        self.stage.must(is_next, || {
            format!(
                "order {order_no} goes from version {} to {}",
                before.version, order.version
            )
        });
        let is_decided_now = matches!(was, OrderState::Open | OrderState::Paying) && is != was;
        if let (true, Some(horizon_ms)) = (is_decided_now, seen.horizon_ms.get(&order_no)) {
            let late_ms = self.stage.due_ms() - horizon_ms;
            self.stage.must(late_ms <= BEYOND_HORIZON_MS, || {
                format!("(6) order {order_no} was decided {late_ms} ms after its horizon")
            });
        }
        let at_horizon = matches!(step.action, Action::RequestReversal { rules: None });
        if at_horizon && was == OrderState::Paying && is != was {
            let asked_ms = seen.verdict_ms.get(&order_no).copied();
            let ago_ms = asked_ms.map(|at| self.stage.clock.passed_ms() - at);
            self.stage
                .must(ago_ms.is_some_and(|ms| ms <= ASKED_WITHIN_MS), || {
                    format!("order {order_no} is reversed, last news came {ago_ms:?} ms ago")
                });
        }
    }
}

impl Watch for Recorder {
    fn before_commit(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        let fails = self.fails();
        Box::pin(Self::trouble(
            Arc::clone(&self.stage),
            self.slow_percent,
            fails,
        ))
    }

    fn committed(
        &self,
        step: &Step,
        result: &Result<Committed, TradeError>,
        book: Option<&OrderBook>,
    ) {
        let action = name(&step.action);
        let Some(book) = book else {
            let error = result.as_ref().err().map(|error| error.code);
            self.stage
                .line("books", action, "", &format!("refused: {error:?}"));
            return;
        };
        let order = &book.order;
        let order_no = order.order_no;
        let mut seen = self.seen();
        let events_before = seen.newest.get(&order_no).map_or(0, |o| o.counts.events);
        let events = book
            .trail
            .events
            .iter()
            .filter(|event| event.index >= events_before);
        let events: Vec<_> = events.map(|event| event.kind.as_str()).collect();
        let attempts: Vec<_> = book.attempts.iter().map(|a| a.state.as_str()).collect();
        let more = format!(
            "v{} {}, attempts {}, {} jobs{}{}{}",
            order.version,
            order.state.as_str(),
            attempts.join(" "),
            book.trail.jobs.len(),
            detail(&step.action),
            if events.is_empty() { "" } else { " => " },
            events.join(" "),
        );
        self.stage
            .line("books", action, &order_no.to_string(), &more);
        for violation in invariant::check(book) {
            self.stage
                .wrong(format!("({}) {}", violation.invariant, violation.message));
        }
        self.compare(&seen, step, order);
        if let Some(horizon_at) = order.horizon_at {
            let away_ms = horizon_at.since_ms(self.stage.clock.now());
            let horizon_ms = self.stage.due_ms() + away_ms.max(0);
            seen.horizon_ms.entry(order_no).or_insert(horizon_ms);
        }
        let name = (order.app_id.clone(), order.merchant_order_no.clone());
        let named = *seen.numbers.entry(name).or_insert(order_no);
        self.stage.must(named == order_no, || {
            format!("(5) {named} and {order_no} have the same number of the merchant's")
        });
        if matches!(step.action, Action::RecordVerdict { .. }) {
            let passed_ms = self.stage.clock.passed_ms();
            seen.verdict_ms.insert(order_no, passed_ms);
        }
        for notification in &book.trail.notifications {
            let number = notification.notification_no;
            let now = (notification.state, notification.tries);
            seen.made.entry(number).or_insert_with(|| {
                let of_refund = |refund: &&Refund| Some(refund.refund_no.0) == notification.about;
                facts(
                    notification.kind,
                    order,
                    book.refunds.iter().find(of_refund),
                )
            });
            let before = seen.notifications.insert(number, now).unwrap_or(now);
            let may_be = before.0 == NotificationState::Due || before == now;
            self.stage.must(may_be, || {
                format!("(8) notification {number} had ended as {before:?}, now it is {now:?}")
            });
        }
        seen.attempts
            .extend(book.attempts.iter().map(|attempt| attempt.attempt_no));
        for refund in &book.refunds {
            seen.refunds
                .insert(refund.upstream_no(), refund.amounts.payable_fen);
        }
        if let Some(ledger) = self.ledger.get() {
            ledger.saw_order(book);
        }
        if matches!(step.action, Action::CreateOrder(_)) {
            self.applications.must_have_been_open(&order.merchant_id);
        }
        seen.versions
            .insert((order_no, order.version), order.clone());
        seen.newest.insert(order_no, order.clone());
    }

    fn records_committed(
        &self,
        commit: &RecordCommit,
        result: &Result<RecordsCommitted, CommitError>,
        after: &[RecordStory],
        audit: &[AuditEntry],
    ) {
        self.applications.committed(commit, result, after, audit);
        if let (Some(ledger), Ok(_)) = (self.ledger.get(), result) {
            ledger.committed(commit, after, audit);
        }
    }

    fn directory_changed(&self, change: &DirectoryChange) {
        self.applications.directory_changed(change);
    }

    fn after(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        let fails = self.fails();
        Box::pin(Self::trouble(
            Arc::clone(&self.stage),
            self.slow_percent,
            fails,
        ))
    }
}

/// The word for an action in the log.
const fn name(action: &Action) -> &'static str {
    match action {
        Action::CreateOrder(_) => "create",
        Action::AddAttempt { .. } => "add attempt",
        Action::RecordHandoff { .. } => "handoff",
        Action::RecordVerdict { .. } => "verdict",
        Action::AbandonAttempt { .. } => "abandon",
        Action::RefuseEvidence { .. } => "refuse evidence",
        Action::RequestReversal { rules: None } => "horizon",
        Action::RequestReversal { rules: Some(_) } => "cancel",
        Action::RecordReversal { .. } => "reversal",
        Action::RecordCheck { .. } => "check",
        Action::CloseOrder => "close",
        Action::AwaitClose { .. } => "await close",
        Action::FinishClose => "finish close",
        Action::ExpireOrder => "expire",
        Action::RecordClose { .. } => "closing",
        Action::RequestRefund(_) => "request refund",
        Action::RecordRefund { .. } => "refund",
        Action::Deliver(Deliver::Begin { .. }) => "deliver",
        Action::Deliver(Deliver::End { .. }) => "delivered",
        Action::Deliver(Deliver::Resend) => "resend",
    }
}

/// What a channel or a merchant said, for the log.
fn detail(action: &Action) -> String {
    match action {
        Action::RecordVerdict { verdict, .. } | Action::RecordCheck { verdict, .. } => {
            let word = match verdict {
                heliu_trade::verdict::Verdict::Paid(_) => "paid",
                heliu_trade::verdict::Verdict::Declined(decline) => &decline.reason,
                heliu_trade::verdict::Verdict::Pending => "confirming",
                heliu_trade::verdict::Verdict::Waiting => "waiting",
                heliu_trade::verdict::Verdict::Unknown(unknown) => &unknown.why,
            };
            format!(": {word}")
        }
        Action::RecordReversal { result, .. } => format!(": {result:?}"),
        Action::RecordClose { result, .. } => format!(": {result:?}"),
        Action::RecordRefund { result, .. } => match result {
            heliu_trade::verdict::RefundResult::Succeeded(_) => ": succeeded".to_owned(),
            other => format!(": {other:?}"),
        },
        Action::Deliver(Deliver::End { answer, .. }) => format!(": {answer}"),
        _ => String::new(),
    }
}
