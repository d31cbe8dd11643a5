//! Login codes of wallets, each good for one exchange, and the apps that may exchange them.

use rusqlite::{OptionalExtension as _, params};

use super::Book;
use crate::error::SandboxError;

/// A login code lives five minutes.
const LIFE_MS: i64 = 300_000;
/// Used codes that are remembered; older ones are forgotten, so that the book does not grow for
/// ever.
const USED_KEPT: i64 = 10_000;

/// What a code is good for.
pub(crate) enum LoginCode {
    /// It named this payer, and is used up now.
    Payer(String),
    /// It was used before.
    Used,
    /// It was issued, but for another app or wallet, or it is too old.
    NotForThis,
    /// Nobody issued it.
    Unknown,
}

impl Book<'_> {
    /// Stores a fresh login code.
    pub(crate) fn add_login_code(
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

    /// Uses a login code up, if it is of that wallet and app and not too old.
    pub(crate) fn use_login_code(
        &self,
        code: &str,
        wallet: &str,
        app_id: &str,
    ) -> Result<LoginCode, SandboxError> {
        let used = self
            .transaction
            .prepare_cached("select 1 from used_login_codes where code = ?1")?
            .exists([code])?;
        if used {
            return Ok(LoginCode::Used);
        }
        let issued: Option<(String, String, String, i64)> = self
            .transaction
            .prepare_cached(
                "select wallet, app_id, payer, created_ms from oauth_codes where code = ?1",
            )?
            .query_row([code], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        match issued {
            None => Ok(LoginCode::Unknown),
            Some((of_wallet, of_app, payer, created_ms))
                if of_wallet == wallet
                    && of_app == app_id
                    && self.now_ms - created_ms <= LIFE_MS =>
            {
                self.transaction
                    .execute("delete from oauth_codes where code = ?1", [code])?;
                self.remember_used(code)?;
                Ok(LoginCode::Payer(payer))
            }
            Some(_) => Ok(LoginCode::NotForThis),
        }
    }

    /// Remembers that a code was used.
    pub(crate) fn remember_used(&self, code: &str) -> Result<(), SandboxError> {
        self.transaction
            .execute("insert into used_login_codes (code) values (?1)", [code])?;
        self.transaction.execute(
            "delete from used_login_codes
             where sequence <= (select max(sequence) from used_login_codes) - ?1",
            [USED_KEPT],
        )?;
        Ok(())
    }

    /// The secret of an app that may exchange login codes.
    pub(crate) fn app_secret(&self, app_id: &str) -> Result<Option<String>, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached("select secret from apps where app_id = ?1")?
            .query_row([app_id], |row| row.get(0))
            .optional()?)
    }

    /// Enrols an app; a repeat replaces its secret.
    pub(crate) fn set_app(&self, app_id: &str, secret: &str) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into apps (app_id, secret) values (?1, ?2)
             on conflict (app_id) do update set secret = excluded.secret",
            params![app_id, secret],
        )?;
        Ok(())
    }
}
