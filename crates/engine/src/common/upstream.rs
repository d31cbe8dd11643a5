//! What a channel asks of the world, answered with the keys of one account.

use std::sync::Arc;

use heliu_ports::BoxFuture;
use heliu_ports::channel::{Channel, ChannelOrder, Upstream};
use heliu_ports::keys::{KeyError, KeyOwner, Keys, NamedCheck};
use heliu_ports::signature::{KeyRole, SignatureSpec};
use heliu_ports::store::StoreError;
use heliu_ports::transport::{CallError, CallLimits, ClientIdentity, Purpose};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::time::Timestamp;

use crate::Inner;
use crate::common::directory::AccountProfile;

/// To connect to a channel, in ms.
const CONNECT_TIMEOUT_MS: i64 = 3_000;
/// Largest answer of a channel, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// So many characters of a key's serial are shown.
const SERIAL_SHOWN_MAX: usize = 64;

pub(crate) struct Line<'a> {
    inner: &'a Inner,
    account: Arc<AccountProfile>,
    /// Those of the contract that the call is about, where its channel needs such.
    contract_keys: Option<Arc<dyn Keys>>,
}

impl Upstream for Line<'_> {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn nonce(&self, length: usize) -> String {
        self.inner.vault.nonce(length)
    }

    fn sign(&self, spec: &SignatureSpec) -> Result<String, KeyError> {
        self.account.keys.sign(spec, None)
    }

    fn verify(&self, spec: &SignatureSpec, presented: &str) -> bool {
        self.account.keys.verify(spec, presented).is_some()
    }

    fn verify_by(&self, serial: &str, spec: &SignatureSpec, presented: &str) -> NamedCheck {
        let keys = &self.account.keys;
        let check = keys.verify_by(serial, spec, presented, self.inner.now());
        if check == NamedCheck::UnknownKey {
            self.inner.miss_key(&self.account, &shown(serial));
        }
        check
    }

    fn verify_by_certificate(
        &self,
        pem: &str,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
    ) -> bool {
        let (vault, now) = (&self.inner.vault, self.inner.now());
        vault.verify_by_certificate(pem, serial, spec, presented, now)
    }

    fn open_gcm(
        &self,
        role: KeyRole,
        nonce: &[u8],
        associated: &[u8],
        boxed: &[u8],
    ) -> Option<Vec<u8>> {
        self.account.keys.open_gcm(role, nonce, associated, boxed)
    }

    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        self.account.keys.reveal(role)
    }

    fn reveal_of_contract(&self, role: KeyRole) -> Result<String, KeyError> {
        let keys = self.contract_keys.as_ref();
        keys.ok_or(KeyError::Missing(role.0))?.reveal(role)
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
        let pem = match self.account.keys.reveal(role) {
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

/// What strangers name a key, as far as logs show it.
fn shown(serial: &str) -> String {
    let is_plain = |sign: &char| sign.is_ascii_alphanumeric() || *sign == '_';
    serial
        .chars()
        .filter(is_plain)
        .take(SERIAL_SHOWN_MAX)
        .collect()
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
    /// For what is about the account alone.
    pub(crate) fn line(&self, account: &Arc<AccountProfile>) -> Line<'_> {
        Line {
            inner: self,
            account: Arc::clone(account),
            contract_keys: None,
        }
    }

    /// For what is about a contract.
    pub(crate) async fn line_of(
        &self,
        account: &Arc<AccountProfile>,
        owner: impl FnOnce() -> KeyOwner + Send,
    ) -> Result<Line<'_>, StoreError> {
        let contract_keys = self.contract_keys(account, owner).await?;
        Ok(Line {
            contract_keys,
            ..self.line(account)
        })
    }

    /// Opens the way to the channel of an attempt.
    pub(crate) async fn connect<'a>(
        &'a self,
        merchant_id: &MerchantId,
        order: &'a Order,
        attempt: &'a Attempt,
    ) -> Result<Connection<'a>, StoreError> {
        let account = self.account(&attempt.route.channel_account_id).await?;
        let owner = || KeyOwner::Contract {
            merchant_id: merchant_id.clone(),
            channel_account_id: attempt.route.channel_account_id.clone(),
            sub_merchant_id: attempt.route.sub_merchant_id.clone(),
        };
        let token = self.callback_token(merchant_id, order.order_no, attempt.attempt_no);
        Ok(Connection {
            line: self.line_of(&account, owner).await?,
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
