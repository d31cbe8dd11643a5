//! What an interface states: where it is called, how its request is read, how its answers are
//! worded. Each is one value in a file of its own.

use heliu_trade::command::{Command, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;

use super::answer::Answer;
use super::fields::Fields;

/// An interface that merchants call. Source: Fufu V1.1.1, section 2.
pub(in super::super) struct Interface {
    /// Its address, as printed.
    pub(in super::super) path: &'static str,
    /// What is asked; what this finds is looked at only after the signature held.
    pub(super) read: fn(&Fields<'_>) -> Result<Command, TradeError>,
    /// The answer once the engine did what was asked; `None` for a reply to another verb.
    pub(super) told: fn(&Reply, Call<'_>) -> Option<Answer>,
    /// The answer once an operation was refused: [`word_alone`] unless it tells more.
    pub(super) refused: fn(Refusal<'_>) -> Answer,
}

/// What an answer needs to know beside its reply.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// `time_zone` as the call named it.
    pub(super) zone: Option<&'a str>,
    /// Our address as payers see it.
    pub(super) public_url: &'a str,
}

/// A call that was accepted and an operation that was not.
#[derive(Clone, Copy)]
pub(super) struct Refusal<'a> {
    /// Why.
    pub(super) code: ErrorCode,
    /// The word for it on this wire, or the channel's own.
    pub(super) word: &'a str,
    /// The order that it is about; none before the signature held.
    pub(super) order: Option<&'a Order>,
    /// `time_zone` as the call named it; none before the signature held.
    pub(super) zone: Option<&'a str>,
}

/// The word alone: of most refusals there is nothing else to tell.
pub(super) fn word_alone(refusal: Refusal<'_>) -> Answer {
    Answer::failure(refusal.word, refusal.zone)
}
