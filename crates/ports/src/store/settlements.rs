//! Which entries of the journal are items of which settlement, and whose records wait for clearing.

use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::{MerchantId, PlatformNo};
pub use heliu_trade::payout::{OwnerStanding, RunningRefund};
use heliu_trade::record::{Record, RecordKind};
use heliu_trade::settlement::SettlementSums;
use heliu_trade::time::Timestamp;

use crate::store_error::Answer;

/// A stretch of time of which entries are gathered: from an instant on, up to another one (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// The first instant.
    pub from: Timestamp,
    /// The first one behind it.
    pub until: Timestamp,
}

/// Entries that become items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// Of which settlement; its owner's entries are gathered.
    pub settlement: Subject,
    /// Booked then.
    pub booked: Booked,
    /// Where to go on: what [`Gathered::next`] said.
    pub after: Option<PlatformNo>,
    /// So many at most at once, about.
    pub limit: u32,
}

/// What was gathered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gathered {
    /// How many entries became items.
    pub items: u64,
    /// Where to go on; `None`: all of them are items.
    pub next: Option<PlatformNo>,
}

/// Records of a kind that stand in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Of which kind.
    pub kind: RecordKind,
    /// In which state, by its word.
    pub state: &'static str,
}

/// Items of settlements, and whose records wait. A facet of the books.
///
/// An entry is an item of one settlement at the most. Items are entries on an owner's balance of
/// the kinds that [`heliu_trade::settlement::item_class`] names, without those of an order that the
/// channel settled with the merchant.
pub trait Settlements: Send + Sync {
    /// Owners behind `after`, in the order of their names, of whom entries of that time are no
    /// items yet; so many at the most.
    fn owners_to_settle(
        &self,
        booked: Booked,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>>;

    /// Makes entries items of a settlement. One that is an item already stays what it is, so a
    /// repeat finds nothing.
    fn gather_items(&self, gather: Gather) -> Answer<'_, Gathered>;

    /// What the items of a settlement come to.
    fn sum_items(&self, settlement: Subject) -> Answer<'_, SettlementSums>;

    /// Owners behind `after`, in the order of their names, who have records that wait; so many at
    /// the most.
    fn owners_waiting(
        &self,
        waiting: Waiting,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>>;

    /// Records of an owner that wait, oldest first; so many at the most.
    fn waiting_records(
        &self,
        waiting: Waiting,
        owner: Owner,
        limit: u32,
    ) -> Answer<'_, Vec<Record>>;

    /// Refunds of a merchant's held money that run, oldest first, each with what bills keep for it.
    fn running_refunds(&self, merchant: &MerchantId) -> Answer<'_, Vec<RunningRefund>>;

    /// How owners behind `after` stand, in the order of their names: all who have a book; so many
    /// at the most.
    fn owner_standings(&self, after: Option<Owner>, limit: u32) -> Answer<'_, Vec<OwnerStanding>>;
}
