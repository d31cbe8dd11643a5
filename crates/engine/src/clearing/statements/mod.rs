//! 对账单: files about a closed day for each agent, about the merchants below it.
//!
//! A file follows from the books of a closed day and the agent's switches. It is written whole
//! beside its place and moved there, and the books keep its digest. A node that lacks a file makes
//! it again and hands it out only if it is the very same, so nodes need no common folder.

mod asked;
mod fetch;
mod publish;
mod published;
mod rows;
mod shelf;

pub use asked::StatementAsked;
pub(crate) use asked::{agents as statement_agents, publish_for};
pub(crate) use fetch::fetch;
pub use publish::PublishedStatement;
pub(crate) use shelf::Shelf;
