//! What becomes of an approval that is decided by itself.

use crate::error::TradeError;
use crate::record::Draft;

use super::draft::{approve, propose, reject, void};
use super::values::NewApproval;

/// What happened, or what is wanted. What takes effect at once has an action of its own aggregate
/// instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody proposes something. The step wants nothing.
    Propose(Box<NewApproval>),
    /// Somebody else lets it pass. The step wants the approval.
    Approve {
        /// Who.
        checker: String,
    },
    /// Somebody says no. The step wants the approval.
    Reject {
        /// Who.
        checker: String,
        /// Why.
        reason: String,
    },
    /// What it is about has changed or is gone. The step wants the approval.
    Void {
        /// Why.
        why: String,
    },
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    match action {
        Action::Propose(new) => propose(draft, new).map(|_| ()),
        Action::Approve { checker } => approve(draft, 0, checker),
        Action::Reject { checker, reason } => reject(draft, 0, checker, reason),
        Action::Void { why } => void(draft, 0, why),
    }?;
    draft.take_effect();
    Ok(())
}
