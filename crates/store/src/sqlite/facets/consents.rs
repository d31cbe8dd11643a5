//! Payers who come back from a wallet's consent page.

use heliu_ports::store::{ConsentState, Consents, StateUse};
use heliu_ports::store_error::Answer;
use heliu_trade::time::Timestamp;

use super::super::SqliteStore;
use super::super::work::{Reply, Request};

impl Consents for SqliteStore {
    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse> {
        Box::pin(self.ask(Request::UseConsentState { state, now }, Reply::Used))
    }
}
