//! 短信验证码: a login code to a merchant's mobile number.

use heliu_ports::store::{LoginCode, RegistrationKey};
use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};

use crate::Inner;
use crate::directory::{AgentProfile, books_unavailable};

/// Digits of a code, as the wires' examples have.
const CODE_DIGITS: usize = 4;
/// How long a code holds, in minutes.
const LIFE_MIN: i64 = 20;
const LIFE_MS: i64 = LIFE_MIN * 60_000;

impl Inner {
    /// Only to numbers of this agent's merchants, and one a minute. The code is written before it is sent, so
    /// that a failure of the provider does not open the gap.
    pub(crate) async fn send_login_code(
        &self,
        agent: &AgentProfile,
        mobile: &str,
    ) -> Result<Reply, TradeError> {
        let who = &agent.agent;
        let key = self.login_code_key(who, mobile);
        let named = RegistrationKey::Mobile(key.mobile_digest.clone());
        let found = self
            .store
            .find_registration(&who.dialect_id, &who.agent_id, named);
        if found.await.map_err(books_unavailable)?.is_none() {
            let message = "no merchant of this mobile number is registered under this agent";
            return Err(TradeError::new(ErrorCode::UnknownMerchant, message));
        }
        let code = self.random_digits(CODE_DIGITS);
        let now = self.now();
        let login_code = LoginCode {
            key,
            code_digest: self.code_digest(who, mobile, &code),
            sent_at: now,
            expires_at: now.plus_ms(LIFE_MS),
        };
        let is_written = self.store.put_login_code(login_code).await;
        if !is_written.map_err(books_unavailable)? {
            let message = "a code was asked for this number less than a minute ago; wait";
            return Err(TradeError::new(ErrorCode::RateLimited, message));
        }
        let text = format!("您的登录验证码是{code}，{LIFE_MIN}分钟内有效，请勿告诉他人。");
        self.sms.send(mobile, &text).await.map_err(|cause| {
            tracing::error!(%cause, "a login code was not sent");
            let message = "text messages cannot be sent at the moment; try again in a minute";
            TradeError::new(ErrorCode::ServiceUnavailable, message)
        })?;
        Ok(Reply::LoginCodeSent { life_ms: LIFE_MS })
    }
}
