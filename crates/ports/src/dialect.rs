//! A dialect: a pure two-way translator of one merchant protocol.
//!
//! It has no key, no database, no clock, no HTTP framework and no logger. `decode` says who signed,
//! what may have been signed and what is asked; `encode` and `notification` say what to send and
//! what to sign. The gateway's one pipeline does the rest, so no dialect can forget to verify.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Command, Reply};
use heliu_trade::directory::{Agent, App, Contract};
use heliu_trade::error::TradeError;
use heliu_trade::followup::notification::Notification;
use heliu_trade::id::{AgentId, AppId, DialectId, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::exchange::Secret;
use crate::keys::KeyOwner;
use crate::setting::Span;
use crate::signature::{Outgoing, Readings};
use crate::wire::{OutRequest, WireRequest, WireResponse};

/// What a dialect states about itself.
#[derive(Debug)]
pub struct Descriptor {
    /// Its id.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Paths that merchants POST to, without a trailing slash (one is accepted).
    pub routes: &'static [&'static str],
    /// Paths of payers' pages, to which its order codes lead.
    pub page_routes: &'static [&'static str],
    /// Paths of pictures of codes that we issued.
    pub code_image_routes: &'static [&'static str],
    /// Who signs on this wire, and who must therefore hold the keys.
    pub signer: SignerKind,
    /// Roles of the keys a signer needs.
    pub key_roles: &'static [&'static str],
    /// What numbers of its apps look like.
    pub app_id: IdForm,
    /// What numbers of its agents look like, where agents sign.
    pub agent_id: IdForm,
    /// Switches that an operator may set for an app.
    pub app_switches: &'static [Switch],
    /// Switches that an operator may set for an agent, where agents sign.
    pub agent_switches: &'static [Switch],
    /// Wallets that it can name.
    pub wallets: &'static [WalletKind],
    /// How its merchants expect us to behave.
    pub policy: Policy,
    /// Largest body, in bytes.
    pub body_bytes_max: usize,
    /// The document that it follows.
    pub source: &'static str,
}

/// What a number looks like that a wire carries. Signs that separate values elsewhere (`&`, `=`)
/// are never part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdForm {
    /// Least length.
    pub min: usize,
    /// Greatest length.
    pub max: usize,
    /// Whether there may be letters of ASCII beside digits.
    pub has_letters: bool,
}

impl IdForm {
    /// Whether a text looks like it.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        let is_sign =
            |sign: u8| sign.is_ascii_digit() || self.has_letters && sign.is_ascii_alphabetic();
        (self.min..=self.max).contains(&text.len()) && text.bytes().all(is_sign)
    }
}

impl std::fmt::Display for IdForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let signs = if self.has_letters {
            "letters and digits"
        } else {
            "digits"
        };
        write!(f, "{} {signs}", Span(self.min, self.max))
    }
}

/// A switch of a dialect: how it behaves towards one app or agent.
#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// Its name in the settings.
    pub name: &'static str,
    /// What it can be set to; the first word is what holds where nothing is set.
    pub words: &'static [&'static str],
    /// What it does, for people.
    pub meaning: &'static str,
}

/// Who signs on a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerKind {
    /// Each app with its own keys.
    App,
    /// The agent of an app, with the agent's keys, for all of its apps.
    Agent,
}

/// Behaviour that differs between wires; the engine matches on these values, never on who asked.
#[derive(Debug)]
pub struct Policy {
    /// What a repeat of the number of an order that takes at once (barcode, face) gets.
    pub repeat: Repeat,
    /// What a repeat of a prepay order's number gets.
    pub prepay_repeat: PrepayRepeat,
    /// What a repeat of a refund's number gets.
    pub refund_repeat: RefundRepeat,
    /// Wallets whose payments must state the terminal.
    pub terminal_wallets: &'static [WalletKind],
    /// How long a barcode or face call waits for a decision, in ms from receipt.
    pub pay_wait_ms: i64,
    /// Whether it is answered at once when the payer must confirm.
    pub answers_pending: bool,
    /// When an undecided barcode or face payment is asked a last time and reversed, in ms from
    /// receipt.
    pub horizon_ms: i64,
    /// A prepay order's life unless the request says otherwise, in ms.
    pub prepay_life_ms: i64,
    /// How long a refund call waits for the channel, in ms.
    pub refund_wait_ms: i64,
    /// How long a query of a refund that is under way waits for the channel, which is asked then,
    /// in ms; 0: the refund as it stands is the answer.
    pub refund_query_wait_ms: i64,
    /// How old an order that takes at once must be to be closed, in ms; `None`: such orders are
    /// cancelled, not closed.
    pub close_barcode_after_ms: Option<i64>,
    /// How long a cancel call waits for the channel, in ms.
    pub cancel_wait_ms: i64,
    /// When a merchant may cancel.
    pub cancel: CancelRules,
    /// Oldest request that is taken, in ms; `None`: any, safe because each verb is idempotent by
    /// number.
    pub freshness_ms: Option<i64>,
    /// Gaps between deliveries of a notification, in ms, each from the end of the try before. One
    /// try more than gaps.
    pub notify_gaps_ms: &'static [i64],
    /// To connect to a notification address, in ms.
    pub notify_connect_timeout_ms: i64,
    /// For a whole delivery, in ms.
    pub notify_timeout_ms: i64,
}

