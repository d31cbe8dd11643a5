//! The way out: one HTTP client for all, behind a trait.

use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::wire::{OutRequest, WireResponse};

/// For whom a call goes out; decides filter, time and size limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To a channel, at an address that the operator set.
    Channel,
    /// To the provider of text messages, at an address that the operator set.
    Sms,
    /// To a merchant's notification address: filtered at dial time.
    Notification,
}

/// A call's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// For whom.
    pub purpose: Purpose,
    /// To connect, in ms.
    pub connect_timeout_ms: i64,
    /// For the whole call, in ms.
    pub timeout_ms: i64,
    /// Most bytes of an answer that are read; a longer one counts as no answer.
    pub answer_bytes_max: usize,
}

/// A certificate with its private key, by which we prove who we are while a connection is made.
#[derive(Clone)]
pub struct ClientIdentity {
    /// Tells it from others without revealing it.
    pub fingerprint: String,
    /// Certificate chain and private key, PEM.
    pub pem: SecretString,
}

/// A call without a usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Not a byte was sent: the address is refused, does not resolve, or nobody listens. Nothing
    /// happened.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The other side was reached, but no secure connection could be made: not a byte of the
    /// request was sent, and nothing happened.
    #[error("not sent, no secure connection: {0}")]
    NotSecured(String),
    /// Something may have been sent, and no whole answer came: unknown.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// Sends requests.
pub trait Transport: Send + Sync {
    /// One call: no retry, no redirect.
    fn call(
        &self,
        request: OutRequest,
        limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>>;

    /// One call over a connection that is made with a client certificate. A transport that makes no
    /// connections has no use for one.
    fn call_as(
        &self,
        _identity: ClientIdentity,
        request: OutRequest,
        limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        self.call(request, limits)
    }

    /// Whether a notification address may be saved: scheme, form, names and literal addresses that
    /// lead inside, our own address.
    ///
    /// # Errors
    /// The reason, for the merchant.
    fn check_address(&self, url: &str) -> Result<(), String>;

    /// Whether a payer's browser may be sent to this address: scheme, form, our own address. It may
    /// lead into the payer's own network, which not every transport knows to tell apart.
    ///
    /// # Errors
    /// The reason, for the merchant.
    fn check_page(&self, url: &str) -> Result<(), String> {
        self.check_address(url)
    }
}
