//! 复核: what one person proposes and another one lets pass.

use heliu_ports::store::{CommitError, DirectoryChange};
use heliu_trade::approval::{Approval, ApprovalAction, Content, NewApproval};
use heliu_trade::error::TradeError;
use heliu_trade::fee::FeeProposal;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::four_eyes::{self, Action};
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Record, Want};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement_terms::TermsVersion;
use heliu_trade::time::Timestamp;

use super::found::{self, RecordsAsked};
use crate::{Engine, Inner};

/// Tells where the numbers of approvals stand.
const LIST: &str = "heliu approvals list";

/// What somebody proposes, before it has a number.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What is to be done.
    pub action: ApprovalAction,
    /// With what, as people write it.
    pub subject: String,
    /// As what.
    pub content: Content,
    /// Who proposes it.
    pub maker: String,
}

/// What another person says to a proposal.
#[derive(Debug, Clone)]
pub enum ApprovalVerdict {
    /// It is let pass.
    Approve {
        /// The state of who pays what that was looked at ([`Directory::fee_tree`]): fees come into
        /// force only while it stands.
        ///
        /// [`Directory::fee_tree`]: heliu_ports::store::Directory::fee_tree
        fee_tree: u64,
    },
    /// It is not; why.
    Reject(String),
}

impl Engine {
    /// Proposes something that another person must let pass.
    ///
    /// # Errors
    /// The books are away.
    pub async fn propose(
        &self,
        proposal: Proposal,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let inner = &self.inner;
        let new = NewApproval {
            approval_no: inner.mint_record_no(),
            action: proposal.action,
            subject: proposal.subject,
            content: proposal.content,
            maker: proposal.maker,
        };
        let approval_no = new.approval_no;
        let action = RecordAction::Approval(Action::Propose(Box::new(new)));
        take(inner, Vec::new(), action, audit).await?;
        Ok(self.approval(approval_no).await?.1)
    }

    /// Decides about a proposal, and does at once what is done at once, in the same transaction.
    /// The approval afterwards: void, if what it is about has changed meanwhile.
    ///
    /// # Errors
    /// There is no such approval; it is the checker's own; it was decided before, or too late; what
    /// it allows is refused; it is about fees, and somebody else changed meanwhile who pays what (a
    /// conflict); or the books are away.
    pub async fn decide_approval(
        &self,
        approval_no: PlatformNo,
        checker: &str,
        verdict: ApprovalVerdict,
        audit: NewAudit,
    ) -> Result<Approval, CommitError> {
        let inner = &self.inner;
        let (_, standing) = self.approval(approval_no).await?;
        let checker = checker.to_owned();
        let (action, directory) = match verdict {
            ApprovalVerdict::Approve { fee_tree } => {
                let new_no = inner.mint_record_no();
                let changes = directory_changes(&standing, fee_tree, inner.now())?;
                (Action::Approve { checker, new_no }, changes)
            }
            ApprovalVerdict::Reject(reason) => (Action::Reject { checker, reason }, Vec::new()),
        };
        let step = RecordStep {
            wants: four_eyes::wants(&standing)?,
            now: inner.now(),
            action: RecordAction::Approval(action),
        };
        let changes_directory = !directory.is_empty();
        let audit = Some(Box::new(audit));
        let committed = inner.take_records(step, directory, audit).await;
        if changes_directory {
            inner.directory.forget();
        }
        committed?;
        Ok(self.approval(approval_no).await?.1)
    }

    /// The approval of a number, with its record.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn approval(&self, no: PlatformNo) -> Result<(Record, Approval), TradeError> {
        found::numbered(&self.inner, no, LIST).await
    }

    /// Approvals, newest first.
    ///
    /// # Errors
    /// The books are away, or an approval cannot be read.
    pub async fn approvals(
        &self,
        asked: RecordsAsked,
    ) -> Result<Vec<(Record, Approval)>, TradeError> {
        found::list(&self.inner, asked).await
    }
}

/// What the directory changes by when an approval is given: it takes effect in the same
/// transaction.
fn directory_changes(
    approval: &Approval,
    fee_tree: u64,
    now: Timestamp,
) -> Result<Vec<DirectoryChange>, TradeError> {
    let change = match approval.action {
        ApprovalAction::FeeSchedule => {
            let fees: FeeProposal = approval.read()?;
            let change = DirectoryChange::PutFees(fees.version(now));
            change.over_fee_tree(fee_tree)
        }
        ApprovalAction::SettlementTerms => {
            let version: TermsVersion = approval.read()?;
            DirectoryChange::Terms(version.owner)
        }
        _ => return Ok(Vec::new()),
    };
    Ok(vec![change])
}

/// Takes a step that somebody of the office takes.
pub(crate) async fn take(
    inner: &Inner,
    wants: Vec<Want>,
    action: RecordAction,
    audit: NewAudit,
) -> Result<Vec<Option<Record>>, TradeError> {
    let step = RecordStep {
        wants,
        now: inner.now(),
        action,
    };
    let audit = Some(Box::new(audit));
    let committed = inner.commit_records(step, Vec::new(), audit).await?;
    Ok(committed.after)
}
