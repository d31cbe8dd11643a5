//! A channel: a pure translator to one upstream protocol.
//!
//! It has no client, no key, no clock, no retry and no log; what it needs of these it asks of
//! [`Upstream`]. Each verb is a small machine (send, sign, verify, open, done) that the compiler
//! makes of an `async` function whose only pauses are calls of `Upstream`.

use futures::future::BoxFuture;
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::command::{
    FaceCredential, FaceCredentialReply, MiniProgramSession, PayerFound, PayerLookup,
};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::goods::SaleTerms;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{CloseResult, Decline, RefundResult, ReversalResult, Unknown, Verdict};
use heliu_trade::wallet::WalletKind;

use crate::keys::{KeyError, NamedCheck};
use crate::setting::Setting;
use crate::signature::{KeyRole, SignatureSpec};
use crate::transport::CallError;
use crate::wire::{OutRequest, WireRequest, WireResponse};

/// What a channel states about itself.
#[derive(Debug)]
pub struct ChannelDescriptor {
    /// Its id: the name of its protocol and mode.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Settings that an account has or may have. There are no others.
    pub settings: &'static [Setting],
    /// Key roles that an account needs, each with its form.
    pub keys: &'static [(&'static str, &'static str)],
    /// Key roles that an account may have, each with its form and what is missing without it.
    pub optional_keys: &'static [(&'static str, &'static str)],
    /// Key roles of which an account may have several, each with its form; entered by
    /// [`named_role`] with the serial by which the channel names the key.
    ///
    /// [`named_role`]: crate::keys::named_role
    pub named_keys: &'static [(&'static str, &'static str)],
    /// Key roles that each contract needs, each with its form: secrets by which merchants let us
    /// act for them.
    pub contract_keys: &'static [(&'static str, &'static str)],
    /// Looks whether a text may be a merchant's number in a contract; the error says what one looks
    /// like. It keeps a secret from being entered as a number, which everybody is told (ruling 56).
    pub check_sub_merchant_id: fn(&str) -> Result<(), &'static str>,
    /// The document that it follows.
    pub source: &'static str,
}

impl ChannelDescriptor {
    /// The setting of that name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Whether an account may have a key of that role; behind a slash stands the serial of one that
    /// is told apart.
    #[must_use]
    pub fn knows_key(&self, role: &str) -> bool {
        let is_in =
            |roles: &[(&str, &str)], role: &str| roles.iter().any(|(name, _)| *name == role);
        match role.split_once('/') {
            Some((role, _serial)) => is_in(self.named_keys, role),
            None => is_in(self.keys, role) || is_in(self.optional_keys, role),
        }
    }
}

/// How the payer meets an attempt upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamScene {
    /// The payer's code was scanned.
    Barcode,
    /// A terminal recognised the payer's face.
    Face,
    /// A page of the merchant's inside the wallet invokes it.
    MerchantPage,
    /// Our own cashier page inside the wallet invokes it.
    CashierPage,
    /// The payer scans a code that the channel gives.
    Native,
    /// A mini program inside the wallet invokes it.
    MiniProgram,
    /// The merchant's own app invokes it.
    App,
}

impl UpstreamScene {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Barcode,
        Self::Face,
        Self::MerchantPage,
        Self::CashierPage,
        Self::Native,
        Self::MiniProgram,
        Self::App,
    ];
}

/// Capabilities and limits for one scene; frozen into the attempt's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Which family of the channel's interfaces serves it, in the channel's own word.
    pub api: &'static str,
    /// Gap between two queries, in ms.
    pub query_gap_ms: i64,
    /// How long after the payment call a reversal may come at the earliest, in ms.
    pub reverse_after_ms: i64,
    /// Gap between two refunds of one order, in ms.
    pub refund_gap_ms: i64,
    /// How many refunds one order takes.
    pub refund_count_max: u32,
    /// Whether one call reverses it, paid or not; otherwise it is closed or refunded.
    pub reverses_by_call: bool,
}

/// The service provider's names at a channel, for wires that pass them on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderNames {
    /// Its merchant number.
    pub merchant_no: Option<String>,
    /// Its app id in the scene.
    pub app_id: Option<String>,
}

/// An attempt as a channel sees it: all that its requests may need.
#[derive(Debug, Clone)]
pub struct ChannelOrder<'a> {
    /// The operator's account.
    pub account: &'a ChannelAccount,
    /// The attempt: number, route, when it was sent.
    pub attempt: &'a Attempt,
    /// What is charged, in fen CNY.
    pub charge_fen: i64,
    /// What is sold.
    pub subject: &'a str,
    /// Basket, promotion mark, shop, terminal.
    pub terms: &'a SaleTerms,
    /// When the payer loses the right to pay (UTC).
    pub expires_at: Option<Timestamp>,
    /// Where the channel's callbacks for this attempt go.
    pub callback_url: &'a str,
    /// The address that the channel is told as the terminal's.
    pub terminal_ip: &'a str,
}

/// A refund as a channel sees it.
#[derive(Debug, Clone)]
pub struct ChannelRefund<'a> {
    /// The number sent upstream: the key of its idempotency there.
    pub refund_no: &'a str,
    /// In fen, of the payable.
    pub refund_fen: i64,
    /// The merchant's reason.
    pub reason: &'a str,
}

/// The end of a prepay call. It moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepayResult {
    /// The payer's wallet can go on with this.
    Handed(Handoff),
    /// Refused for good.
    Declined(Decline),
    /// Nobody knows; may be repeated with identical content.
    Unknown(Unknown),
}

