//! Saves what follows from a step, whatever it is about.

use heliu_trade::followup::consequences::{Consequences, JobChange};
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::notification::{Delivery, Notification};
use heliu_trade::followup::subject::Subject;
use rusqlite::params;

use super::additions::Additions;
use super::books::Books;
use crate::columns::{integer, ms};
use crate::sqlite::fault::Fault;

type Written = Result<(), Fault>;

impl Books<'_> {
    /// Writes consequences, or has them written with the batch's additions. A subject that is new
    /// has no older job, so that its own are additions, too.
    pub(super) fn follow(
        &mut self,
        consequences: &mut Consequences,
        is_new: bool,
        additions: &mut Additions<'_>,
    ) -> Written {
        let subject = consequences.subject.clone();
        let entries = consequences.entries.drain(..);
        additions
            .entries
            .extend(entries.map(|entry| (subject.clone(), entry)));
        let events = consequences.events.drain(..);
        additions
            .events
            .extend(events.map(|event| (subject.clone(), event)));
        if let Some(notification) = &consequences.notification {
            self.update_notification(notification)?;
        }
        for notification in &consequences.new_notifications {
            self.insert_notification(notification)?;
        }
        for delivery in &consequences.deliveries {
            self.put_delivery(&subject, delivery)?;
        }
        for change in &consequences.jobs {
            match change {
                JobChange::Put(job) if is_new => additions.jobs.push(job.clone()),
                JobChange::Put(job) => self.put_job(job)?,
                JobChange::Drop(key) => self.drop_job(key)?,
            }
        }
        Ok(())
    }

    fn put_job(&mut self, job: &Job) -> Written {
        let JobKey {
            subject,
            kind,
            about,
        } = &job.key;
        self.statements.put_job.execute(params![
            subject.owner.name(),
            integer(subject.no.as_u64()),
            kind.as_str(),
            integer(*about),
            job.due_at.as_ms(),
            job.tries,
        ])?;
        Ok(())
    }

    fn drop_job(&mut self, key: &JobKey) -> Written {
        self.statements.drop_job.execute(params![
            key.subject.owner.name(),
            integer(key.subject.no.as_u64()),
            key.kind.as_str(),
            integer(key.about),
        ])?;
        Ok(())
    }

    fn insert_notification(&mut self, notification: &Notification) -> Written {
        self.seen.number(notification.notification_no.0);
        let subject = &notification.subject;
        self.statements.insert_notification.execute(params![
            subject.owner.name(),
            integer(subject.no.as_u64()),
            integer(notification.notification_no.as_u64()),
            notification.about.map(|about| integer(about.as_u64())),
            notification.kind.as_str(),
            notification.url,
            notification.state.as_str(),
            notification.tries,
            notification.body,
            notification.moment,
            notification.created_at.as_ms(),
        ])?;
        Ok(())
    }

    fn update_notification(&self, notification: &Notification) -> Written {
        let sql = "UPDATE notification SET state = ?4, tries = ?5, body = ?6
            WHERE owner = ?1 AND subject_no = ?2 AND notification_no = ?3";
        let subject = &notification.subject;
        self.connection.prepare_cached(sql)?.execute(params![
            subject.owner.name(),
            integer(subject.no.as_u64()),
            integer(notification.notification_no.as_u64()),
            notification.state.as_str(),
            notification.tries,
            notification.body,
        ])?;
        Ok(())
    }

    /// Completes a delivery if it stands already; when it was begun stays.
    fn put_delivery(&self, subject: &Subject, delivery: &Delivery) -> Written {
        let sql = "INSERT INTO delivery (owner, subject_no, notification_no, try_index, begun_at,
            ended_at, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (owner, subject_no, notification_no, try_index) DO UPDATE
            SET ended_at = excluded.ended_at, answer = excluded.answer";
        self.connection.prepare_cached(sql)?.execute(params![
            subject.owner.name(),
            integer(subject.no.as_u64()),
            integer(delivery.notification_no.as_u64()),
            delivery.try_index,
            delivery.begun_at.as_ms(),
            ms(delivery.ended_at),
            delivery.answer,
        ])?;
        Ok(())
    }
}
