//! An approved adjustment is booked.

use crate::approval::{self, Approval, ApprovalAction};
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::id::PlatformNo;
use crate::ledger::adjusted;
use crate::record::Draft;

use super::values::{Adjustment, ProposedAdjustment};

/// The approval's place in the step's wants.
const APPROVAL: usize = 0;

/// Books the adjustment that the approval is about, under a number of its own.
///
/// # Errors
/// The approval does not allow it.
pub(crate) fn take(
    draft: &mut Draft,
    approval: &Approval,
    adjustment_no: PlatformNo,
) -> Result<(), TradeError> {
    let done: ProposedAdjustment = approval.read()?;
    let hash = approval::content_hash(&approval::canonical(&done)?);
    let action = ApprovalAction::Adjustment;
    approval::use_up(draft, APPROVAL, action, &done.subject(), &hash)?;
    let adjustment = Adjustment {
        adjustment_no,
        done,
        approval_no: approval.approval_no,
    };
    let place = draft.insert(adjustment.subject(), &adjustment)?;
    let Adjustment { done, .. } = &adjustment;
    draft.event(place, EventKind::Approved, done.evidence.as_str());
    draft.post(
        place,
        adjusted::KIND,
        adjusted::lines(done.owner.balance(), done.amount_fen),
    );
    Ok(())
}
