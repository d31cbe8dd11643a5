//! What happens to orders later: written down, and taken when due.

use rusqlite::{OptionalExtension as _, params};

use super::{Book, Order, Timer};
use crate::error::SandboxError;

impl Book<'_> {
    pub(crate) fn add_timer(
        &mut self,
        order: &Order,
        timer: Timer,
        in_ms: i64,
        refund: &str,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into timers (due_ms, kind, channel, owner, number, refund) values (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.now_ms.saturating_add(in_ms),
                serde_json::to_string(&timer)?,
                order.channel,
                order.owner,
                order.number,
                refund
            ],
        )?;
        self.woken = true;
        Ok(())
    }

    /// Takes one timer that is due, with its order and refund number.
    pub(crate) fn take_due_timer(
        &self,
    ) -> Result<Option<(Timer, i64, Order, String)>, SandboxError> {
        loop {
            let due = self
                .transaction
                .prepare_cached(
                    "delete from timers where id =
                        (select id from timers where due_ms <= ?1 order by due_ms, id limit 1)
                     returning kind, due_ms, channel, owner, number, refund",
                )?
                .query_row([self.now_ms], |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, String>(3)?,
                        row.get::<_, String>(4)?,
                        row.get::<_, String>(5)?,
                    ))
                })
                .optional()?;
            let Some((kind, due_ms, channel, owner, number, refund)) = due else {
                return Ok(None);
            };
            if let Some(order) = self.order(&channel, &owner, &number)? {
                return Ok(Some((serde_json::from_str(&kind)?, due_ms, order, refund)));
            }
        }
    }

    /// When the next timer is due.
    pub(crate) fn next_timer_ms(&self) -> Result<Option<i64>, SandboxError> {
        Ok(self
            .transaction
            .query_row("select min(due_ms) from timers", [], |row| row.get(0))?)
    }
}
