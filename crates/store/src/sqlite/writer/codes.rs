//! Contents of QR codes that channels gave, kept apart so that they are found by their text.

use heliu_trade::attempt::{Attempt, Handoff};

use super::books::Books;
use crate::sqlite::fault::Fault;

impl Books<'_> {
    /// Keeps the code that a channel gave to an attempt, if it gave one.
    pub(super) fn keep_code(&self, attempt: &Attempt) -> Result<(), Fault> {
        let Some(Handoff::CodeUrl(content)) = &attempt.handoff else {
            return Ok(());
        };
        let sql = "INSERT INTO issued_code (content) VALUES (?1) ON CONFLICT (content) DO NOTHING";
        self.connection.prepare_cached(sql)?.execute([content])?;
        Ok(())
    }
}
