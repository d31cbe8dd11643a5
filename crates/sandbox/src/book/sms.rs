//! The outbox of the provider of text messages: what was sent to whom, newest kept.

use rusqlite::params;

use super::Book;
use crate::error::SandboxError;

/// Messages kept of one number.
const KEPT_OF_ONE: i64 = 100;
/// Messages kept of all numbers together.
const KEPT: i64 = 10_000;

/// One message.
pub(crate) struct Sms {
    pub(crate) mobile: String,
    pub(crate) text: String,
    pub(crate) at_ms: i64,
}

impl Book<'_> {
    /// Stores a message and forgets what is beyond the bounds.
    pub(crate) fn add_sms(&self, mobile: &str, text: &str) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into sms (mobile, text, at_ms) values (?1, ?2, ?3)",
            params![mobile, text, self.now_ms],
        )?;
        self.transaction.execute(
            "delete from sms where mobile = ?1 and id not in
                (select id from sms where mobile = ?1 order by id desc limit ?2)",
            params![mobile, KEPT_OF_ONE],
        )?;
        self.transaction.execute(
            "delete from sms where id <= (select max(id) from sms) - ?1",
            [KEPT],
        )?;
        Ok(())
    }

    /// The newest messages first, at most a hundred; of one number if one is named.
    pub(crate) fn sms(&self, mobile: Option<&str>) -> Result<Vec<Sms>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(
            "select mobile, text, at_ms from sms where ?1 is null or mobile = ?1
             order by id desc limit ?2",
        )?;
        let rows = statement.query_map(params![mobile, KEPT_OF_ONE], |row| {
            Ok(Sms {
                mobile: row.get(0)?,
                text: row.get(1)?,
                at_ms: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
