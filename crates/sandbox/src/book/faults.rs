//! Faults that `/control/faults` set, used up one call at a time.

use rusqlite::{OptionalExtension as _, params};

use super::Book;
use crate::error::SandboxError;
use crate::faults::CERTIFICATES;

impl Book<'_> {
    /// Uses up one occurrence of a fault set for this upstream and verb; its `ms`, or `None` inside
    /// if unset.
    pub(crate) fn take_fault(
        &self,
        channel: &str,
        fault: &str,
    ) -> Result<Option<Option<i64>>, SandboxError> {
        let any = match self.verb.name {
            CERTIFICATES => CERTIFICATES,
            _ => "any",
        };
        let found: Option<(i64, Option<i64>, Option<i64>)> = self
            .transaction
            .prepare_cached(
                "select id, remaining, ms from faults
                 where channel = ?1 and fault = ?2 and verb in (?5, ?3, ?4) order by id limit 1",
            )?
            .query_row(
                params![channel, fault, self.verb.name, self.verb.other, any],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let Some((id, remaining, ms)) = found else {
            return Ok(None);
        };
        match remaining {
            Some(1) => {
                self.transaction
                    .execute("delete from faults where id = ?1", [id])?;
            }
            Some(more) => {
                self.transaction.execute(
                    "update faults set remaining = ?2 where id = ?1",
                    params![id, more - 1],
                )?;
            }
            None => {}
        }
        Ok(Some(ms))
    }

    pub(crate) fn add_fault(
        &self,
        channel: &str,
        verb: &str,
        fault: &str,
        count: Option<i64>,
        ms: Option<i64>,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into faults (channel, verb, fault, remaining, ms) values (?1, ?2, ?3, ?4, ?5)",
            params![channel, verb, fault, count, ms],
        )?;
        Ok(())
    }

    pub(crate) fn clear_faults(&self) -> Result<usize, SandboxError> {
        Ok(self.transaction.execute("delete from faults", [])?)
    }

    pub(crate) fn faults(&self) -> Result<Vec<serde_json::Value>, SandboxError> {
        let mut statement = self
            .transaction
            .prepare_cached("select channel, verb, fault, remaining, ms from faults order by id")?;
        let rows = statement.query_map([], |row| {
            Ok(serde_json::json!({
                "channel": row.get::<_, String>(0)?,
                "verb": row.get::<_, String>(1)?,
                "fault": row.get::<_, String>(2)?,
                "remaining": row.get::<_, Option<i64>>(3)?,
                "ms": row.get::<_, Option<i64>>(4)?,
            }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
