//! 费率: proposed by one person, and in force once another one has let it pass.

use heliu_ports::store::DirectoryChange;
use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::error::TradeError;
use heliu_trade::fee::FeeProposal;
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::time::Timestamp;

use super::approvals::Proposal;
use crate::Engine;

impl Engine {
    /// Proposes the next version of what an owner pays, which another person must let pass.
    ///
    /// # Errors
    /// The books are away.
    pub async fn propose_fees(
        &self,
        fees: &FeeProposal,
        newest: Option<&FeeVersion>,
        maker: &str,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let before = newest.map(|newest| canonical(&FeeProposal::of(newest)));
        let proposal = Proposal {
            action: ApprovalAction::FeeSchedule,
            subject: fees.subject(),
            content: Content::new(canonical(fees)?).instead_of(before.transpose()?),
            maker: maker.to_owned(),
        };
        self.propose(proposal, audit).await
    }
}

/// What the directory changes by when an approval is given: it takes effect in the same
/// transaction.
pub(super) fn changes(
    approval: &Approval,
    now: Timestamp,
) -> Result<Vec<DirectoryChange>, TradeError> {
    if approval.action != ApprovalAction::FeeSchedule {
        return Ok(Vec::new());
    }
    let fees: FeeProposal = approval.read()?;
    Ok(vec![DirectoryChange::PutFees(fees.version(now))])
}
