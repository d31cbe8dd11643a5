//! What follows from the steps of a batch, whatever they are about, as rows: of what was saved more
//! than once the last state.

use std::borrow::Cow;
use std::collections::BTreeMap;

use deadpool_postgres::GenericClient;
use heliu_trade::followup::consequences::{Consequences, JobChange};
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::notification::{Delivery, Notification};
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::NotificationNo;
use heliu_trade::ledger::{Entry, EntryCause};

use super::follow_sql;
use super::link::Pipeline;
use super::statements::Statements;
use super::tables::{
    DeliveryRow, DeliveryRows, EventRow, EventRows, JobKeyRow, JobKeyRows, JobRow, JobRows,
    JournalRow, JournalRows, NotificationEndRow, NotificationEndRows, NotificationRow,
    NotificationRows, Rows,
};
use crate::columns::{integer, ms};
use crate::postgres::cells::text;
use crate::postgres::connections::change;
use crate::postgres::fault::Fault;
use crate::rows::journal::rows_of;

/// A delivery as it was begun, and as it stands.
struct Letter<'a> {
    subject: &'a Subject,
    begun: &'a Delivery,
    last: &'a Delivery,
}

/// What follows from all steps of a batch.
#[derive(Default)]
pub(crate) struct Following<'a> {
    notifications: BTreeMap<NotificationNo, (bool, &'a Notification)>,
    deliveries: BTreeMap<(NotificationNo, u32), Letter<'a>>,
    jobs: BTreeMap<&'a JobKey, Option<&'a Job>>,
    journal: JournalRows<'a>,
    events: EventRows<'a>,
}

impl<'a> Following<'a> {
    /// Adds what follows from one step.
    pub(crate) fn add(&mut self, consequences: &'a Consequences) {
        let subject = &consequences.subject;
        for entry in &consequences.entries {
            self.add_entry(subject, entry);
        }
        for event in &consequences.events {
            self.events.push(EventRow {
                owner: subject.owner.name(),
                subject_no: integer(subject.no.as_u64()),
                event_index: i64::from(event.index),
                at: event.at.as_ms(),
                kind: event.kind.as_str(),
                detail: text(&event.detail),
            });
        }
        if let Some(notification) = &consequences.notification {
            self.add_notification(notification, false);
        }
        for notification in &consequences.new_notifications {
            self.add_notification(notification, true);
        }
        for delivery in &consequences.deliveries {
            let key = (delivery.notification_no, delivery.try_index);
            let letter = self.deliveries.entry(key).or_insert(Letter {
                subject,
                begun: delivery,
                last: delivery,
            });
            letter.last = delivery;
        }
        for change in &consequences.jobs {
            let (key, job) = match change {
                JobChange::Put(job) => (&job.key, Some(job)),
                JobChange::Drop(key) => (key, None),
            };
            self.jobs.insert(key, job);
        }
    }

    fn add_notification(&mut self, notification: &'a Notification, is_new: bool) {
        let last = self
            .notifications
            .entry(notification.notification_no)
            .or_insert((is_new, notification));
        last.1 = notification;
    }

    fn add_entry(&mut self, subject: &'a Subject, entry: &'a Entry) {
        let EntryCause {
            attempt_no,
            refund_no,
        } = entry.cause;
        for row in rows_of(entry) {
            self.journal.push(JournalRow {
                owner: subject.owner.name(),
                subject_no: integer(subject.no.as_u64()),
                entry_index: i64::from(entry.index),
                line_index: i64::from(row.line_index),
                kind: entry.kind.as_str(),
                at: entry.at.as_ms(),
                attempt_no: attempt_no.map(|number| integer(number.as_u64())),
                refund_no: refund_no.map(|number| integer(number.as_u64())),
                account: row.line.account.name(),
                amount_fen: row.line.amount_fen,
                counter_account: row.counter.map(|counter| counter.account.name()),
            });
        }
    }

