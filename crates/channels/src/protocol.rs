//! A channel as a table of its verbs, and the one implementation of [`Channel`] over such tables.
//!
//! A verb of a table may stop, and `?` carries why. What a stop means is said here, once for each
//! verb: a payment or a prepay of which not a byte was sent is unreachable (ruling 12), everything
//! else is unknown.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, CallbackRefused, Callbacks, Channel, ChannelDescriptor, ChannelOrder,
    ChannelRefund, FaceKits, KeyPublisher, Logins, LookupRefused, MiniPrograms, PayerCodes,
    Payments, PayoutFiles, Payouts, Plan, PrepayResult, ProviderNames, PublishedKey, Refunds,
    Upstream, UpstreamScene,
};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{
    FaceCredential, FaceCredentialReply, MiniProgramSession, PayerFound, PayerLookup,
};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::verdict::{CloseResult, RefundResult, ReversalResult, Unknown, Verdict};
use heliu_trade::wallet::WalletKind;

use crate::answer::Stop;
use crate::payout_table::PayoutTable;

/// What a verb ends in, once it has ended.
type Ending<'a, T, E = Stop> = BoxFuture<'a, Result<T, E>>;

/// A verb about an order.
type OrderVerb<T> = for<'a> fn(&'a dyn Upstream, &'a ChannelOrder<'a>) -> Ending<'a, T>;

/// A verb about a refund of an order.
type RefundVerb = for<'a> fn(
    &'a dyn Upstream,
    &'a ChannelOrder<'a>,
    &'a ChannelRefund<'a>,
) -> Ending<'a, RefundResult>;

/// A verb about an order that takes a text beside it.
type PayVerb = for<'a> fn(&'a dyn Upstream, &'a ChannelOrder<'a>, &'a str) -> Ending<'a, Verdict>;

/// Exchanges a login code.
type PayerVerb = for<'a> fn(&'a dyn Upstream, &'a ChannelAccount, &'a str) -> Ending<'a, String>;

/// Asks for a terminal's credential.
type FaceVerb = for<'a> fn(
    &'a dyn Upstream,
    &'a ChannelAccount,
    &'a Contract,
    &'a FaceCredential,
) -> Ending<'a, FaceCredentialReply, LookupRefused>;

/// Finds whose code a merchant has.
type LookupVerb = for<'a> fn(
    &'a dyn Upstream,
    &'a ChannelAccount,
    &'a Contract,
    &'a PayerLookup,
) -> Ending<'a, PayerFound, LookupRefused>;

/// Exchanges a mini program's login code.
type SessionVerb = for<'a> fn(
    &'a dyn Upstream,
    &'a ChannelAccount,
    &'a str,
    &'a str,
) -> Ending<'a, MiniProgramSession, LookupRefused>;

/// Asks for the keys by which the channel signs.
type KeysVerb = for<'a> fn(
    &'a dyn Upstream,
    &'a ChannelAccount,
) -> Ending<'a, Vec<PublishedKey>, LookupRefused>;

/// A channel: what it states about itself, and its verbs. Each member means what [`Channel`] says
/// of it.
#[derive(Clone, Copy)]
pub(crate) struct Protocol {
    pub(crate) descriptor: &'static ChannelDescriptor,
    pub(crate) plan: fn(WalletKind, UpstreamScene) -> Option<Plan>,
    pub(crate) provider_names: fn(&ChannelAccount, UpstreamScene) -> ProviderNames,
    pub(crate) pay: PayVerb,
    pub(crate) prepay: OrderVerb<PrepayResult>,
    pub(crate) query: OrderVerb<Verdict>,
    pub(crate) reverse: OrderVerb<ReversalResult>,
    pub(crate) close: OrderVerb<CloseResult>,
    pub(crate) refund: RefundVerb,
    pub(crate) query_refund: RefundVerb,
    pub(crate) callback:
        fn(&dyn Upstream, &ChannelOrder<'_>, &WireRequest) -> Result<CallbackNews, CallbackRefused>,
    pub(crate) acknowledge: fn(&WireRequest, Result<(), &CallbackRefused>) -> WireResponse,
    /// `None`: the channel has no such thing. So it is with all that follow.
    pub(crate) logins: Option<LoginTable>,
    pub(crate) face_kits: Option<FaceTable>,
    pub(crate) mini_programs: Option<SessionTable>,
    pub(crate) payer_codes: Option<LookupTable>,
    pub(crate) key_publisher: Option<KeysTable>,
    pub(crate) payouts: Option<PayoutTable>,
    pub(crate) payout_files: Option<&'static dyn PayoutFiles>,
}

/// [`Logins`] as a table.
#[derive(Clone, Copy)]
pub(crate) struct LoginTable {
    pub(crate) authorize_url: fn(&ChannelAccount, &str, &str) -> Option<String>,
    pub(crate) authorize_parameter: &'static str,
    pub(crate) payer_id: PayerVerb,
}

/// [`FaceKits`] by a verb.
#[derive(Clone, Copy)]
pub(crate) struct FaceTable(pub(crate) FaceVerb);

/// [`MiniPrograms`] by a verb.
#[derive(Clone, Copy)]
pub(crate) struct SessionTable(pub(crate) SessionVerb);

/// [`PayerCodes`] by a verb.
#[derive(Clone, Copy)]
pub(crate) struct LookupTable(pub(crate) LookupVerb);

/// [`KeyPublisher`] by a verb.
#[derive(Clone, Copy)]
pub(crate) struct KeysTable(pub(crate) KeysVerb);

/// The end of a verb, with its own word for a stop.
fn or_else<'a, T: 'a>(ending: Ending<'a, T>, stopped: fn(Stop) -> T) -> BoxFuture<'a, T> {
    ending
        .map(move |ended| ended.unwrap_or_else(stopped))
        .boxed()
}

impl Channel for Protocol {
    fn descriptor(&self) -> &'static ChannelDescriptor {
        self.descriptor
    }

    fn plan(
        &self,
        _account: &ChannelAccount,
        wallet: WalletKind,
        scene: UpstreamScene,
    ) -> Option<Plan> {
        (self.plan)(wallet, scene)
    }

    fn provider_names(&self, account: &ChannelAccount, scene: UpstreamScene) -> ProviderNames {
        (self.provider_names)(account, scene)
    }

    fn logins(&self) -> Option<&dyn Logins> {
        self.logins.as_ref().map(|table| table as &dyn Logins)
    }

    fn face_kits(&self) -> Option<&dyn FaceKits> {
        self.face_kits.as_ref().map(|table| table as &dyn FaceKits)
    }

    fn mini_programs(&self) -> Option<&dyn MiniPrograms> {
        self.mini_programs
            .as_ref()
            .map(|table| table as &dyn MiniPrograms)
    }

    fn payer_codes(&self) -> Option<&dyn PayerCodes> {
        self.payer_codes
            .as_ref()
            .map(|table| table as &dyn PayerCodes)
    }

    fn key_publisher(&self) -> Option<&dyn KeyPublisher> {
        self.key_publisher
            .as_ref()
            .map(|table| table as &dyn KeyPublisher)
    }

    fn payouts(&self) -> Option<&dyn Payouts> {
        self.payouts.as_ref().map(|table| table as &dyn Payouts)
    }

    fn payout_files(&self) -> Option<&dyn PayoutFiles> {
        self.payout_files.map(|files| files as &dyn PayoutFiles)
    }
}

impl Payments for Protocol {
    fn pay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Verdict> {
        or_else((self.pay)(upstream, order, auth_code), Stop::into_verdict)
    }

