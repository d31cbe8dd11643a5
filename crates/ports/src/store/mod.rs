//! The books: a sum of facets, one file each. [`Store`] is all of them together.
//!
//! A caller has an `Arc<dyn Store>` and calls the methods of every facet by it. What an implementer
//! does for one facet stands in one file too, and the conformance suite has one entry for each.

pub mod consents;
pub mod days;
pub mod directory;
pub mod exchanges;
pub mod jobs;
pub mod nodes;
pub mod notices;
pub mod office;
pub mod orders;
pub mod outcome;
pub mod records;
pub mod settlements;
pub mod statements;
pub mod stories;
pub mod upkeep;

pub use crate::books::Enrolment;
use crate::lists::Lists;
pub use crate::store_error::{StoreError, StoreErrorKind};

pub use self::consents::{ConsentState, Consents, StateUse};
pub use self::days::{
    AuditHead, ClosedDate, DayBalance, DayBalances, DayProof, Days, RolledUp, Totals,
};
pub use self::directory::{
    AgentRecord, AppRecord, Directory, DirectoryChange, FeeTreeChanged, Newcomer,
};
pub use self::exchanges::Exchanges;
pub use self::jobs::{JobClass, Jobs};
pub use self::nodes::{Nodes, StoreNews, Turn};
pub use self::notices::{Notices, NotificationFilter};
pub use self::office::{AuditFilter, OfficeBooks};
pub use self::orders::{Commit, Committed, OrderKey, Orders, RefundKey};
pub use self::outcome::CommitError;
pub use self::records::{RecordCommit, RecordFilter, Records, RecordsCommitted};
pub use self::settlements::{
    Booked, Gather, Gathered, OwnerStanding, RunningRefund, Settlements, Waiting,
};
pub use self::statements::Statements;
pub use self::stories::{OrderStory, Stories};
pub use self::upkeep::{BooksDamage, Upkeep};

/// The books.
pub trait Store:
    Orders
    + Stories
    + Records
    + Statements
    + Settlements
    + Consents
    + Days
    + Directory
    + Jobs
    + Notices
    + Exchanges
    + OfficeBooks
    + Nodes
    + Upkeep
    + Lists
{
}

impl<T> Store for T where
    T: Orders
        + Stories
        + Records
        + Statements
        + Settlements
        + Consents
        + Days
        + Directory
        + Jobs
        + Notices
        + Exchanges
        + OfficeBooks
        + Nodes
        + Upkeep
        + Lists
        + ?Sized
{
}

/// The methods of all facets, for those who have a store of a known kind in hand.
pub mod prelude {
    pub use super::Consents as _;
    pub use super::Days as _;
    pub use super::Directory as _;
    pub use super::Exchanges as _;
    pub use super::Jobs as _;
    pub use super::Nodes as _;
    pub use super::Notices as _;
    pub use super::OfficeBooks as _;
    pub use super::Orders as _;
    pub use super::Records as _;
    pub use super::Settlements as _;
    pub use super::Statements as _;
    pub use super::Stories as _;
    pub use super::Upkeep as _;
    pub use crate::lists::Lists as _;
}