    /// As rows.
    pub(crate) fn rows(self) -> FollowingRows<'a> {
        let mut rows = FollowingRows {
            journal: self.journal,
            events: self.events,
            ..FollowingRows::default()
        };
        for (is_new, notification) in self.notifications.into_values() {
            rows.notification(is_new, notification);
        }
        for letter in self.deliveries.into_values() {
            let (owner, subject_no) = key(letter.subject);
            rows.deliveries.push(DeliveryRow {
                owner,
                subject_no,
                notification_no: integer(letter.last.notification_no.as_u64()),
                try_index: i64::from(letter.last.try_index),
                begun_at: letter.begun.begun_at.as_ms(),
                ended_at: ms(letter.last.ended_at),
                answer: letter.last.answer.as_deref().map(text),
            });
        }
        for (key, job) in self.jobs {
            rows.job(key, job);
        }
        rows
    }
}

/// The same, table by table.
#[derive(Default)]
pub(crate) struct FollowingRows<'a> {
    journal: JournalRows<'a>,
    events: EventRows<'a>,
    new_notifications: NotificationRows<'a>,
    notifications: NotificationEndRows<'a>,
    deliveries: DeliveryRows<'a>,
    jobs: JobRows<'a>,
    dropped_jobs: JobKeyRows<'a>,
}

impl<'a> FollowingRows<'a> {
    fn notification(&mut self, is_new: bool, notification: &'a Notification) {
        let (owner, subject_no) = key(&notification.subject);
        let notification_no = integer(notification.notification_no.as_u64());
        let (state, tries) = (notification.state.as_str(), i64::from(notification.tries));
        let body = notification.body.as_deref();
        if is_new {
            self.new_notifications.push(NotificationRow {
                owner,
                subject_no,
                notification_no,
                about: notification.about.map(|about| integer(about.as_u64())),
                kind: notification.kind.as_str(),
                url: &notification.url,
                state,
                tries,
                body,
                moment: notification.moment.as_deref(),
                created_at: notification.created_at.as_ms(),
            });
        } else {
            self.notifications.push(NotificationEndRow {
                owner,
                subject_no,
                notification_no,
                state,
                tries,
                body,
            });
        }
    }

    fn job(&mut self, job_key: &'a JobKey, job: Option<&'a Job>) {
        let (owner, subject_no) = key(&job_key.subject);
        let (kind, about) = (job_key.kind.as_str(), integer(job_key.about));
        match job {
            Some(job) => self.jobs.push(JobRow {
                owner,
                subject_no,
                kind,
                about,
                due_at: job.due_at.as_ms(),
                tries: i64::from(job.tries),
            }),
            None => self.dropped_jobs.push(JobKeyRow {
                owner,
                subject_no,
                kind,
                about,
            }),
        }
    }

    /// Writes them over a connection of any kind.
    pub(crate) async fn write(&self, client: &impl GenericClient) -> Result<(), Fault> {
        put(client, &follow_sql::insert_journal(), &self.journal).await?;
        put(client, &follow_sql::insert_event(), &self.events).await?;
        put(
            client,
            &follow_sql::insert_notification(),
            &self.new_notifications,
        )
        .await?;
        put(
            client,
            &follow_sql::update_notification(),
            &self.notifications,
        )
        .await?;
        put(client, &follow_sql::put_delivery(), &self.deliveries).await?;
        put(client, &follow_sql::put_job(), &self.jobs).await?;
        put(client, &follow_sql::drop_job(), &self.dropped_jobs).await
    }

    /// Has them written with a batch.
    pub(super) fn send<'p>(&'p self, pipeline: &mut Pipeline<'p>, sql: &'p Statements) {
        pipeline.rows(&sql.insert_journal, &self.journal);
        pipeline.rows(&sql.insert_event, &self.events);
        pipeline.rows(&sql.insert_notification, &self.new_notifications);
        pipeline.rows(&sql.update_notification, &self.notifications);
        pipeline.rows(&sql.put_delivery, &self.deliveries);
        pipeline.rows(&sql.put_job, &self.jobs);
        pipeline.rows(&sql.drop_job, &self.dropped_jobs);
    }
}

async fn put(client: &impl GenericClient, sql: &str, rows: &impl Rows) -> Result<(), Fault> {
    if rows.len() > 0 {
        change(client, sql, &rows.arrays()).await?;
    }
    Ok(())
}

/// A subject as tables name it.
fn key(subject: &Subject) -> (Cow<'_, str>, i64) {
    (subject.owner.name(), integer(subject.no.as_u64()))
}
