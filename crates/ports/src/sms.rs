//! Text messages to people's phones, through a provider that the operator chose.

use futures::future::BoxFuture;

/// A text message was not handed to the provider, or nobody knows. The reason is for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SmsError(pub String);

/// Sends text messages.
pub trait SmsSender: Send + Sync {
    /// Hands one message to the provider; once, without a retry.
    fn send(&self, mobile: &str, text: &str) -> BoxFuture<'_, Result<(), SmsError>>;
}
