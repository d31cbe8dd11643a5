//! Notifications in the book: planned, sent, shown.

use rusqlite::{OptionalExtension as _, Row, params};

use super::{Book, NewNotification, NotificationRow, Order, Sending};
use crate::error::SandboxError;

/// How long after the work a notification first leaves, in virtual ms.
const FIRST_SENDING_MS: i64 = 200;

impl Book<'_> {
    pub(crate) fn notify(
        &mut self,
        order: &Order,
        new: &NewNotification,
    ) -> Result<(), SandboxError> {
        if self
            .take_fault(&order.channel, "no_notifications")?
            .is_some()
        {
            return Ok(());
        }
        let early = self
            .take_fault(&order.channel, "early_notifications")?
            .is_some();
        let copies = if self
            .take_fault(&order.channel, "duplicate_notifications")?
            .is_some()
        {
            2
        } else {
            1
        };
        for _ in 0..copies {
            self.insert_notification(order, new, early)?;
        }
        self.woken = true;
        Ok(())
    }

    fn insert_notification(
        &mut self,
        order: &Order,
        new: &NewNotification,
        early: bool,
    ) -> Result<(), SandboxError> {
        let event_id = (new.event_id)(self.now_ms)?;
        // An early one is held back from the timers; its caller delivers it, and a crash re-arms
        // it.
        let next_ms = self.now_ms + if early { 10_000 } else { FIRST_SENDING_MS };
        self.transaction.execute(
            "insert into notifications (channel, owner, number, url, form, event_id, content, created_ms, next_ms)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                order.channel,
                order.owner,
                order.number,
                new.url,
                new.form,
                event_id,
                new.content.to_string(),
                self.now_ms,
                next_ms
            ],
        )?;
        if early {
            self.early.push(self.transaction.last_insert_rowid());
        }
        Ok(())
    }

    /// Notifications with a planned sending: (id, when), soonest first.
    pub(crate) fn planned_notifications(&self) -> Result<Vec<(i64, i64)>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(
            "select id, next_ms from notifications where next_ms is not null order by next_ms, id limit 500",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn notification(&self, id: i64) -> Result<Option<NotificationRow>, SandboxError> {
        self.transaction
            .query_row(
                "select channel, url, form, event_id, content, created_ms, tries
                 from notifications where id = ?1",
                [id],
                read_notification,
            )
            .optional()?
            .map(|(mut row, content)| {
                row.content = serde_json::from_str(&content)?;
                Ok(row)
            })
            .transpose()
    }

    /// The newest notification of an order.
    pub(crate) fn last_notification(&self, order: &Order) -> Result<Option<i64>, SandboxError> {
        Ok(self.transaction.query_row(
            "select max(id) from notifications where channel = ?1 and owner = ?2 and number = ?3",
            params![order.channel, order.owner, order.number],
            |row| row.get(0),
        )?)
    }

    /// Writes down a sending and plans the next.
    pub(crate) fn record_sending(
        &self,
        id: i64,
        sending: &Sending,
        next_ms: Option<i64>,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "update notifications set tries = tries + 1, next_ms = ?2,
                sendings = json_insert(sendings, '$[#]', json(?3)) where id = ?1",
            params![id, next_ms, serde_json::to_string(sending)?],
        )?;
        Ok(())
    }

    /// What `/control/orders` shows of an order's notifications.
    pub(crate) fn notifications_of(
        &self,
        order: &Order,
    ) -> Result<Vec<serde_json::Value>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(
            "select event_id, url, form, content, created_ms, next_ms, sendings from notifications
             where channel = ?1 and owner = ?2 and number = ?3 order by id",
        )?;
        let rows =
            statement.query_map(params![order.channel, order.owner, order.number], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, Option<i64>>(5)?,
                    row.get::<_, String>(6)?,
                ))
            })?;
        rows.map(|row| {
            let (event_id, url, form, content, created_ms, next_ms, sendings) = row?;
            Ok(serde_json::json!({
                "id": event_id, "url": url, "form": form, "created_ms": created_ms, "next_ms": next_ms,
                "content": serde_json::from_str::<serde_json::Value>(&content)?,
                "sendings": serde_json::from_str::<serde_json::Value>(&sendings)?,
            }))
        })
        .collect()
    }
}

fn read_notification(row: &Row<'_>) -> rusqlite::Result<(NotificationRow, String)> {
    Ok((
        NotificationRow {
            channel: row.get(0)?,
            url: row.get(1)?,
            form: row.get(2)?,
            event_id: row.get(3)?,
            content: serde_json::Value::Null,
            created_ms: row.get(5)?,
            tries: usize::try_from(row.get::<_, i64>(6)?).unwrap_or(0),
        },
        row.get(4)?,
    ))
}
