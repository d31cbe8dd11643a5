//! How owners are settled.

use heliu_trade::approval::Approval;
use heliu_trade::approval::{ApprovalAction, Content, canonical};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::settlement_terms::{OwnerTerms, TermsVersion};

use super::approvals::Proposal;
use super::found;
use crate::Engine;
pub(crate) use crate::common::terms::terms_of;

impl Engine {
    /// All terms that an owner has had; `None`: it has the default ones.
    ///
    /// # Errors
    /// The books are away, or the terms cannot be read.
    pub async fn all_terms_of(&self, owner: &Owner) -> Result<Option<OwnerTerms>, TradeError> {
        found::find(&self.inner, OwnerTerms::want(owner)).await
    }

    /// Proposes terms from a day on, which another person must let pass.
    ///
    /// # Errors
    /// The books are away.
    pub async fn propose_terms(
        &self,
        version: TermsVersion,
        before: Option<&TermsVersion>,
        maker: &str,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let before = before.map(canonical).transpose()?;
        let proposal = Proposal {
            action: ApprovalAction::SettlementTerms,
            subject: version.subject(),
            content: Content::new(canonical(&version)?).instead_of(before),
            maker: maker.to_owned(),
        };
        self.propose(proposal, audit).await
    }
}
