//! What a channel asks of the world.

use futures::future::BoxFuture;
use heliu_trade::time::Timestamp;

use crate::keys::{KeyError, NamedCheck};
use crate::signature::{KeyRole, SignatureSpec};
use crate::transport::CallError;
use crate::wire::{OutRequest, WireResponse};

/// What a channel asks of the world; the keys are those of the order's channel account.
pub trait Upstream: Send + Sync {
    /// Now (UTC).
    fn now(&self) -> Timestamp;

    /// A fresh random text of `length` lower-case letters and digits.
    fn nonce(&self, length: usize) -> String;

    /// Signs.
    ///
    /// # Errors
    /// The account lacks the key.
    fn sign(&self, spec: &SignatureSpec) -> Result<String, KeyError>;

    /// Verifies, in constant time.
    fn verify(&self, spec: &SignatureSpec, presented: &str) -> bool;

    /// Verifies with the account's key that the channel names by its serial, in constant time. One
    /// that the account lacks is told to the operator.
    fn verify_by(&self, serial: &str, spec: &SignatureSpec, presented: &str) -> NamedCheck;

    /// Whether a certificate (PEM) that the channel has just told has this serial number, and its
    /// key made a signature.
    fn verify_by_certificate(
        &self,
        pem: &str,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
    ) -> bool;

    /// Opens an AES-256-GCM box.
    fn open_gcm(
        &self,
        role: KeyRole,
        nonce: &[u8],
        associated: &[u8],
        boxed: &[u8],
    ) -> Option<Vec<u8>>;

    /// A secret of the account's that the wire itself carries.
    ///
    /// # Errors
    /// The account lacks the key.
    fn reveal(&self, role: KeyRole) -> Result<String, KeyError>;

    /// A secret of the contract's that the wire itself carries.
    ///
    /// # Errors
    /// The contract lacks the key, or the call is about no contract.
    fn reveal_of_contract(&self, role: KeyRole) -> Result<String, KeyError>;

    /// Sends one request over a connection made with the account's client certificate of this role;
    /// without one if the account has none, since a proxy of the operator's may add it.
    fn send_as(
        &self,
        _role: KeyRole,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        self.send(request, timeout_ms)
    }

    /// Sends one request; `timeout_ms` for the whole call.
    fn send(
        &self,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>>;
}
