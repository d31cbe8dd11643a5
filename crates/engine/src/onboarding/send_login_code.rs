//! 短信验证码: a login code to a merchant's mobile number.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::login_code::{Action, LoginCodeKey};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::time::{DAY_MS, MINUTE_MS, Timestamp};

use crate::Inner;
use crate::common::directory::AgentProfile;
use crate::onboarding::registered::{
    code_digest, find_by_mobile, login_code_key, mobile_mark, random_digits,
};

/// Digits of a code, as the wires' examples have.
const CODE_DIGITS: usize = 4;
/// How long a code holds, in minutes.
const LIFE_MIN: i64 = 20;
const LIFE_MS: i64 = LIFE_MIN * MINUTE_MS;

/// Codes to one number within [`DAY_MS`].
const CODES_A_DAY: usize = 20;

/// When this process sent codes to which numbers, for a day.
#[derive(Default)]
pub(crate) struct CodesSent(Mutex<HashMap<LoginCodeKey, Vec<Timestamp>>>);

impl CodesSent {
    /// Whether one more may be sent now.
    fn may_send(&self, key: &LoginCodeKey, now: Timestamp) -> bool {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for times in sent.values_mut() {
            // Either way: a clock that was set back makes nobody wait longer.
            times.retain(|at| now.since_ms(*at).abs() < DAY_MS);
        }
        sent.retain(|_, times| !times.is_empty());
        sent.get(key).is_none_or(|times| times.len() < CODES_A_DAY)
    }

    /// One is sent.
    fn note(&self, key: LoginCodeKey, now: Timestamp) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.entry(key).or_default().push(now);
    }
}

/// Only to numbers of this agent's merchants, one a minute and [`CODES_A_DAY`]: with the tries
/// that one code allows, guessing at short codes leads nowhere. The code is written before it
/// is sent, so that a failure of the provider does not open the gap.
pub(crate) async fn run(
    inner: &Inner,
    agent: &AgentProfile,
    mobile: &str,
) -> Result<Reply, TradeError> {
    let who = &agent.agent;
    let key = login_code_key(inner, who, mobile);
    let found = find_by_mobile(inner, agent, mobile_mark(inner, who, mobile));
    if found.await?.is_none() {
        let message = "no merchant of this mobile number is registered under this agent";
        return Err(TradeError::new(ErrorCode::UnknownMerchant, message));
    }
    let code = random_digits(inner, CODE_DIGITS);
    let now = inner.now();
    if !inner.codes_sent.may_send(&key, now) {
        let message = "too many codes were asked for this number today; try again tomorrow";
        return Err(TradeError::new(ErrorCode::RateLimited, message));
    }
    let send = RecordStep {
        wants: vec![key.want()],
        now,
        action: RecordAction::LoginCode(Action::Send {
            record_no: inner.mint_record_no(),
            key: key.clone(),
            code_digest: code_digest(inner, who, mobile, &code),
            expires_at: now.plus_ms(LIFE_MS),
        }),
    };
    inner.commit_records(send, Vec::new(), None).await?;
    inner.codes_sent.note(key, now);
    let text = format!("您的登录验证码是{code}，{LIFE_MIN}分钟内有效，请勿告诉他人。");
    inner.sms.send(mobile, &text).await.map_err(|cause| {
        tracing::error!(%cause, "a login code was not sent");
        let message = "text messages cannot be sent at the moment; try again in a minute";
        TradeError::new(ErrorCode::ServiceUnavailable, message)
    })?;
    Ok(Reply::LoginCodeSent { life_ms: LIFE_MS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gets_twenty_codes_a_day() {
        let sent = CodesSent::default();
        let key = |mobile: &str| LoginCodeKey {
            dialect_id: "a_dialect".into(),
            agent_id: "an_agent".into(),
            mobile_digest: mobile.to_owned(),
        };
        let may_send = |mobile, minute: i64| {
            let now = Timestamp::from_ms(minute * MINUTE_MS);
            let may_send = sent.may_send(&key(mobile), now);
            if may_send {
                sent.note(key(mobile), now);
            }
            may_send
        };
        assert!((0..20).all(|minute| may_send("one", minute)));
        assert!(!may_send("one", 20) && may_send("other", 20));
        assert!(may_send("one", 24 * 60) && !may_send("one", 24 * 60));
    }
}
