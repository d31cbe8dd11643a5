//! Why a commit of any facet changed nothing.

use heliu_trade::error::TradeError;

use crate::store_error::StoreError;

/// Why a commit changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The core refused the step.
    #[error(transparent)]
    Rejected(#[from] TradeError),
    /// The books did not do it; unless the error is temporary, they did not write it either.
    #[error(transparent)]
    Store(#[from] StoreError),
}
