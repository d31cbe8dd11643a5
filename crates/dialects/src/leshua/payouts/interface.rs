//! What an interface states: where it is called, what is signed, how its request is read, how its
//! answer is worded. Each is one value in a file of its own.

use heliu_ports::dialect::Route;
use heliu_trade::command::{AgentCommand, Reply};
use heliu_trade::error::TradeError;

use crate::form::Form;

/// Who signs.
pub(super) const AGENT_ID: &str = "agentId";
/// A statement's name, which stands in the path.
pub(super) const FILE: &str = "file";

/// What an agent signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// These parameters, which stand by name.
    Parameters(&'static [&'static str]),
    /// The text `data`.
    Data,
}

/// What was asked, as an interface reads it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The parameters.
    pub(super) form: &'a Form,
    /// The path.
    pub(super) path: &'a str,
}

/// An interface.
pub(super) struct Interface {
    /// Its address and method.
    pub(super) route: Route,
    /// What is signed.
    pub(super) signed: Signed,
    /// What is asked; what this finds is looked at only after the signature held.
    pub(super) read: fn(Asked<'_>) -> Result<AgentCommand, TradeError>,
    /// The answer once the engine did what was asked; `None` for a reply to another verb.
    pub(super) told: fn(&Reply) -> Option<Vec<u8>>,
}

/// The last step of a path that has one.
pub(super) fn file_of(path: &str) -> Option<&str> {
    path.split('/').rfind(|step| !step.is_empty())
}
