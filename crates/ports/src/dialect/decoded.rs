//! What a surface makes of a request, and what its answer needs to know.

use heliu_trade::command::Command;
use heliu_trade::directory::{Agent, Contract};
use heliu_trade::error::TradeError;
use heliu_trade::id::{AgentId, AppId, DialectId, OrderNo};
use heliu_trade::time::Timestamp;

use crate::exchange::Secret;
use crate::keys::KeyOwner;
use crate::signature::Readings;

/// Whom a request names as its signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// An app, with a key of its own.
    App(AppId),
    /// An agent.
    Agent(AgentId),
}

impl Signer {
    /// Whose keys are its.
    #[must_use]
    pub fn key_owner(&self, dialect_id: DialectId) -> KeyOwner {
        match self {
            Self::App(app) => KeyOwner::App(dialect_id, app.clone()),
            Self::Agent(agent) => KeyOwner::Agent(dialect_id, agent.clone()),
        }
    }
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::App(app) => write!(f, "merchant {app}"),
            Self::Agent(agent) => write!(f, "agent {agent}"),
        }
    }
}

/// A request, understood but not yet believed.
pub struct Decoded {
    /// Whom the request names as its signer.
    pub signer: Signer,
    /// The app whose business it is; `None` where it names none.
    pub app: Option<AppId>,
    /// The signature that came.
    pub presented: String,
    /// What may have been signed.
    pub readings: Box<dyn Readings>,
    /// When the request says it was made (UTC).
    pub issued_at: Option<Timestamp>,
    /// What is asked; looked at only after the signature held.
    pub command: Result<Command, TradeError>,
    /// What an answer repeats.
    pub echo: Echo,
    /// Secrets inside the body or query, to be masked before it is kept.
    pub secrets: Vec<Secret>,
}

/// A request that names no signer.
pub struct Undecoded {
    /// What is wrong.
    pub error: TradeError,
    /// What an answer repeats.
    pub echo: Echo,
}

/// What an answer repeats of its request, in the dialect's own names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Echo {
    /// The route that was called.
    pub route: String,
    /// Name and value, in the order of the request.
    pub values: Vec<(String, String)>,
}

impl Echo {
    /// A value that the request carried.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What an answer needs to know beside its outcome.
#[derive(Clone, Copy)]
pub struct EncodeContext<'a> {
    /// Now (UTC).
    pub now: Timestamp,
    /// Our address as payers see it, without a trailing slash.
    pub public_url: &'a str,
    /// Whether the request's signature held; a refusal before that repeats nothing (ruling 27).
    pub is_verified: bool,
    /// Whether the signer is known, so that its key can sign the answer.
    pub can_sign: bool,
    /// The agent that signed, where agents sign.
    pub agent: Option<&'a Agent>,
    /// The contracts of the merchant whose business it is; none before the signer is known to act
    /// for it.
    pub contracts: &'a [Contract],
    /// A fresh random text of so many lower-case letters and digits.
    pub nonce: &'a (dyn Fn(usize) -> String + Sync),
    /// What shows in the address of an order's page that we gave it, of letters and digits; the
    /// same for the same order each time.
    pub page_proof: &'a (dyn Fn(&AppId, OrderNo) -> String + Sync),
}

impl std::fmt::Debug for EncodeContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodeContext")
            .field("now", &self.now)
            .field("is_verified", &self.is_verified)
            .finish_non_exhaustive()
    }
}
