//! What an interface states: where it is called, how its request is read, how its answers are
//! worded. Each is one value in a file of its own, and a surface is a table of them.

use heliu_ports::dialect::{Echo, EncodeContext, Route};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::{ErrorCode, TradeError};

use crate::lexical::is_path_in_any_case as is_path;

use super::codes::Status;
use super::fields::Fields;
use super::members::Members;
use super::{NONCE_LENGTH, attribute};

/// An interface. Source: Chaoying v2.5.3, section 1.
pub(super) struct Interface {
    /// Its address, as printed.
    pub(super) path: &'static str,
    /// The value of `method`, on the one address where it decides.
    pub(super) method: Option<&'static str>,
    /// Whether its answers have a `trade_state`.
    pub(super) is_trade: bool,
    /// Whether it makes an order that waits for its payer; the agent says if answers are signed.
    pub(super) is_pre_order: bool,
    /// Whether all that it takes is private (ruling 53).
    pub(super) is_private: bool,
    /// What is asked; what this finds is looked at only after the signature held.
    pub(super) read: fn(Fields<'_>) -> Result<Command, TradeError>,
    /// The answer once the engine did what was asked; `None` for a reply to another verb.
    pub(super) told: fn(Call<'_>, &Reply) -> Option<Members>,
    /// How an error is worded by this interface alone; `None`: as by all.
    pub(super) refused: fn(&TradeError) -> Option<Status>,
    /// Fields of its own that errors of the engine's are about, which knows no names of this wire.
    pub(super) fields: &'static [(ErrorCode, &'static str)],
}

/// `refused` of an interface that words no error of its own.
pub(super) fn as_all(_error: &TradeError) -> Option<Status> {
    None
}

/// What an answer needs to know beside its reply.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// What the request carried.
    pub(super) echo: &'a Echo,
    /// What else there is to know.
    pub(super) context: EncodeContext<'a>,
}

impl Call<'_> {
    /// A `nonce_str`.
    pub(super) fn nonce(self) -> String {
        (self.context.nonce)(NONCE_LENGTH)
    }
}

/// The interfaces of a surface.
#[derive(Clone, Copy)]
pub(super) struct Interfaces {
    /// All of them.
    pub(super) list: &'static [Interface],
    /// Whether each is about one merchant, whom `mch_id` names.
    pub(super) are_merchants: bool,
}

impl Interfaces {
    /// The canonical form of a path.
    pub(super) fn route(self, path: &str) -> Option<&'static str> {
        let mut routes = self.list.iter().map(|interface| interface.path);
        routes.find(|route| is_path(path, route))
    }

    /// The interface of a path and a `method`, both in any case.
    pub(super) fn find(self, path: &str, method: Option<&str>) -> Option<&'static Interface> {
        let route = self.route(path)?;
        self.list.iter().find(|interface| {
            interface.path == route
                && interface
                    .method
                    .is_none_or(|own| method.is_some_and(|method| method.eq_ignore_ascii_case(own)))
        })
    }

    /// That of a request whose answer is being worded.
    pub(super) fn of(self, echo: &Echo) -> Option<&'static Interface> {
        self.find(&echo.route, echo.get(attribute::METHOD))
    }
}

/// How many routes interfaces have: one each, but one for all that `method` tells apart.
pub(super) const fn route_count(list: &[Interface]) -> usize {
    let (mut count, mut index, mut is_shared) = (0, 0, false);
    while index < list.len() {
        let is_method = list[index].method.is_some();
        if !(is_method && is_shared) {
            count += 1;
        }
        is_shared = is_shared || is_method;
        index += 1;
    }
    count
}

/// These routes, in the table's order.
pub(super) const fn routes<const N: usize>(list: &[Interface]) -> [Route; N] {
    let mut routes = [const { Route::post("") }; N];
    let (mut count, mut index, mut is_shared) = (0, 0, false);
    while index < list.len() {
        let is_method = list[index].method.is_some();
        if !(is_method && is_shared) {
            routes[count] = Route::post(list[index].path);
            count += 1;
        }
        is_shared = is_shared || is_method;
        index += 1;
    }
    routes
}
