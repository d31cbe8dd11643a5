//! What becomes of an approval.

use crate::approval::{NewApproval, approve, propose, reject, void};
use crate::error::TradeError;
use crate::id::PlatformNo;
use crate::record::Draft;

use super::effect;

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody proposes something. The step wants nothing.
    Propose(Box<NewApproval>),
    /// Somebody else lets it pass; what takes effect at once is done. If what it is about has
    /// changed meanwhile, it is void afterwards. The step wants
    /// [`super::wants`].
    Approve {
        /// Who.
        checker: String,
        /// The number of what comes to be by it, if something does.
        new_no: PlatformNo,
    },
    /// Somebody says no. The step wants [`super::wants`].
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
        Action::Propose(new) => {
            propose(draft, new)?;
        }
        Action::Approve { checker, new_no } => {
            approve(draft, 0, checker)?;
            effect::take(draft, *new_no)?;
        }
        Action::Reject { checker, reason } => {
            reject(draft, 0, checker, reason)?;
            effect::refuse(draft)?;
        }
        Action::Void { why } => void(draft, 0, why)?,
    }
    draft.take_effect();
    Ok(())
}
