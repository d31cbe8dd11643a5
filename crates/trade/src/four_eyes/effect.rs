//! What takes effect at once, in the commit in which it is approved: one table of what each kind
//! needs and does. What is not named here waits for its own decider, which uses the approval up.

use crate::adjustment;
use crate::approval::{self, Approval, ApprovalAction};
use crate::error::TradeError;
use crate::fee::FeeProposal;
use crate::hold::{self, Hold, HoldEnd};
use crate::id::PlatformNo;
use crate::payout_batch::{self, PayoutBatch};
use crate::record::{Draft, Want};
use crate::settlement_card::{self, OwnerCards, ProposedCard};
use crate::settlement_terms::{self, OwnerTerms, TermsVersion};
use crate::standing::{self, Standing};

/// What a step that approves or rejects an approval works on: itself, and what it is about.
///
/// # Errors
/// Its content is damaged.
pub fn wants(approval: &Approval) -> Result<Vec<Want>, TradeError> {
    let mut wants = vec![Approval::want(approval.approval_no)];
    match approval.action {
        ApprovalAction::SettlementTerms => {
            let version: TermsVersion = approval.read()?;
            wants.push(OwnerTerms::want(&version.owner));
        }
        ApprovalAction::Card => {
            let card: ProposedCard = approval.read()?;
            wants.push(OwnerCards::want(&card.owner));
        }
        ApprovalAction::HoldRelease | ApprovalAction::HoldSeizure => {
            let end: HoldEnd = approval.read()?;
            wants.push(Hold::want(&end.owner, end.hold_no));
        }
        ApprovalAction::Standing => wants.push(Standing::want()),
        ApprovalAction::PayoutBatch => wants.extend(PayoutBatch::want_of(approval)),
        _ => {}
    }
    Ok(wants)
}

/// What the approval at place 0, which was approved just now, allows is done, if its kind takes
/// effect at once. `new_no` becomes the number of what comes to be by it.
pub(super) fn take(draft: &mut Draft, new_no: PlatformNo) -> Result<(), TradeError> {
    let approval = approval::find(draft, 0)?;
    match approval.action {
        ApprovalAction::FeeSchedule => take_fees(draft, &approval),
        ApprovalAction::SettlementTerms => settlement_terms::take(draft, &approval, new_no),
        ApprovalAction::Card => settlement_card::take(draft, &approval),
        ApprovalAction::HoldRelease => hold::release(draft, &approval),
        ApprovalAction::HoldSeizure => hold::seize(draft, &approval),
        ApprovalAction::Adjustment => adjustment::take(draft, &approval, new_no),
        ApprovalAction::Standing => standing::take(draft, &approval, new_no),
        ApprovalAction::PayoutBatch => payout_batch::plan_sending(draft, 1),
        _ => Ok(()),
    }
}

/// The version itself stands in the directory, and is written there in the same transaction.
fn take_fees(draft: &mut Draft, approval: &Approval) -> Result<(), TradeError> {
    let proposal: FeeProposal = approval.read()?;
    let hash = approval::content_hash(&approval::canonical(&proposal)?);
    let action = ApprovalAction::FeeSchedule;
    approval::use_up(draft, 0, action, &proposal.subject(), &hash)
}

/// What follows from the rejection of the approval at place 0.
pub(super) fn refuse(draft: &mut Draft) -> Result<(), TradeError> {
    let approval = approval::find(draft, 0)?;
    match approval.action {
        ApprovalAction::Card => settlement_card::refuse(draft, &approval),
        _ => Ok(()),
    }
}
