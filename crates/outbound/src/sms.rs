//! The provider of text messages: one POST, a bearer token, `{"mobile", "text"}`. Whoever has a
//! provider with another wire puts a few lines of proxy in front of it.

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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use heliu_ports::transport::CallError;
    use heliu_ports::wire::WireResponse;

    use super::*;

    /// A provider that remembers what came and answers with a status.
    struct Provider {
        status: Result<u16, CallError>,
        came: Mutex<Vec<(OutRequest, CallLimits)>>,
    }

    impl Transport for Provider {
        fn call(
            &self,
            request: OutRequest,
            limits: CallLimits,
        ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
            let mut came = self.came.lock().expect("not poisoned");
            came.push((request, limits));
            let answer = self.status.clone();
            Box::pin(async { answer.map(|status| WireResponse::new(status, "text/plain", "no")) })
        }

        fn check_address(&self, _: &str) -> Result<(), String> {
            Ok(())
        }
    }

    fn provider(status: Result<u16, CallError>) -> Arc<Provider> {
        Arc::new(Provider {
            status,
            came: Mutex::default(),
        })
    }

    fn sender(provider: &Arc<Provider>) -> Sms {
        let account = SmsProvider {
            url: "https://sms.example.com/send".to_owned(),
            token: "the token".into(),
        };
        Sms::new(Arc::clone(provider) as Arc<dyn Transport>, Some(account))
    }

    #[tokio::test]
    async fn a_message_is_posted_once_with_its_token() {
        let provider = provider(Ok(202));
        let sent = sender(&provider)
            .send("13800000000", "验证码\"1234\"")
            .await;
        assert_eq!(sent, Ok(()));
        let came = provider.came.lock().expect("not poisoned");
        let [(request, limits)] = came.as_slice() else {
            unreachable!("one call")
        };
        assert_eq!(request.url, "https://sms.example.com/send");
        let bearer = ("Authorization", "Bearer the token".to_owned());
        assert!(request.headers.contains(&bearer));
        let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        let expected = serde_json::json!({"mobile": "13800000000", "text": "验证码\"1234\""});
        assert_eq!(body, expected);
        assert_eq!(limits.purpose, Purpose::Sms);
    }

    #[tokio::test]
    async fn a_failure_says_why_and_holds_no_secret() {
        let silent = CallError::NoAnswer("time is over".to_owned());
        for (status, word) in [
            (Ok(401), "401"),
            (Ok(302), "302"),
            (Err(silent), "time is over"),
        ] {
            let sent = sender(&provider(status)).send("13800000000", "1234").await;
            let told = sent.expect_err("not sent").to_string();
            assert!(told.contains(word), "{told}");
            for secret in ["13800000000", "1234", "the token"] {
                assert!(!told.contains(secret), "{told}");
            }
        }
    }

    #[tokio::test]
    async fn without_a_provider_nothing_is_sent() {
        let provider = provider(Ok(200));
        let sms = Sms::new(Arc::clone(&provider) as Arc<dyn Transport>, None);
        let told = sms.send("13800000000", "1234").await;
        let told = told.expect_err("nobody to send it").to_string();
        assert!(told.contains("sms_url"), "{told}");
        assert!(provider.came.lock().expect("not poisoned").is_empty());
    }
}