/// Why a channel gave no credential, session or payer. No money is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupRefused {
    /// This channel has no such thing.
    Unsupported,
    /// The channel says no, in its own word: the code is wrong or used, a field is wrong.
    Refused(String),
    /// The channel gave no usable answer.
    Unknown(Unknown),
}

/// What a verified callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackNews {
    /// About the payment of the attempt whose callback address it used.
    Payment(Verdict),
    /// About a refund, by the number that was sent upstream.
    Refund {
        /// That number.
        refund_no: String,
        /// How much the channel refunds, in fen; compared with our refund.
        refund_fen: i64,
        /// What it says.
        result: RefundResult,
    },
    /// Nothing that concerns us; acknowledged.
    Nothing,
}

/// Why a callback is not believed. It is answered with a refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefused {
    /// The signature is missing, wrong or stale.
    #[error("signature: {0}")]
    Signature(String),
    /// It cannot be read.
    #[error("malformed: {0}")]
    Malformed(String),
    /// It is about somebody else: app, merchant, order number or currency differ.
    #[error("mismatch: {0}")]
    Mismatch(String),
}

/// A key by which a channel signs, as the channel itself told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its role, one of the descriptor's `named_keys`.
    pub role: KeyRole,
    /// Its serial.
    pub serial: String,
    /// The certificate that holds it, PEM.
    pub certificate: String,
}

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

/// A channel. A verb that may move money never fails: what went wrong is a value.
///
/// After verification every answer is compared with the order: numbers, amount, currency, merchant.
/// An answer about something else is no answer.
pub trait Channel: Send + Sync {
    /// What it states about itself.
    fn descriptor(&self) -> &'static ChannelDescriptor;

    /// What it can do for a wallet in a scene; `None` if it cannot.
    fn plan(
        &self,
        account: &ChannelAccount,
        wallet: WalletKind,
        scene: UpstreamScene,
    ) -> Option<Plan>;

    /// The service provider's names that go with a scene.
    fn provider_names(&self, _account: &ChannelAccount, _scene: UpstreamScene) -> ProviderNames {
        ProviderNames::default()
    }

    /// Takes the money now: by the payer's code, or by what the recognised face gave, as the
    /// route's scene says. Never repeated: after an unknown result it is queried.
    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Verdict>;

    /// Makes an order that waits for its payer. May be repeated with identical content.
    fn prepay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult>;

    /// Asks what became of an attempt. "No such order" is unknown, not declined (ruling 43).
    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, Verdict>;

    /// Makes it as if not paid, by one call; only where the plan says so.
    fn reverse<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult>;

    /// Makes payment impossible.
    fn close<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult>;

    /// Gives back part or all; a repeat under the same number has no second effect.
    fn refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult>;

    /// Asks what became of a refund.
    fn query_refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult>;

    /// Checks a callback like a stranger and says what it says.
    ///
    /// # Errors
    /// Why it is not believed.
    fn callback(
        &self,
        upstream: &dyn Upstream,
        order: &ChannelOrder<'_>,
        request: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused>;

    /// The answer to a callback: acknowledged after it is stored, or refused.
    fn acknowledge(
        &self,
        request: &WireRequest,
        outcome: Result<(), &CallbackRefused>,
    ) -> WireResponse;

    /// Where a payer's browser is sent so that it comes back to `return_url` with a code.
    fn authorize_url(
        &self,
        account: &ChannelAccount,
        return_url: &str,
        state: &str,
    ) -> Option<String>;

    /// Which query parameter of the return carries that code.
    fn authorize_parameter(&self) -> &'static str;

    /// A credential for a terminal's face-pay kit.
    fn face_credential<'a>(
        &'a self,
        _upstream: &'a dyn Upstream,
        _account: &'a ChannelAccount,
        _contract: &'a Contract,
        _request: &'a FaceCredential,
    ) -> BoxFuture<'a, Result<FaceCredentialReply, LookupRefused>> {
        Box::pin(async { Err(LookupRefused::Unsupported) })
    }

    /// Exchanges a mini program's login code; the account is the mini program's.
    fn mini_program_session<'a>(
        &'a self,
        _upstream: &'a dyn Upstream,
        _account: &'a ChannelAccount,
        _app_id: &'a str,
        _code: &'a str,
    ) -> BoxFuture<'a, Result<MiniProgramSession, LookupRefused>> {
        Box::pin(async { Err(LookupRefused::Unsupported) })
    }

    /// Who a payer is whose code a merchant of the contract has. It takes no money.
    fn payer_of_code<'a>(
        &'a self,
        _upstream: &'a dyn Upstream,
        _account: &'a ChannelAccount,
        _contract: &'a Contract,
        _request: &'a PayerLookup,
    ) -> BoxFuture<'a, Result<PayerFound, LookupRefused>> {
        Box::pin(async { Err(LookupRefused::Unsupported) })
    }

    /// Whether it tells the keys by which it signs, so that they are worth asking for now and then.
    fn publishes_keys(&self) -> bool {
        false
    }

    /// Asks for those keys. They are authentic: the channel sealed or signed them.
    fn published_keys<'a>(
        &'a self,
        _upstream: &'a dyn Upstream,
        _account: &'a ChannelAccount,
    ) -> BoxFuture<'a, Result<Vec<PublishedKey>, LookupRefused>> {
        Box::pin(async { Err(LookupRefused::Unsupported) })
    }

    /// Exchanges that code for the payer's id at the channel.
    fn payer_id<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        code: &'a str,
    ) -> BoxFuture<'a, Result<String, Unknown>>;
}
