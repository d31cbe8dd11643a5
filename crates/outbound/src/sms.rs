//! The provider of text messages: one POST, a bearer token, `{"mobile", "text"}`. Whoever has a provider with
//! another wire puts a few lines of proxy in front of it.

use std::sync::Arc;

use heliu_ports::BoxFuture;
use heliu_ports::sms::{SmsError, SmsSender};
use heliu_ports::transport::{CallLimits, Purpose, Transport};
use heliu_ports::wire::OutRequest;
use secrecy::{ExposeSecret as _, SecretString};

/// To connect to the provider, in ms.
const CONNECT_TIMEOUT_MS: i64 = 3_000;
/// For the whole call, in ms: somebody waits for the message.
const TIMEOUT_MS: i64 = 10_000;
/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Where a provider is and what it wants to see.
#[derive(Debug, Clone)]
pub struct SmsProvider {
    /// Where messages are handed in.
    pub url: String,
    /// The bearer token that goes with each.
    pub token: SecretString,
}

/// Sends through a provider, or says that there is none.
pub struct Sms {
    transport: Arc<dyn Transport>,
    provider: Option<SmsProvider>,
}

impl Sms {
    /// A sender through `provider`; without one every message fails.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, provider: Option<SmsProvider>) -> Self {
        Self {
            transport,
            provider,
        }
    }
}

impl SmsSender for Sms {
    fn send(&self, mobile: &str, text: &str) -> BoxFuture<'_, Result<(), SmsError>> {
        let Some(provider) = &self.provider else {
            let error = SmsError("no provider of text messages is configured: set sms_url".into());
            return Box::pin(async { Err(error) });
        };
        let message = serde_json::json!({ "mobile": mobile, "text": text });
        let token = provider.token.expose_secret();
        let request = OutRequest {
            method: http::Method::POST,
            url: provider.url.clone(),
            headers: vec![
                ("Content-Type", "application/json".to_owned()),
                ("Authorization", format!("Bearer {token}")),
            ],
            body: message.to_string().into(),
        };
        let limits = CallLimits {
            purpose: Purpose::Sms,
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            timeout_ms: TIMEOUT_MS,
            answer_bytes_max: ANSWER_BYTES_MAX,
        };
        Box::pin(async move {
            match self.transport.call(request, limits).await {
                Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
                Ok(answer) => Err(SmsError(format!(
                    "the provider of text messages answered {}",
                    answer.status
                ))),
                Err(cause) => Err(SmsError(format!("the provider of text messages: {cause}"))),
            }
        })
    }
}
