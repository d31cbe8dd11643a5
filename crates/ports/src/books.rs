//! What several facets of the books share: a merchant as a whole.

use heliu_trade::directory::{App, Contract, Merchant};

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
