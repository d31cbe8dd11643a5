//! The engine's side of the store: every commit passes here, so that waiters and jobs hear of it.

use heliu_ports::exchange::ExchangeRequest;
use heliu_ports::store::{
    Commit, CommitError, Committed, DirectoryChange, OrderKey, RecordCommit, RecordsCommitted,
    StoreError,
};
use heliu_trade::attempt::Attempt;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{
    AppId, AttemptNo, MerchantId, NotificationNo, OrderNo, PlatformNo, RefundNo,
};
use heliu_trade::order::Order;
use heliu_trade::records::RecordStep;
use heliu_trade::step::{Action, Loaded, Step, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Verdict;

use crate::Inner;
use crate::common::directory::books_unavailable;
use crate::common::patience::Patience;

/// Pause before a commit that the books could not take is tried again, in ms.
const RETRY_GAP_MS: i64 = 500;
/// Pause before the jobs look into the books after a commit without an answer, in ms.
const LOOK_AGAIN_MS: i64 = 1_000;

impl Inner {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn mint(&self) -> PlatformNo {
        let now = self.now();
        self.mint
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .mint(now)
    }

    pub(crate) fn mint_order_no(&self) -> OrderNo {
        OrderNo(self.mint())
    }

    pub(crate) fn mint_attempt_no(&self) -> AttemptNo {
        AttemptNo(self.mint())
    }

    pub(crate) fn mint_refund_no(&self) -> RefundNo {
        RefundNo(self.mint())
    }

    pub(crate) fn mint_notification_no(&self) -> NotificationNo {
        NotificationNo(self.mint())
    }

    pub(crate) fn mint_exchange_no(&self) -> PlatformNo {
        self.mint()
    }

    pub(crate) fn mint_record_no(&self) -> PlatformNo {
        self.mint()
    }

    /// Takes a step of records' lives, with what changes in the directory if it takes effect.
    pub(crate) async fn commit_records(
        &self,
        step: RecordStep,
        directory: Vec<DirectoryChange>,
        audit: Option<Box<NewAudit>>,
    ) -> Result<RecordsCommitted, TradeError> {
        let taken = self.take_records(step, directory, audit).await;
        taken.map_err(refused)
    }

    /// The same for who is told what the books say.
    pub(crate) async fn take_records(
        &self,
        step: RecordStep,
        directory: Vec<DirectoryChange>,
        audit: Option<Box<NewAudit>>,
    ) -> Result<RecordsCommitted, CommitError> {
        let commit = RecordCommit {
            step,
            directory,
            audit,
        };
        let planned_at = commit.step.now;
        let result = self.store.commit_records(commit).await;
        self.plan(planned_at, &result, |committed| committed.next_job_at);
        result
    }

    /// Commits one step; wakes who waits for the order and the jobs.
    pub(crate) async fn commit(
        &self,
        merchant_id: &MerchantId,
        target: Target,
        action: Action,
        exchange: Option<ExchangeRequest>,
    ) -> Result<Committed, CommitError> {
        self.commit_audited(merchant_id, target, action, exchange, None)
            .await
    }

    /// The same, and writes down who of the office does it.
    pub(crate) async fn commit_audited(
        &self,
        merchant_id: &MerchantId,
        target: Target,
        action: Action,
        exchange: Option<ExchangeRequest>,
        audit: Option<Box<NewAudit>>,
    ) -> Result<Committed, CommitError> {
        let step = self.step(merchant_id, target, action);
        self.take(step, exchange, audit).await
    }

    /// A step of now.
    fn step(&self, merchant_id: &MerchantId, target: Target, action: Action) -> Step {
        Step {
            merchant_id: merchant_id.clone(),
            target,
            now: self.now(),
            action,
        }
    }

    async fn take(
        &self,
        step: Step,
        exchange: Option<ExchangeRequest>,
        audit: Option<Box<NewAudit>>,
    ) -> Result<Committed, CommitError> {
        let commit = Commit {
            step,
            exchange,
            audit,
        };
        let planned_at = commit.step.now;
        let result = self.store.commit(commit).await;
        self.plan(planned_at, &result, |committed| committed.next_job_at);
        let committed = result?;
        if let Some(order) = &committed.after.order {
            self.waiters.wake(order.order_no);
        }
        Ok(committed)
    }

    /// The jobs hear of a commit that was planned at `planned_at`. One without an answer may stand
    /// in the books all the same, with jobs that nobody has heard of.
    fn plan<T>(
        &self,
        planned_at: Timestamp,
        result: &Result<T, CommitError>,
        next_job_at: impl Fn(&T) -> Option<Timestamp>,
    ) {
        let now = self.now();
        let at = match result {
            Ok(committed) => next_job_at(committed),
            Err(CommitError::Store(_)) => Some(now.plus_ms(LOOK_AGAIN_MS)),
            Err(CommitError::Rejected(_)) => None,
        };
        if let Some(at) = at {
            self.alarm.set(at, now);
            self.alarm.check_plan(planned_at, now);
        }
    }

    /// Commits what a channel said. While the books are away it is tried again as long as there is
    /// `patience`; the job that was written before the call takes over after that (ruling 25). It
    /// stays the step that it was, so that one whose answer was lost is no second word.
    pub(crate) async fn commit_news(
        &self,
        merchant_id: &MerchantId,
        target: Target,
        action: Action,
        patience: Patience,
    ) -> Result<Committed, CommitError> {
        let step = self.step(merchant_id, target, action);
        loop {
            match self.take(step.clone(), None, None).await {
                Err(CommitError::Store(cause)) if cause.is_temporary() && !patience.is_over() => {
                    tracing::warn!(cause = %cause, "a commit is tried again");
                    self.clock
                        .sleep_until(self.now().plus_ms(RETRY_GAP_MS))
                        .await;
                }
                result => return result,
            }
        }
    }

    /// Commits a channel's verdict on an attempt.
    pub(crate) async fn commit_verdict(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
        attempt_no: AttemptNo,
        verdict: Verdict,
        patience: Patience,
    ) -> Result<Committed, CommitError> {
        let notification_no = self.mint_notification_no();
        let action = Action::RecordVerdict {
            attempt_no,
            verdict,
            notification_no,
        };
        self.commit_news(merchant_id, Target::Order(order_no), action, patience)
            .await
    }

    /// An order of this app, by our number or the merchant's; another app's is not found.
    pub(crate) async fn find_order(
        &self,
        merchant_id: &MerchantId,
        app_id: &AppId,
        key: OrderKey,
    ) -> Result<Option<(Order, Vec<Attempt>)>, TradeError> {
        let found = self
            .store
            .find_order(merchant_id, key)
            .await
            .map_err(books_unavailable)?;
        Ok(found.filter(|(order, _)| order.app_id == *app_id))
    }

    /// An order that is known to exist.
    pub(crate) async fn load_order(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
    ) -> Result<(Order, Vec<Attempt>), StoreError> {
        self.store
            .find_order(merchant_id, OrderKey::Platform(order_no))
            .await?
            .ok_or_else(|| {
                StoreError::missing(format!("order {order_no} of {merchant_id} is missing"))
            })
    }
}

/// A commit's failure as a merchant hears it.
pub(crate) fn refused(error: CommitError) -> TradeError {
    match error {
        CommitError::Rejected(error) => error,
        CommitError::Store(cause) => books_unavailable(cause),
    }
}

/// The order of a commit on an order, with its attempts.
pub(crate) fn order_of(committed: Committed) -> Result<(Order, Vec<Attempt>), TradeError> {
    let Loaded {
        order, attempts, ..
    } = committed.after;
    let order = order.ok_or_else(|| {
        tracing::error!("a commit on an order returned none");
        TradeError::advised(ErrorCode::Internal, "a fault on our side")
    })?;
    Ok((order, attempts))
}
