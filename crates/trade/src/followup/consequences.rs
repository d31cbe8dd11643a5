//! What a decision adds beside its aggregate, and how it is put together.

use crate::followup::event::{Event, EventKind};
use crate::followup::job::{Job, JobKey, JobKind};
use crate::followup::notification::{Delivery, Notification, NotificationState};
use crate::followup::subject::Subject;
use crate::ledger::{Entry, EntryCause, EntryKind, Line};
use crate::time::Timestamp;

/// What happens to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobChange {
    /// Write it, over an older one of the same key.
    Put(Job),
    /// It is done or needless.
    Drop(JobKey),
}

/// What a step makes of the books beside its aggregate, all of it about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequences {
    /// What all of it is about.
    pub subject: Subject,
    /// Journal entries to append.
    pub entries: Vec<Entry>,
    /// Events to append.
    pub events: Vec<Event>,
    /// Notifications to insert.
    pub new_notifications: Vec<Notification>,
    /// The notification that the step named, if it changed.
    pub notification: Option<Notification>,
    /// Deliveries to insert, or, if they stand already, to complete: only `ended_at` and `answer`
    /// are written then.
    pub deliveries: Vec<Delivery>,
    /// Jobs to write (over an older one of the same key) and to drop.
    pub jobs: Vec<JobChange>,
}

impl Consequences {
    /// None yet.
    #[must_use]
    pub const fn about(subject: Subject) -> Self {
        Self {
            subject,
            entries: Vec::new(),
            events: Vec::new(),
            new_notifications: Vec::new(),
            notification: None,
            deliveries: Vec::new(),
            jobs: Vec::new(),
        }
    }

    /// When the earliest of the jobs that it writes is due.
    #[must_use]
    pub fn next_job_at(&self) -> Option<Timestamp> {
        let due = self.jobs.iter().filter_map(|change| match change {
            JobChange::Put(job) => Some(job.due_at),
            JobChange::Drop(_) => None,
        });
        due.min()
    }

    /// The key of a job of this subject.
    fn job_key(&self, kind: JobKind, about: u64) -> JobKey {
        JobKey {
            subject: self.subject.clone(),
            kind,
            about,
        }
    }

    /// Writes a job, due at `due_at`.
    pub(crate) fn put_job(&mut self, kind: JobKind, about: u64, due_at: Timestamp) {
        let job = Job {
            key: self.job_key(kind, about),
            due_at,
            tries: 0,
        };
        self.jobs.push(JobChange::Put(job));
    }

    /// Drops a job, if there is one.
    pub(crate) fn drop_job(&mut self, kind: JobKind, about: u64) {
        let key = self.job_key(kind, about);
        self.jobs.push(JobChange::Drop(key));
    }
}

/// How far the timeline and the journal of a subject have come. Its aggregate keeps both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Journal entries so far; the next entry's index.
    pub entries: u32,
    /// Events so far; the next event's index.
    pub events: u32,
}

impl Counts {
    /// Appends to the timeline.
    pub(crate) fn event(
        &mut self,
        consequences: &mut Consequences,
        at: Timestamp,
        kind: EventKind,
        detail: impl Into<String>,
    ) {
        consequences.events.push(Event {
            index: self.events,
            at,
            kind,
            detail: detail.into(),
        });
        self.events += 1;
    }

    /// Appends to the journal.
    pub(crate) fn post(
        &mut self,
        consequences: &mut Consequences,
        at: Timestamp,
        kind: EntryKind,
        cause: EntryCause,
        lines: Vec<Line>,
    ) {
        assert!(
            lines.iter().map(|line| line.amount_fen).sum::<i64>() == 0,
            "a {} entry does not balance",
            kind.as_str()
        );
        consequences.entries.push(Entry {
            index: self.entries,
            kind,
            at,
            cause,
            lines,
        });
        self.entries += 1;
    }
}

/// A new notification, due now.
pub(crate) fn notify(
    counts: &mut Counts,
    consequences: &mut Consequences,
    notification: Notification,
) {
    let (number, now) = (
        notification.notification_no.as_u64(),
        notification.created_at,
    );
    let kind = notification.kind.as_str();
    debug_assert_eq!(notification.state, NotificationState::Due);
    consequences.new_notifications.push(notification);
    counts.event(consequences, now, EventKind::NotificationDue, kind);
    consequences.put_job(JobKind::NotifyMerchant, number, now);
}
