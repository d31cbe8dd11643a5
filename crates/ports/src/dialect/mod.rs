//! A dialect: a pure two-way translator of one merchant protocol.
//!
//! It has no key, no database, no clock, no HTTP framework and no logger. Of its [`Surface`]s,
//! `decode` says who signed, what may have been signed and what is asked; `encode`, and the
//! dialect's own `notification`, say what to send and what to sign. The gateway's one pipeline does
//! the rest, so no dialect can forget to verify.

mod decoded;
mod policy;
mod statements;
mod surface;

use heliu_trade::attempt::Attempt;
use heliu_trade::directory::{Agent, App};
use heliu_trade::followup::notification::{NoticeKind, Notification};
use heliu_trade::id::{AppId, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::payout_view::PayoutView;
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};
use http::Method;

pub use self::decoded::{Decoded, Echo, EncodeContext, Signer, Undecoded};
pub use self::policy::{Policy, PrepayRepeat, Repeat};
pub use self::statements::Statements;
pub use self::surface::{Pace, Recording, Route, SignerKind, Surface, SurfaceDescriptor};
use crate::setting::Span;
use crate::signature::Outgoing;
use crate::wire::{OutRequest, WireResponse};

/// What a dialect states about itself.
#[derive(Debug)]
pub struct Descriptor {
    /// Its id.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Paths of payers' pages, to which its order codes lead.
    pub page_routes: &'static [&'static str],
    /// Paths of pictures of codes that we issued.
    pub code_image_routes: &'static [&'static str],
    /// What numbers of its apps look like.
    pub app_id: IdForm,
    /// What numbers of its agents look like, where it has agents.
    pub agent_id: IdForm,
    /// Roles of keys that its agents hold beside those of surfaces on which they sign: for
    /// interfaces of the wire that are not there yet.
    pub agent_key_roles: &'static [&'static str],
    /// Switches that an operator may set for an app.
    pub app_switches: &'static [Switch],
    /// Switches that an operator may set for an agent, where it has agents.
    pub agent_switches: &'static [Switch],
    /// Wallets that it can name.
    pub wallets: &'static [WalletKind],
    /// How its merchants expect us to behave.
    pub policy: Policy,
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

/// A notice that a payout ended.
#[derive(Debug, Clone, Copy)]
pub struct PayoutNotice<'a> {
    /// Whom it is for.
    pub agent: &'a Agent,
    /// Where it goes.
    pub url: &'a str,
    /// The payout, as it stands.
    pub payout: &'a PayoutView,
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

    /// Its surfaces, the one that takes payments first.
    fn surfaces(&self) -> &'static [&'static dyn Surface];

    /// Words a notification. From the second delivery on its stored body (`notification.body`) is
    /// sent again unchanged.
    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest>;

    /// Whether the merchant's answer says that it heard.
    fn acknowledges(&self, answer: &WireResponse) -> bool;

    /// Words a notice that a payout ended, which is sent once, unsigned, and whose reply means
    /// nothing; `None` where the wire has no such notice, or none about where the payout stands.
    fn payout_notice(&self, _notice: PayoutNotice<'_>) -> Option<OutRequest> {
        None
    }

    /// How it words statement files, where its agents have such.
    fn statements(&self) -> Option<&'static dyn Statements> {
        None
    }

    /// Which order a payer's page is about; `None` if the address names none.
    fn page(&self, path: &str, query: &str) -> Option<PageReference>;

    /// The address of an order's page, which [`Dialect::page`] reads; `proof` shows that we gave
    /// it.
    fn page_url(&self, order: &Order, public_url: &str, proof: &str) -> String;

    /// What the picture of a code shows; `None` if the address names nothing.
    fn code_image(&self, _path: &str, _query: &str) -> Option<String> {
        None
    }
}

impl dyn Dialect + '_ {
    /// The surface that a path leads to under a method. Slashes too many and the case of letters
    /// mean nothing, as at the gateway.
    #[must_use]
    pub fn surface_at(&self, method: &Method, path: &str) -> Option<&'static dyn Surface> {
        let leads_there =
            |route: &Route| is_path(route.path, path) && route.methods.contains(method);
        let mut surfaces = self.surfaces().iter().copied();
        surfaces.find(|surface| surface.descriptor().routes.iter().any(leads_there))
    }

    /// Whether there is a surface on which such a signer signs.
    #[must_use]
    pub fn is_signed_by(&self, signer: SignerKind) -> bool {
        let mut surfaces = self.surfaces().iter();
        surfaces.any(|surface| surface.descriptor().signer == signer)
    }

    /// Whether agents exist on it: they sign on a surface, or hold keys all the same.
    #[must_use]
    pub fn has_agents(&self) -> bool {
        self.is_signed_by(SignerKind::Agent) || !self.descriptor().agent_key_roles.is_empty()
    }

    /// Roles of the keys that such a signer needs: those of all surfaces on which it signs, each
    /// once, in the surfaces' order; then those that an agent holds beside.
    #[must_use]
    pub fn key_roles(&self, signer: SignerKind) -> Vec<&'static str> {
        let surfaces = self.surfaces().iter().map(|surface| surface.descriptor());
        let signed = surfaces.filter(|surface| surface.signer == signer);
        let beside = match signer {
            SignerKind::App => &[],
            SignerKind::Agent => self.descriptor().agent_key_roles,
        };
        let mut roles = Vec::new();
        for role in signed.flat_map(|surface| surface.key_roles).chain(beside) {
            if !roles.contains(role) {
                roles.push(*role);
            }
        }
        roles
    }

    /// Who signs notices of this kind; apps, where no surface has them.
    #[must_use]
    pub fn signer_of_notice(&self, kind: NoticeKind) -> SignerKind {
        let mut surfaces = self.surfaces().iter().map(|surface| surface.descriptor());
        let surface = surfaces.find(|surface| surface.notices.contains(&kind));
        surface.map_or(SignerKind::App, |surface| surface.signer)
    }
}

/// Whether a path is this route but for slashes and case; a step in braces stands for any.
fn is_path(route: &str, path: &str) -> bool {
    let steps = |path: &'_ str| {
        let steps = path.split('/').filter(|step| !step.is_empty());
        steps.map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let (route, path) = (steps(route), steps(path));
    let fits = |(step, found): (&String, &String)| step.starts_with('{') || step == found;
    route.len() == path.len() && route.iter().zip(&path).all(fits)
}
