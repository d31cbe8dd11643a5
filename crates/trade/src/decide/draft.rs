//! A decision in the making: what was loaded, and what has changed so far.

use crate::attempt::Attempt;
use crate::followup::consequences::{self, Consequences};
use crate::followup::deliver::{self, Deliver};
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::followup::notification::{NoticeKind, Notification, NotificationState};
use crate::followup::subject::Subject;
use crate::id::{AttemptNo, MerchantId, NotificationNo, OrderNo, RefundNo};
use crate::ledger::{EntryCause, EntryKind, Line};
use crate::notice::RefundMoment;
use crate::order::Order;
use crate::payout;
use crate::refund::Refund;
use crate::step::{Changes, Loaded, Save};
use crate::time::{MINUTE_MS, Timestamp};

/// Longest pause between two askings of a channel that stays unclear, in ms.
const PAUSE_MAX_MS: i64 = 10 * MINUTE_MS;

pub(super) struct Draft {
    pub(super) merchant_id: MerchantId,
    pub(super) now: Timestamp,
    pub(super) loaded: Loaded,
    changes: Changes,
}

impl Draft {
    pub(super) fn new(
        merchant_id: MerchantId,
        order_no: OrderNo,
        now: Timestamp,
        loaded: Loaded,
    ) -> Self {
        let subject = Subject::of_merchant(&merchant_id, order_no.0);
        Self {
            merchant_id,
            now,
            loaded,
            changes: Changes {
                after: Loaded::default(),
                order: Save::Nothing,
                attempts: Vec::new(),
                refund: Save::Nothing,
                bills: Vec::new(),
                consequences: Consequences::about(subject),
            },
        }
    }

    /// The refund has ended: what bills keep for it is free. A bill that cannot be read is left to
    /// its own job, which says so.
    pub(super) fn free_bills(&mut self, refund_no: RefundNo) {
        for bill in std::mem::take(&mut self.loaded.bills) {
            let freed = payout::freed(self.now, bill, refund_no.0);
            self.changes.bills.extend(freed.unwrap_or_default());
        }
    }

    pub(super) fn finish(self) -> Changes {
        Changes {
            after: self.loaded,
            ..self.changes
        }
    }

    /// The order; `decide` has checked that there is one.
    pub(super) fn order(&self) -> &Order {
        self.loaded
            .order
            .as_ref()
            .expect("decide refuses steps without an order")
    }

    /// The order, to be changed.
    pub(super) fn order_mut(&mut self) -> &mut Order {
        if self.changes.order == Save::Nothing {
            self.changes.order = Save::Update;
        }
        self.loaded
            .order
            .as_mut()
            .expect("decide refuses steps without an order")
    }

    pub(super) fn insert_order(&mut self, order: Order) {
        self.changes.order = Save::Insert;
        self.loaded.order = Some(order);
    }

    fn attempt_index(&self, attempt_no: AttemptNo) -> Option<usize> {
        self.loaded
            .attempts
            .iter()
            .position(|attempt| attempt.attempt_no == attempt_no)
    }

    pub(super) fn attempt(&self, attempt_no: AttemptNo) -> Option<&Attempt> {
        self.loaded
            .attempts
            .iter()
            .find(|attempt| attempt.attempt_no == attempt_no)
    }

    /// The attempt, to be changed; callers have seen that it is there.
    pub(super) fn attempt_mut(&mut self, attempt_no: AttemptNo) -> &mut Attempt {
        let index = self
            .attempt_index(attempt_no)
            .expect("the caller has seen this attempt");
        if !self
            .changes
            .attempts
            .iter()
            .any(|(changed, _)| *changed == index)
        {
            self.changes.attempts.push((index, Save::Update));
        }
        &mut self.loaded.attempts[index]
    }

    /// Adds an attempt where its number belongs: attempts stand in the order of their numbers, as
    /// the books read them, and two that began at once may arrive the other way about.
    pub(super) fn insert_attempt(&mut self, attempt: Attempt) {
        let attempts = &mut self.loaded.attempts;
        let index = attempts.partition_point(|other| other.attempt_no < attempt.attempt_no);
        attempts.insert(index, attempt);
        for (changed, _) in &mut self.changes.attempts {
            if *changed >= index {
                *changed += 1;
            }
        }
        self.changes.attempts.push((index, Save::Insert));
    }

    /// Numbers of the attempts that the payer might still pay through.
    pub(super) fn live_attempts(&self) -> Vec<AttemptNo> {
        let live = self
            .loaded
            .attempts
            .iter()
            .filter(|attempt| attempt.state.is_live());
        live.map(|attempt| attempt.attempt_no).collect()
    }

