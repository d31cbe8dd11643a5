//! Merchants that agents register, and their login codes.

use heliu_ports::store::{LoginCode, LoginCodeKey, Registration};
use heliu_trade::directory::{App, Merchant};
use heliu_trade::id::AgentId;
use heliu_trade::time::Timestamp;
use rusqlite::params;

use super::books::Books;
use crate::sqlite::fault::Fault;
use crate::sqlite::read::registration::standing;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    pub(super) fn register(
        &self,
        merchant: &Merchant,
        app: &App,
        registration: &Registration,
    ) -> Result<Outcome, Fault> {
        if let Some(found) = standing(self.connection, registration)? {
            return Ok(Outcome::Registered(Box::new(found)));
        }
        self.connection.execute(
            "INSERT INTO merchant (merchant_id, name, short_name, state) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (merchant_id) DO NOTHING",
            params![
                merchant.merchant_id.as_str(),
                merchant.name,
                merchant.short_name,
                merchant.state.as_str(),
            ],
        )?;
        self.connection.execute(
            "INSERT INTO app (dialect_id, app_id, merchant_id, agent_id, partners, settings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (dialect_id, app_id) DO NOTHING",
            params![
                app.dialect_id.as_str(),
                app.app_id.as_str(),
                app.merchant_id.as_str(),
                app.agent_id.as_ref().map(AgentId::as_str),
                serde_json::to_string(&app.partners)?,
                serde_json::to_string(&app.settings)?,
            ],
        )?;
        self.connection.execute(
            "INSERT INTO registration (dialect_id, agent_id, app_id, merchant_id, name_digest,
                 mobile_digest, username_digest, password_sealed, trade_code_sealed, members_sealed,
                 created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                registration.dialect_id.as_str(),
                registration.agent_id.as_str(),
                registration.app_id.as_str(),
                registration.merchant_id.as_str(),
                registration.name_digest,
                registration.mobile_digest,
                registration.username_digest,
                registration.password_sealed,
                registration.trade_code_sealed,
                registration.members_sealed,
                registration.created_at.as_ms(),
            ],
        )?;
        Ok(Outcome::Registered(Box::new(registration.clone())))
    }

    /// The gap is part of the statement: whoever comes too early changes no row.
    pub(super) fn put_login_code(&self, code: &LoginCode) -> Result<Outcome, Fault> {
        let key = &code.key;
        let changed = self.connection.execute(
            "INSERT INTO login_code (dialect_id, agent_id, mobile_digest, code_digest, sent_at,
                 expires_at, wrong_tries, is_used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)
             ON CONFLICT (dialect_id, agent_id, mobile_digest) DO UPDATE
             SET code_digest = excluded.code_digest, sent_at = excluded.sent_at,
                 expires_at = excluded.expires_at, wrong_tries = 0, is_used = 0
             WHERE login_code.sent_at <= excluded.sent_at - ?7",
            params![
                key.dialect_id.as_str(),
                key.agent_id.as_str(),
                key.mobile_digest,
                code.code_digest,
                code.sent_at.as_ms(),
                code.expires_at.as_ms(),
                LoginCode::GAP_MS,
            ],
        )?;
        Ok(Outcome::Answered(changed > 0))
    }

    /// One statement counts the try or uses the code up; a code that is void, used or over is not
    /// touched.
    pub(super) fn try_login_code(
        &self,
        key: &LoginCodeKey,
        code_digest: &str,
        now: Timestamp,
    ) -> Result<Outcome, Fault> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE login_code SET is_used = (code_digest = ?4),
                 wrong_tries = wrong_tries + (code_digest <> ?4)
             WHERE dialect_id = ?1 AND agent_id = ?2 AND mobile_digest = ?3 AND NOT is_used
                 AND expires_at > ?5 AND wrong_tries < ?6
             RETURNING is_used",
        )?;
        let mut rows = statement.query(params![
            key.dialect_id.as_str(),
            key.agent_id.as_str(),
            key.mobile_digest,
            code_digest,
            now.as_ms(),
            LoginCode::WRONG_TRIES_MAX,
        ])?;
        let is_right = match rows.next()? {
            Some(row) => row.get(0)?,
            None => false,
        };
        // A statement with RETURNING is done only when its last row was read.
        while rows.next()?.is_some() {}
        Ok(Outcome::Answered(is_right))
    }
}
