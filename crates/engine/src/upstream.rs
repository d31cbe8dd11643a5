//! What a channel asks of the world, answered with the keys of one account.

use std::sync::Arc;

use heliu_ports::BoxFuture;
use heliu_ports::channel::{Channel, ChannelOrder, Upstream};
use heliu_ports::keys::{KeyError, Keys};
use heliu_ports::signature::{KeyRole, SignatureSpec};
use heliu_ports::store::StoreError;
use heliu_ports::transport::{CallError, CallLimits, ClientIdentity, Purpose};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::time::Timestamp;

use crate::Inner;
use crate::directory::AccountProfile;

/// To connect to a channel, in ms.
const CONNECT_TIMEOUT_MS: i64 = 3_000;
/// Largest answer of a channel, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

pub(crate) struct Line<'a> {
    inner: &'a Inner,
    keys: Arc<dyn Keys>,
}

impl Upstream for Line<'_> {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn nonce(&self, length: usize) -> String {
        self.inner.vault.nonce(length)
    }

    fn sign(&self, spec: &SignatureSpec) -> Result<String, KeyError> {
        self.keys.sign(spec, None)
    }

    fn verify(&self, spec: &SignatureSpec, presented: &str) -> bool {
        self.keys.verify(spec, presented).is_some()
    }

    fn open_gcm(
        &self,
        role: KeyRole,
        nonce: &[u8],
        associated: &[u8],
        boxed: &[u8],
    ) -> Option<Vec<u8>> {
        self.keys.open_gcm(role, nonce, associated, boxed)
    }

    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        self.keys.reveal(role)
    }

    fn send(
        &self,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        self.inner.transport.call(request, limits(timeout_ms))
    }

    fn send_as(
        &self,
        role: KeyRole,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        let pem = match self.keys.reveal(role) {
            Ok(pem) => pem,
            Err(KeyError::Missing(_)) => return self.send(request, timeout_ms),
            Err(cause) => {
                let refused = CallError::NotSent(cause.to_string());
                return Box::pin(std::future::ready(Err(refused)));
            }
        };
        let identity = ClientIdentity {
            fingerprint: self.inner.vault.digest("client certificate", &pem),
            pem: pem.into(),
        };
        let transport = &self.inner.transport;
        transport.call_as(identity, request, limits(timeout_ms))
    }
}

const fn limits(timeout_ms: i64) -> CallLimits {
    CallLimits {
        purpose: Purpose::Channel,
        connect_timeout_ms: CONNECT_TIMEOUT_MS,
        timeout_ms,
        answer_bytes_max: ANSWER_BYTES_MAX,
    }
}

impl Inner {
    pub(crate) fn line(&self, account: &AccountProfile) -> Line<'_> {
        Line {
            inner: self,
            keys: Arc::clone(&account.keys),
        }
    }

    /// Opens the way to the channel of an attempt.
    pub(crate) async fn connect<'a>(
        &'a self,
        merchant_id: &MerchantId,
        order: &'a Order,
        attempt: &'a Attempt,
    ) -> Result<Connection<'a>, StoreError> {
        let account = self.account(&attempt.route.channel_account_id).await?;
        let token = self.callback_token(merchant_id, order.order_no, attempt.attempt_no);
        Ok(Connection {
            line: self.line(&account),
            account,
            callback_url: format!("{}/callback/{token}", self.settings.public_url),
            terminal_ip: &self.settings.terminal_ip,
            order,
            attempt,
        })
    }
}

/// The way to the channel of one attempt.
pub(crate) struct Connection<'a> {
    pub(crate) line: Line<'a>,
    account: Arc<AccountProfile>,
    /// Where callbacks for the attempt go.
    callback_url: String,
    terminal_ip: &'a str,
    order: &'a Order,
    attempt: &'a Attempt,
}

impl Connection<'_> {
    pub(crate) fn channel(&self) -> &dyn Channel {
        &*self.account.channel
    }

    /// The attempt as its channel sees it.
    pub(crate) fn view(&self) -> ChannelOrder<'_> {
        ChannelOrder {
            account: &self.account.account,
            attempt: self.attempt,
            charge_fen: self.order.charge_fen,
            subject: &self.order.details.subject,
            terms: &self.order.details.terms,
            expires_at: self.order.expires_at,
            callback_url: &self.callback_url,
            terminal_ip: self.terminal_ip,
        }
    }
}
