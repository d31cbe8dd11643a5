//! States of payers who come back from a wallet's consent page.

use heliu_ports::store::{ConsentState, StateUse};
use heliu_trade::time::Timestamp;
use rusqlite::params;

use super::books::Books;
use crate::columns::integer;
use crate::sqlite::fault::Fault;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    pub(super) fn use_consent_state(
        &self,
        state: &ConsentState,
        now: Timestamp,
    ) -> Result<Outcome, Fault> {
        let (merchant, order_no) = (state.merchant_id.as_str(), integer(state.order_no.as_u64()));
        let forget = "DELETE FROM consent_state WHERE merchant_id = ?1 AND expires_at < ?2";
        self.connection
            .prepare_cached(forget)?
            .execute(params![merchant, now.as_ms()])?;
        let known = "SELECT count(*), coalesce(max(nonce = ?3), 0) FROM consent_state
            WHERE merchant_id = ?1 AND order_no = ?2";
        let (count, is_known): (u32, bool) = self
            .connection
            .prepare_cached(known)?
            .query_row(params![merchant, order_no, state.nonce], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if is_known {
            return Ok(Outcome::Used(StateUse::Again));
        }
        if count >= ConsentState::OF_ORDER_MAX {
            return Ok(Outcome::Used(StateUse::TooMany));
        }
        let write = "INSERT INTO consent_state (merchant_id, order_no, nonce, expires_at) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(write)?.execute(params![
            merchant,
            order_no,
            state.nonce,
            state.expires_at.as_ms()
        ])?;
        Ok(Outcome::Used(StateUse::First))
    }
}
