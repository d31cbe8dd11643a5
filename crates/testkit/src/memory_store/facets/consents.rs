//! Payers who come back from a wallet's consent page.

use heliu_ports::store::{ConsentState, Consents, StateUse};
use heliu_ports::store_error::Answer;
use heliu_trade::time::Timestamp;

use super::super::MemoryStore;

impl Consents for MemoryStore {
    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse> {
        self.answer(|books| books.use_consent_state(state, now))
    }
}
