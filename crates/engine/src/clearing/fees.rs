//! 费率: proposed by one person, and in force once another one has let it pass.

use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::error::TradeError;
use heliu_trade::fee::FeeProposal;
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::followup::audit::NewAudit;

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
