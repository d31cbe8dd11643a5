//! What one upstream is: a table of everything in which it differs from the others. Each states its
//! own in its folder of `upstreams`; nothing else of the sandbox knows any of them.

use std::collections::BTreeMap;

use axum::Router;
use axum::response::Response;
use http::Uri;
use serde_json::Value;

use crate::accounts::Opened;
use crate::book::{Book, Order};
use crate::error::SandboxError;
use crate::notices::Notices;
use crate::payer::Ways;
use crate::store::Store;
use crate::wallets::Wallet;

/// One upstream. `S` is what its routes are served with.
pub(crate) struct Upstream<S: 'static> {
    /// Its name in the database, in `/control`, and as the first part of its paths.
    pub(crate) id: &'static str,
    /// Its account and both sides' keys: made at the first start, found at later ones.
    pub(crate) open: fn(&Store) -> Result<Opened, SandboxError>,
    /// All its paths below a prefix; without one they are as in the world.
    pub(crate) routes: fn(&str) -> Router<S>,
    /// Its own paths below `/control`.
    pub(crate) control: fn() -> Router<S>,
    /// Its signed calls.
    pub(crate) calls: fn() -> Vec<Call>,
    /// How it says at an address that somebody asks too often, if not by a page.
    pub(crate) too_many: fn(&Uri) -> Option<Response>,
    /// What it has because payers pay through it; `None`: nobody does.
    pub(crate) till: Option<Till>,
}

/// What an upstream has through which payers pay.
pub(crate) struct Till {
    /// Whose payers it serves.
    pub(crate) wallet: &'static Wallet,
    /// Its word for the state of an order.
    pub(crate) state_word: fn(&Order) -> &'static str,
    /// Its word for what a paid order was paid with; always the same for the same order.
    pub(crate) paid_with: fn(&Order) -> &'static str,
    /// What happens to its orders.
    pub(crate) ways: Ways,
    /// How its notifications leave.
    pub(crate) notices: Notices,
    /// Enrols one more sub-merchant, and says what a request names it by.
    pub(crate) enrol: fn(&Book<'_>) -> Result<Value, SandboxError>,
    /// How its wallet's payers are recognised.
    pub(crate) login: Login,
    /// What its wallet does with an order in front of it.
    pub(crate) phone: Phone,
}

/// A signed call, as `/control/calls` lists it.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// Without a prefix.
    pub(crate) path: String,
    /// What tells apart the calls of one path.
    pub(crate) name: Option<&'static str>,
}

/// Why a wallet or a page refuses.
pub(crate) enum Declined {
    /// In a sentence.
    Because(String),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Declined {
    fn from(error: SandboxError) -> Self {
        Self::Broken(error)
    }
}

/// A refusal in a sentence.
pub(crate) fn decline<T>(sentence: impl Into<String>) -> Result<T, Declined> {
    Err(Declined::Because(sentence.into()))
}

/// Where a login page sends the browser, or which parameter it refuses.
pub(crate) type Sent = Result<String, &'static str>;

/// A login page: by the query of its address, for the payer whose browser comes.
pub(crate) type Authorize =
    fn(&Book<'_>, &BTreeMap<String, String>, &str) -> Result<Sent, SandboxError>;

/// How a browser becomes somebody.
pub(crate) struct Login {
    /// The path of the page, without a prefix.
    pub(crate) path: &'static str,
    /// Where the page sends the browser of that payer, by the query of its address.
    pub(crate) authorize: Authorize,
    /// A fresh login code of an app (its own, if none is named) for that payer.
    pub(crate) code: fn(&Book<'_>, Option<&str>, &str) -> Result<Value, Declined>,
}

/// What a phone does.
pub(crate) struct Phone {
    /// The order that a page invokes on the phone of that payer, if the wallet accepts it.
    pub(crate) invoked: fn(&Book<'_>, &Value, &str) -> Result<Order, Declined>,
    /// Why an open order cannot be paid any more at that time in virtual ms, if so.
    pub(crate) lapsed: fn(&Order, i64) -> Option<&'static str>,
    /// What the payer's look at an order does to it.
    pub(crate) seen: fn(&Book<'_>, &mut Order) -> Result<(), SandboxError>,
}

/// The member of an invocation, which is a text.
pub(crate) fn member(invocation: &Value, name: &str) -> Result<String, Declined> {
    match invocation.get(name).and_then(Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => decline(format!("the invocation has no text member {name}")),
    }
}
