//! What all parts of an open store share.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::committer::{Named, Recent};
use super::connect::Address;
use super::inbox::Inbox;
use super::log::Log;
use super::news::News;
use super::node::Lease;
use crate::condition::Condition;

/// One open store.
pub(crate) struct Shared {
    pub(crate) address: Address,
    pub(crate) lease: Lease,
    pub(crate) inbox: Inbox,
    pub(crate) recent: Recent,
    pub(crate) named: Named,
    pub(crate) log: Log,
    pub(crate) news: News,
    pub(crate) condition: Arc<Condition>,
    /// The highest second of any number that the books have from this node.
    pub(crate) high_water_saved: AtomicU64,
}