    fn prepay<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, PrepayResult> {
        or_else((self.prepay)(upstream, order), Stop::into_prepay)
    }

    fn query<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, Verdict> {
        or_else((self.query)(upstream, order), |stop| {
            Verdict::Unknown(stop.into_unknown())
        })
    }

    fn reverse<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, ReversalResult> {
        or_else((self.reverse)(upstream, order), |stop| {
            ReversalResult::Unknown(stop.into_unknown())
        })
    }

    fn close<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
    ) -> BoxFuture<'a, CloseResult> {
        or_else((self.close)(upstream, order), |stop| {
            CloseResult::Unknown(stop.into_unknown())
        })
    }
}

impl Refunds for Protocol {
    fn refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        or_else((self.refund)(upstream, order, refund), |stop| {
            RefundResult::Unknown(stop.into_unknown())
        })
    }

    fn query_refund<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        order: &'a ChannelOrder<'a>,
        refund: &'a ChannelRefund<'a>,
    ) -> BoxFuture<'a, RefundResult> {
        or_else((self.query_refund)(upstream, order, refund), |stop| {
            RefundResult::Unknown(stop.into_unknown())
        })
    }
}

impl Callbacks for Protocol {
    fn callback(
        &self,
        upstream: &dyn Upstream,
        order: &ChannelOrder<'_>,
        request: &WireRequest,
    ) -> Result<CallbackNews, CallbackRefused> {
        (self.callback)(upstream, order, request)
    }

    fn acknowledge(
        &self,
        request: &WireRequest,
        outcome: Result<(), &CallbackRefused>,
    ) -> WireResponse {
        (self.acknowledge)(request, outcome)
    }
}

impl Logins for LoginTable {
    fn authorize_url(
        &self,
        account: &ChannelAccount,
        return_url: &str,
        state: &str,
    ) -> Option<String> {
        (self.authorize_url)(account, return_url, state)
    }

    fn authorize_parameter(&self) -> &'static str {
        self.authorize_parameter
    }

    fn payer_id<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        code: &'a str,
    ) -> BoxFuture<'a, Result<String, Unknown>> {
        (self.payer_id)(upstream, account, code)
            .map(|ended| ended.map_err(Stop::into_unknown))
            .boxed()
    }
}

impl FaceKits for FaceTable {
    fn face_credential<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        contract: &'a Contract,
        request: &'a FaceCredential,
    ) -> BoxFuture<'a, Result<FaceCredentialReply, LookupRefused>> {
        (self.0)(upstream, account, contract, request)
    }
}

impl MiniPrograms for SessionTable {
    fn mini_program_session<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        app_id: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<MiniProgramSession, LookupRefused>> {
        (self.0)(upstream, account, app_id, code)
    }
}

impl PayerCodes for LookupTable {
    fn payer_of_code<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        contract: &'a Contract,
        request: &'a PayerLookup,
    ) -> BoxFuture<'a, Result<PayerFound, LookupRefused>> {
        (self.0)(upstream, account, contract, request)
    }
}

impl KeyPublisher for KeysTable {
    fn published_keys<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
    ) -> BoxFuture<'a, Result<Vec<PublishedKey>, LookupRefused>> {
        (self.0)(upstream, account)
    }
}