    pub(super) fn insert_refund(&mut self, refund: Refund) {
        self.changes.refund = Save::Insert;
        self.loaded.refund = Some(refund);
    }

    /// The refund, to be changed, if there is one.
    pub(super) fn refund_mut(&mut self) -> Option<&mut Refund> {
        let refund = self.loaded.refund.as_mut()?;
        self.changes.refund = Save::Update;
        Some(refund)
    }

    /// Does something about the notification, if there is one.
    pub(super) fn deliver(&mut self, deliver: Deliver) {
        let mut counts = self.order().counts;
        let Some(notification) = &mut self.loaded.notification else {
            return;
        };
        let follow = &mut self.changes.consequences;
        deliver::decide(&mut counts, follow, notification, deliver, self.now);
        if counts != self.order().counts {
            self.order_mut().counts = counts;
        }
    }

    /// Appends to the timeline.
    pub(super) fn event(&mut self, kind: EventKind, detail: impl Into<String>) {
        let mut counts = self.order().counts;
        counts.event(&mut self.changes.consequences, self.now, kind, detail);
        self.order_mut().counts = counts;
    }

    /// Appends to the journal.
    pub(super) fn post(
        &mut self,
        kind: EntryKind,
        attempt_no: AttemptNo,
        refund_no: Option<RefundNo>,
        lines: Vec<Line>,
    ) {
        let mut counts = self.order().counts;
        let cause = EntryCause {
            attempt_no: Some(attempt_no),
            refund_no,
        };
        counts.post(&mut self.changes.consequences, self.now, kind, cause, lines);
        self.order_mut().counts = counts;
    }

    /// Writes a job, due at `due_at`.
    pub(super) fn put_job(&mut self, kind: JobKind, about: u64, due_at: Timestamp) {
        self.changes.consequences.put_job(kind, about, due_at);
    }

    /// Drops a job, if there is one.
    pub(super) fn drop_job(&mut self, kind: JobKind, about: u64) {
        self.changes.consequences.drop_job(kind, about);
    }

    /// Tells the merchant that the order is paid, if the order names an address.
    pub(super) fn notify_of_payment(&mut self, notification_no: NotificationNo) {
        if let Some(url) = self.order().details.notify_url.clone() {
            self.notify(notification_no, NoticeKind::OrderPaid, (None, None), url);
        }
    }

    /// Tells the merchant how the refund ended, if the refund names an address.
    pub(super) fn notify_of_refund(&mut self, notification_no: NotificationNo) {
        if let Some(refund) = &self.loaded.refund
            && let Some(url) = refund.details.notify_url.clone()
        {
            let moment = RefundMoment::of(self.order(), refund);
            let refund_no = Some(refund.refund_no);
            let told = (refund_no, Some(moment.to_text()));
            self.notify(notification_no, NoticeKind::RefundEnded, told, url);
        }
    }

    /// A new notification, due now.
    fn notify(
        &mut self,
        notification_no: NotificationNo,
        kind: NoticeKind,
        (refund_no, moment): (Option<RefundNo>, Option<String>),
        url: String,
    ) {
        let notification = Notification {
            notification_no,
            subject: self.changes.consequences.subject.clone(),
            about: refund_no.map(|refund_no| refund_no.0),
            kind,
            url,
            state: NotificationState::Due,
            tries: 0,
            body: None,
            moment,
            created_at: self.now,
        };
        let mut counts = self.order().counts;
        consequences::notify(&mut counts, &mut self.changes.consequences, notification);
        self.order_mut().counts = counts;
    }

    /// So many ms after `since`, now at the earliest. Should the clock have been set back since,
    /// that long after now.
    pub(super) fn not_before(&self, since: Timestamp, after_ms: i64) -> Timestamp {
        let latest = self.now.plus_ms(after_ms);
        since
            .plus_ms(after_ms)
            .clamp(self.now, latest.max(self.now))
    }

    /// When to ask an unclear channel again: after `gap_ms` at first, ever slower with the age of
    /// what is asked about, so that a channel that is down for a day is not asked a hundred
    /// thousand times.
    pub(super) fn ask_again_at(&self, since: Timestamp, gap_ms: i64) -> Timestamp {
        let age_ms = self.now.since_ms(since);
        // The clock was set back far since: nobody knows the age.
        let pause_ms = if age_ms < -PAUSE_MAX_MS {
            MINUTE_MS
        } else {
            age_ms / 8
        };
        self.now.plus_ms(pause_ms.min(PAUSE_MAX_MS).max(gap_ms))
    }
}
