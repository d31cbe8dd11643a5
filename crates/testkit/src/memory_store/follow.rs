//! What follows from steps, whatever they are about.

use heliu_trade::followup::consequences::{Consequences, JobChange};
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::NotificationNo;
use heliu_trade::ledger::Entry;

use super::books::Books;

impl Books {
    pub(super) fn follow(&mut self, consequences: Consequences) {
        for notification in &consequences.new_notifications {
            self.saw(notification.notification_no.0);
        }
        // What comes late is of the first date that is open.
        let open_from = self.open_from();
        let around = self.around.entry(consequences.subject).or_default();
        let entries = consequences.entries.into_iter();
        around.entries.extend(entries.map(|entry| Entry {
            at: entry.at.max(open_from),
            ..entry
        }));
        around.events.extend(consequences.events);
        let changed = consequences.notification.into_iter();
        for notification in changed.chain(consequences.new_notifications) {
            let number = notification.notification_no;
            around.notifications.insert(number, notification);
        }
        for delivery in consequences.deliveries {
            let key = (delivery.notification_no, delivery.try_index);
            let begun = around.deliveries.entry(key);
            let begun = begun.or_insert_with(|| delivery.clone());
            (begun.ended_at, begun.answer) = (delivery.ended_at, delivery.answer);
        }
        for change in consequences.jobs {
            match change {
                JobChange::Put(job) => {
                    self.leases.remove(&job.key);
                    self.jobs.insert(job.key.clone(), job);
                }
                JobChange::Drop(key) => {
                    self.leases.remove(&key);
                    self.jobs.remove(&key);
                }
            }
        }
    }

    pub(super) fn find_notification(
        &self,
        subject: &Subject,
        number: NotificationNo,
    ) -> Option<Notification> {
        let around = self.around.get(subject)?;
        around.notifications.get(&number).cloned()
    }

    pub(super) fn trail(&self, subject: &Subject) -> Trail {
        let of_subject = self.jobs.values().filter(|job| job.key.subject == *subject);
        let mut jobs: Vec<_> = of_subject.cloned().collect();
        jobs.sort_by_key(|job| (job.due_at, job.key.kind.as_str(), job.key.about));
        let Some(around) = self.around.get(subject) else {
            return Trail {
                jobs,
                ..Trail::default()
            };
        };
        Trail {
            entries: around.entries.clone(),
            events: around.events.clone(),
            notifications: around.notifications.values().cloned().collect(),
            deliveries: around.deliveries.values().cloned().collect(),
            jobs,
        }
    }

    pub(super) fn journal_sum_fen(&self) -> i64 {
        let entries = self.around.values().flat_map(|around| &around.entries);
        entries
            .flat_map(|entry| &entry.lines)
            .map(|line| line.amount_fen)
            .sum()
    }
}
