//! 进件: an agent registers a merchant. It may not trade before an operator has looked, unless the agent's
//! settings say otherwise, and has no contracts before an operator adds them (ruling 53).

use std::collections::BTreeMap;

use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::command::{RegisterMerchant, Reply};
use heliu_trade::directory::{Agent, App, Merchant};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AppId, MerchantId};
use heliu_trade::time::{Timestamp, Zone};

use super::registered::{Kept, Named};
use crate::directory::{AgentProfile, AppProfile, books_unavailable};
use crate::{Engine, Inner};

/// Digits behind the day in a merchant's number.
const NUMBER_DIGITS: usize = 11;
/// Length of the text that a merchant's software shows when it trades.
const TRADE_CODE_LENGTH: usize = 10;
/// Numbers that are tried; that one is taken already is all but impossible.
const NUMBERS_TRIED: usize = 3;
/// What is kept in place of a password.
const MASK: &str = "***";

impl Engine {
    /// Gives a merchant that stands already, under an agent, the registration with which it signs in. A
    /// repeat changes nothing.
    ///
    /// # Errors
    /// The books are away, or the merchant has no agent.
    pub async fn register_standing(
        &self,
        profile: &AppProfile,
        new: RegisterMerchant,
        trade_code: &str,
    ) -> Result<(), TradeError> {
        let inner = &self.inner;
        let agent = profile.agent.as_deref().ok_or_else(|| {
            let message = "this merchant signs itself and has no agent";
            TradeError::new(ErrorCode::InvalidParameter, message)
        })?;
        let (app, who) = (&profile.app, &agent.agent);
        let named = RegistrationKey::App(app.app_id.clone());
        if inner.find_named(who, named).await?.is_some() {
            return Ok(());
        }
        let password_hash = inner.hash_password(agent, new.password.clone()).await?;
        let hash = password_hash.as_deref();
        let now = inner.now();
        let mut registration = inner.registration(who, &app.app_id, &new, hash, now);
        registration.merchant_id = profile.merchant.merchant_id.clone();
        registration.trade_code_sealed =
            inner.seal_kept(who, &app.app_id, Kept::TradeCode, trade_code);
        let (merchant, app) = (profile.merchant.clone(), app.clone());
        let written = inner.store.register(merchant, app, registration);
        written.await.map_err(books_unavailable)?;
        Ok(())
    }
}

impl Inner {
    /// A repeat with the same mobile number and name finds the same merchant.
    pub(crate) async fn register_merchant(
        &self,
        agent: &AgentProfile,
        new: RegisterMerchant,
    ) -> Result<Reply, TradeError> {
        let password_hash = self.hash_password(agent, new.password.clone()).await?;
        for _ in 0..NUMBERS_TRIED {
            let now = self.now();
            let app_id = self.new_number(now);
            let registration =
                self.registration(&agent.agent, &app_id, &new, password_hash.as_deref(), now);
            self.check_username(&agent.agent, &registration).await?;
            let full_name = new.full_name.clone();
            let merchant = Merchant {
                merchant_id: registration.merchant_id.clone(),
                name: full_name.unwrap_or_else(|| app_id.to_string()),
                short_name: new.short_name.clone().unwrap_or_default(),
                state: agent.agent.new_merchant_state(),
            };
            let app = App {
                app_id: app_id.clone(),
                merchant_id: registration.merchant_id.clone(),
                dialect_id: agent.agent.dialect_id.clone(),
                agent_id: Some(agent.agent.agent_id.clone()),
                partners: Vec::new(),
                settings: BTreeMap::new(),
            };
            let standing = self
                .store
                .register(merchant, app, registration.clone())
                .await
                .map_err(books_unavailable)?;
            self.directory.forget_misses();
            if standing == registration {
                tracing::info!(merchant = %app_id, agent = %agent.agent.agent_id, "registered");
            } else if standing.app_id == app_id {
                // The number was somebody else's.
                continue;
            }
            return self.registered(agent, &standing).await;
        }
        tracing::error!("no free number for a merchant was found");
        Err(TradeError::new(
            ErrorCode::Internal,
            "a fault on our side; send the same request again",
        ))
    }

    /// A login name leads to one merchant: another merchant's is refused, a repeat of the same is not.
    async fn check_username(&self, agent: &Agent, new: &Registration) -> Result<(), TradeError> {
        let Some(username) = new.username_digest.clone() else {
            return Ok(());
        };
        let named = RegistrationKey::Username(username);
        let found = self.find_named(agent, named).await?;
        let is_repeat = |standing: &Registration| {
            (&standing.name_digest, &standing.mobile_digest)
                == (&new.name_digest, &new.mobile_digest)
        };
        if found.as_ref().is_none_or(is_repeat) {
            return Ok(());
        }
        let message = "another merchant of this agent has this login name; choose another one";
        Err(TradeError::new(ErrorCode::UsernameTaken, message))
    }

    /// Opaque and not to be guessed: the day, then digits at random.
    fn new_number(&self, now: Timestamp) -> AppId {
        let stamp = now.compact(&Zone::BEIJING);
        let day = stamp.get(..8).unwrap_or_default();
        AppId::from(format!("f{day}{}", self.random_digits(NUMBER_DIGITS)))
    }

    fn registration(
        &self,
        agent: &Agent,
        app_id: &AppId,
        new: &RegisterMerchant,
        password_hash: Option<&str>,
        now: Timestamp,
    ) -> Registration {
        let digest = |what, text: &String| self.name_digest(agent, what, text);
        let is_password = |text: &str| new.password.as_deref() == Some(text);
        let members: Vec<(&str, &str)> = new
            .members
            .iter()
            .map(|(name, text)| {
                let kept = if is_password(text) { MASK } else { text };
                (name.as_str(), kept)
            })
            .collect();
        let members = serde_json::json!(members).to_string();
        let trade_code = self.vault.nonce(TRADE_CODE_LENGTH);
        Registration {
            dialect_id: agent.dialect_id.clone(),
            agent_id: agent.agent_id.clone(),
            app_id: app_id.clone(),
            merchant_id: MerchantId::from(app_id.as_str()),
            name_digest: digest(Named::FullName, &new.full_name.clone().unwrap_or_default()),
            mobile_digest: new.mobile.as_ref().map(|text| digest(Named::Mobile, text)),
            username_digest: new
                .username
                .as_ref()
                .map(|text| digest(Named::Username, text)),
            password_sealed: password_hash
                .map(|hash| self.seal_kept(agent, app_id, Kept::Password, hash)),
            trade_code_sealed: self.seal_kept(agent, app_id, Kept::TradeCode, &trade_code),
            members_sealed: self.seal_kept(agent, app_id, Kept::Members, &members),
            created_at: now,
        }
    }
}
