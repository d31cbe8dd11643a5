//! What all facets of the books share: their fault, and a merchant as a whole.

use heliu_trade::directory::{App, Contract, Merchant};

/// The books are away or damaged. A caller may repeat a read; a commit's fate is unknown unless
/// said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the books cannot be used: {0}")]
pub struct StoreError(pub String);

/// A merchant with all that belongs to it, as the directory keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The merchant.
    pub merchant: Merchant,
    /// Its ways in.
    pub apps: Vec<App>,
    /// Its contracts.
    pub contracts: Vec<Contract>,
}
