//! States of payers who come back.

use heliu_ports::store::{ConsentState, StateUse};
use heliu_trade::time::Timestamp;

use super::books::Books;

impl Books {
    pub(super) fn use_consent_state(&mut self, state: ConsentState, now: Timestamp) -> StateUse {
        self.consent_states
            .retain(|_, expires_at| *expires_at >= now);
        let of_order = self
            .consent_states
            .keys()
            .filter(|(merchant, order_no, _)| {
                (merchant, order_no) == (&state.merchant_id, &state.order_no)
            });
        let count = of_order.count();
        let key = (state.merchant_id, state.order_no, state.nonce);
        if self.consent_states.contains_key(&key) {
            return StateUse::Again;
        }
        if count >= ConsentState::OF_ORDER_MAX as usize {
            return StateUse::TooMany;
        }
        self.consent_states.insert(key, state.expires_at);
        StateUse::First
    }
}
