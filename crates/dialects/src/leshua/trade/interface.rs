//! What a service states: its name, how its request is read, how its answers are worded. Each is
//! one value in a file of its own.

use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::order::Order;

use super::super::codes::Word;
use super::call::{Answer, Call};
use super::fields::Fields;

/// A service of the gateway. Source: Leshua trade services, section 4.
pub(super) struct Interface {
    /// The value of `service`, as printed.
    pub(super) name: &'static str,
    /// Other values under which old client libraries ask for it.
    pub(super) old_names: &'static [&'static str],
    /// What is asked; what this finds is looked at only after the signature held.
    pub(super) read: fn(Fields<'_>) -> Result<Command, TradeError>,
    /// The answer once the engine did what was asked; `None` for a reply to another verb.
    pub(super) told: fn(Call<'_>, &Reply) -> Option<Answer>,
    /// The answer to an error that this service alone words so; `None`: as all do.
    pub(super) refused: fn(Call<'_>, &TradeError) -> Option<Answer>,
    /// The answer once the business failed: [`Call::failed`] unless it says more.
    pub(super) failed: fn(Call<'_>, Word, Option<&Order>) -> Answer,
}

/// `refused` of a service that words no error of its own.
pub(super) fn as_all(_call: Call<'_>, _error: &TradeError) -> Option<Answer> {
    None
}

/// `failed` of a service that says no more than others.
pub(super) fn failed(call: Call<'_>, word: Word, _order: Option<&Order>) -> Answer {
    call.failed(word)
}
