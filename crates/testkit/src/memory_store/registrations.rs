//! Merchants that agents register, and their login codes; states of payers who come back.

use heliu_ports::store::{
    ConsentState, LoginCode, LoginCodeKey, Registration, RegistrationKey, StateUse,
};
use heliu_trade::directory::{App, Merchant, MerchantState};
use heliu_trade::id::{AgentId, DialectId};
use heliu_trade::time::Timestamp;

use super::books::{Books, SentCode};

impl Books {
    pub(super) fn register(
        &mut self,
        merchant: Merchant,
        app: App,
        registration: Registration,
    ) -> Registration {
        let new = &registration;
        let of_agent = |old: &&Registration| {
            (&old.dialect_id, &old.agent_id) == (&new.dialect_id, &new.agent_id)
        };
        let mut standing = self.registrations.values().filter(of_agent).filter(|old| {
            let is_same_number = new.mobile_digest.is_some()
                && (&old.mobile_digest, &old.name_digest) == (&new.mobile_digest, &new.name_digest);
            is_same_number || old.app_id == new.app_id
        });
        if let Some(found) = standing.next() {
            return found.clone();
        }
        self.merchants
            .entry(merchant.merchant_id.clone())
            .or_insert(merchant);
        self.apps
            .entry((app.dialect_id.clone(), app.app_id.clone()))
            .or_insert(app);
        let key = (
            registration.dialect_id.clone(),
            registration.agent_id.clone(),
            registration.app_id.clone(),
        );
        self.registrations.insert(key, registration.clone());
        registration
    }

    pub(super) fn find_registration(
        &self,
        dialect: &DialectId,
        agent: &AgentId,
        key: &RegistrationKey,
    ) -> Option<Registration> {
        let fits = |found: &&Registration| match key {
            RegistrationKey::App(app) => found.app_id == *app,
            RegistrationKey::Mobile(digest) => found.mobile_digest.as_ref() == Some(digest),
            RegistrationKey::Username(digest) => found.username_digest.as_ref() == Some(digest),
        };
        let is_enabled = |found: &Registration| {
            let merchant = self.merchants.get(&found.merchant_id);
            merchant.is_some_and(|merchant| merchant.state == MerchantState::Enabled)
        };
        self.registrations
            .values()
            .filter(|found| (&found.dialect_id, &found.agent_id) == (dialect, agent))
            .filter(fits)
            .max_by_key(|found| (is_enabled(found), found.created_at, &found.app_id))
            .cloned()
    }

    pub(super) fn put_login_code(&mut self, code: LoginCode) -> bool {
        let sent = self.login_codes.get(&code.key);
        let is_early =
            sent.is_some_and(|sent| code.sent_at.since_ms(sent.code.sent_at) < LoginCode::GAP_MS);
        if is_early {
            return false;
        }
        let sent = SentCode {
            code: code.clone(),
            wrong_tries: 0,
            is_used: false,
        };
        self.login_codes.insert(code.key, sent);
        true
    }

    pub(super) fn try_login_code(
        &mut self,
        key: &LoginCodeKey,
        code_digest: &str,
        now: Timestamp,
    ) -> bool {
        let Some(sent) = self.login_codes.get_mut(key) else {
            return false;
        };
        let holds = !sent.is_used
            && sent.code.expires_at > now
            && sent.wrong_tries < LoginCode::WRONG_TRIES_MAX;
        if !holds {
            return false;
        }
        sent.is_used = sent.code.code_digest == code_digest;
        sent.wrong_tries += u32::from(!sent.is_used);
        sent.is_used
    }

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
