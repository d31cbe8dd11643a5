//! Single-use login codes of wallets.

use rusqlite::{OptionalExtension as _, params};

use super::Book;
use crate::error::SandboxError;

impl Book<'_> {
    /// Stores a single-use OAuth code.
    pub(crate) fn add_oauth_code(
        &self,
        code: &str,
        wallet: &str,
        app_id: &str,
        payer: &str,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into oauth_codes (code, wallet, app_id, payer, created_ms) values (?1, ?2, ?3, ?4, ?5)",
            params![code, wallet, app_id, payer, self.now_ms],
        )?;
        Ok(())
    }

    /// Uses an OAuth code up; the payer behind it, if it is of that wallet and app and under five minutes old.
    pub(crate) fn use_oauth_code(
        &self,
        code: &str,
        wallet: &str,
        app_id: &str,
    ) -> Result<Option<String>, SandboxError> {
        Ok(self
            .transaction
            .query_row(
                "delete from oauth_codes where code = ?1 and wallet = ?2 and app_id = ?3 and created_ms >= ?4
                 returning payer",
                params![code, wallet, app_id, self.now_ms - 300_000],
                |row| row.get(0),
            )
            .optional()?)
    }
}
