//! Payouts that are let pass up to a limit, until a day.

use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::standing::{Standing, StandingLimits};

use super::approvals::Proposal;
use super::found;
use crate::Engine;

impl Engine {
    /// The standing approval, if there ever was one.
    ///
    /// # Errors
    /// The books are away, or it cannot be read.
    pub async fn standing_approval(&self) -> Result<Option<Standing>, TradeError> {
        found::find(&self.inner, Standing::want()).await
    }

    /// Proposes limits in place of those that stand, which another person must let pass.
    ///
    /// # Errors
    /// The books are away.
    pub async fn propose_standing(
        &self,
        limits: &StandingLimits,
        maker: &str,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let standing = self.standing_approval().await?;
        let before = standing
            .as_ref()
            .map(|standing| canonical(&standing.limits));
        let proposal = Proposal {
            action: ApprovalAction::Standing,
            subject: StandingLimits::SUBJECT.to_owned(),
            content: Content::new(canonical(limits)?).instead_of(before.transpose()?),
            maker: maker.to_owned(),
        };
        self.propose(proposal, audit).await
    }
}