/// What a repeat of an order's number gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A refusal, also if the content is the same.
    Refuse,
    /// The present state if the content is the same, else a refusal.
    ReturnPresent,
}

/// What a repeat of a prepay order's number gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrepayRepeat {
    /// A refusal, also if the content is the same.
    Refuse,
    /// While the order can be paid and everything is the same: what the channel gave, once more;
    /// else a refusal.
    HandSame,
    /// While the order can be paid and amount, scene, wallet, payer and app id are the same: what
    /// the channel gave, once more; else a refusal (ruling 24).
    HandAgain,
}

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

/// A notification to be rendered: what had happened when it was made, whatever has happened since.
#[derive(Clone, Copy)]
pub struct Notice<'a> {
    /// Which.
    pub notification: &'a Notification,
    /// Whom it is for.
    pub app: &'a App,
    /// Its order, as it stood then.
    pub order: &'a Order,
    /// The order's attempts, oldest first: where they went. Their states are those of now.
    pub attempts: &'a [Attempt],
    /// Its refund, if it is about one, as it stood then.
    pub refund: Option<&'a Refund>,
    /// Now (UTC).
    pub now: Timestamp,
    /// A fresh random text of so many lower-case letters and digits.
    pub nonce: &'a (dyn Fn(usize) -> String + Sync),
}

/// A payer's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageReference {
    /// Whose order.
    pub app: AppId,
    /// Which order.
    pub order_no: OrderNo,
    /// Of which scene's orders this address is the page; others have none there.
    pub scene: Scene,
    /// What shows that we gave the address ([`EncodeContext::page_proof`]), so that nobody counts
    /// through other people's orders; `None` where the wire itself says what stands in it.
    pub proof: Option<String>,
    /// What the address says is charged, in fen CNY; the order's own, or there is no such page.
    /// `None` where the wire's address says nothing of it.
    pub charge_fen: Option<i64>,
}

/// A dialect.
pub trait Dialect: Send + Sync {
    /// What it states about itself.
    fn descriptor(&self) -> &'static Descriptor;

    /// Understands a request to one of its routes.
    ///
    /// # Errors
    /// It names no signer, so it can be neither verified nor executed.
    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>>;

    /// Whether a request to this path that cannot be understood may hold what nobody should keep,
    /// such as passwords: its body is not written to the exchange log then.
    fn hides_undecoded(&self, _path: &str) -> bool {
        false
    }

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

    /// Words a notification. From the second delivery on its stored body (`notification.body`) is
    /// sent again unchanged.
    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest>;

    /// Whether the merchant's answer says that it heard.
    fn acknowledges(&self, answer: &WireResponse) -> bool;

    /// A request as a client of this wire would sign it, for the command line and for examples.
    fn sign_request(&self, request: WireRequest, now: Timestamp) -> Outgoing<WireRequest>;

    /// Which order a payer's page is about; `None` if the address names none.
    fn page(&self, path: &str, query: &str) -> Option<PageReference>;

    /// The address of an order's page, which [`Dialect::page`] reads; `proof` shows that we gave
    /// it.
    fn page_url(&self, order: &Order, public_url: &str, proof: &str) -> String;

    /// What the picture of a code shows; `None` if the address names nothing.
    fn code_image(&self, _path: &str, _query: &str) -> Option<String> {
        None
    }

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
}
