//! A surface of a dialect: one family of its interfaces, with rules of its own.
//!
//! A wire lets merchants trade, register, upload pictures, fetch statements; each of these may have
//! another signer, other keys, another limit. What a surface states is data, which the gateway
//! obeys; what it does is to read a request and to word its answer.

use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::time::Timestamp;
use http::Method;

use super::decoded::{Decoded, Echo, EncodeContext, Undecoded};
use crate::exchange::Secret;
use crate::signature::Outgoing;
use crate::wire::{WireRequest, WireResponse};

/// What a surface states about itself.
#[derive(Debug)]
pub struct SurfaceDescriptor {
    /// Its name, in lower case, unlike those of the dialect's other surfaces.
    pub name: &'static str,
    /// Where merchants and agents call it.
    pub routes: &'static [Route],
    /// Who signs requests, and notices of its kinds.
    pub signer: SignerKind,
    /// Roles of the keys that a signer needs for it.
    pub key_roles: &'static [&'static str],
    /// Largest body, in bytes.
    pub body_bytes_max: usize,
    /// Oldest request that is taken, in ms, and how far ahead of our clock it may be; `None`: any,
    /// safe where each verb is idempotent by number.
    pub freshness_ms: Option<i64>,
    /// How often a signer may ask, beside what the operator lets anybody send; surfaces of a wire
    /// that state one share its count. `None`: the wire names no limit.
    pub pace: Option<Pace>,
    /// What of a request may enter the exchange log.
    pub recording: Recording,
    /// Kinds of notices that tell what became of its requests; each kind belongs to one surface.
    pub notices: &'static [NoticeKind],
}

/// At most so many requests of a signer in any window of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many.
    pub requests: usize,
    /// The window, in ms.
    pub window_ms: i64,
}

/// A path with the methods that it takes. A path may belong to several surfaces of one dialect if
/// their methods differ.
#[derive(Debug)]
pub struct Route {
    /// Without a trailing slash (one is accepted). A step in braces, such as `{file}`, is whatever
    /// stands there.
    pub path: &'static str,
    /// At least one; `GET` takes `HEAD` too.
    pub methods: &'static [Method],
}

impl Route {
    /// A path that is called with `GET`: everything stands in the query.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        const METHODS: &[Method] = &[Method::GET];
        Self {
            path,
            methods: METHODS,
        }
    }

    /// A path that is called with `POST`.
    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        const METHODS: &[Method] = &[Method::POST];
        Self {
            path,
            methods: METHODS,
        }
    }
}

/// Who signs on a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerKind {
    /// Each app with its own keys.
    App,
    /// The agent of an app, with the agent's keys, for all of its apps.
    Agent,
}

/// What of a surface's requests may enter the exchange log. Secrets that a request names
/// ([`Decoded::secrets`]) are masked under each rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Its body as text. Of one that nobody could read too, with everything masked that looks like
    /// a payment code.
    Text,
    /// Its body as text once it could be read, because only then is it known what is private in
    /// it; before that, how many bytes came.
    TextOnceRead,
    /// How many bytes came, and neither they nor what of them was signed: pictures and files.
    Size,
}

/// A family of interfaces of one wire.
pub trait Surface: Send + Sync {
    /// What it states about itself.
    fn descriptor(&self) -> &'static SurfaceDescriptor;

    /// Understands a request to one of its routes.
    ///
    /// # Errors
    /// It names no signer, so it can be neither verified nor executed.
    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>>;

    /// What is asked if this reading of the signature held and gives the values another meaning
    /// than [`Decoded::command`] has; `None` if it does not. To be asked with the name of the
    /// reading that held.
    fn command_of_reading(
        &self,
        _request: &WireRequest,
        _reading: &str,
    ) -> Option<Result<Command, TradeError>> {
        None
    }

    /// Words an answer.
    fn encode(
        &self,
        echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse>;

    /// Secrets inside an answer's body (an echoed payment code, a session's key), to be masked
    /// before it is kept.
    fn answer_secrets(&self, outcome: Result<&Reply, &TradeError>) -> Vec<Secret> {
        match outcome {
            Ok(Reply::Order {
                auth_code: Some(auth_code),
                ..
            }) => vec![Secret::code(auth_code)],
            Ok(Reply::FaceCredential(reply)) => vec![Secret::whole(&reply.credential)],
            Ok(Reply::MiniProgramSession(session)) => vec![Secret::whole(&session.session_key)],
            Ok(Reply::Merchant(merchant)) => vec![Secret::whole(&merchant.trade_code)],
            _ => Vec::new(),
        }
    }

    /// A request as a client of this wire would sign it, for the command line and for examples.
    fn sign_request(&self, request: WireRequest, now: Timestamp) -> Outgoing<WireRequest>;
}
