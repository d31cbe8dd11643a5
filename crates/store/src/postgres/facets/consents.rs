//! Payers who come back from a wallet's consent page.

use heliu_ports::store::{ConsentState, Consents, StateUse};
use heliu_ports::store_error::Answer;
use heliu_trade::time::Timestamp;

use super::super::connections::with_client;
use super::super::{PostgresStore, write};

impl Consents for PostgresStore {
    fn use_consent_state(&self, state: ConsentState, now: Timestamp) -> Answer<'_, StateUse> {
        Box::pin(async move {
            with_client!(self.changers, client =>
                write::consent_states::use_consent_state(client, &state, now))
        })
    }
}
