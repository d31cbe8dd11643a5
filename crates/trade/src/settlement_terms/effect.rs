//! An approved version takes effect.

use crate::approval::{self, Approval, ApprovalAction};
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::id::PlatformNo;
use crate::record::Draft;

use super::values::{OwnerTerms, TermsVersion};

/// Places of the step's wants: the approval, and the owner's terms.
const APPROVAL: usize = 0;
const TERMS: usize = 1;

/// Appends the version that the approval at place 0 is about to the terms at place 1. If another
/// version came first, it was made up for other terms than now stand: the approval is void.
/// `record_no` becomes the number of an owner's first terms.
///
/// # Errors
/// The approval does not allow it.
pub(crate) fn take(
    draft: &mut Draft,
    approval: &Approval,
    record_no: PlatformNo,
) -> Result<(), TradeError> {
    let version: TermsVersion = approval.read()?;
    let standing = draft.get::<OwnerTerms>(TERMS)?;
    let next = standing.as_ref().map_or(1, OwnerTerms::next_version);
    if version.version != next {
        return approval::void(draft, APPROVAL, "other terms were approved meanwhile");
    }
    let subject = version.subject();
    let hash = approval::content_hash(&approval::canonical(&version)?);
    let action = ApprovalAction::SettlementTerms;
    approval::use_up(draft, APPROVAL, action, &subject, &hash)?;
    let detail = format!("version {} from {}", version.version, version.from);
    let place = match standing {
        Some(mut terms) => {
            terms.versions.push(version);
            draft.update(TERMS, &terms)?;
            TERMS
        }
        None => {
            let terms = OwnerTerms {
                owner: version.owner.clone(),
                record_no,
                versions: vec![version],
            };
            draft.insert(terms.subject(), &terms)?
        }
    };
    draft.event(place, EventKind::Approved, detail);
    Ok(())
}
