//! What deciders do with an approval within their own steps.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::record::Draft;
use crate::time::Timestamp;

use super::values::{Approval, ApprovalAction, ApprovalState, NewApproval, content_hash};

/// Proposes something; the place of the new approval.
///
/// # Errors
/// It cannot be written.
pub(crate) fn propose(draft: &mut Draft, new: &NewApproval) -> Result<usize, TradeError> {
    let now = draft.now;
    let approval = Approval {
        approval_no: new.approval_no,
        action: new.action,
        subject: new.subject.clone(),
        content: new.content.clone(),
        hash: content_hash(&new.content.after),
        state: ApprovalState::Proposed,
        maker: new.maker.clone(),
        checker: None,
        reason: None,
        created_at: now,
        expires_at: now.plus_ms(new.action.life_ms()),
        decided_at: None,
        used_at: None,
    };
    let place = draft.insert(Approval::subject_of(new.approval_no), &approval)?;
    let detail = format!("{} by {}", new.action.as_str(), new.maker);
    draft.event(place, EventKind::Proposed, detail);
    Ok(place)
}

/// Another person than the maker lets it pass.
///
/// # Errors
/// There is none at the place, its maker approves it, it was decided before, or its time is over.
pub(crate) fn approve(draft: &mut Draft, place: usize, checker: &str) -> Result<(), TradeError> {
    let mut approval = undecided(draft, place)?;
    check_other(&approval, checker)?;
    approval.state = ApprovalState::Approved;
    approval.checker = Some(checker.to_owned());
    approval.decided_at = Some(draft.now);
    draft.update(place, &approval)?;
    draft.event(place, EventKind::Approved, format!("by {checker}"));
    Ok(())
}

/// Somebody says no; its maker may, too, and so takes it back.
///
/// # Errors
/// There is none at the place, it was decided before, or its time is over.
pub(crate) fn reject(
    draft: &mut Draft,
    place: usize,
    checker: &str,
    reason: &str,
) -> Result<(), TradeError> {
    let mut approval = undecided(draft, place)?;
    approval.state = ApprovalState::Rejected;
    approval.checker = Some(checker.to_owned());
    approval.reason = Some(reason.to_owned());
    approval.decided_at = Some(draft.now);
    draft.update(place, &approval)?;
    let detail = format!("by {checker}: {reason}");
    draft.event(place, EventKind::Rejected, detail);
    Ok(())
}

/// Uses an approval up, in the commit of what it allows. `hash` is the digest of what is about to
/// be done, computed anew ([`content_hash`]).
///
/// # Errors
/// There is none at the place; it is about something else or about another content; it is not
/// approved, was used before, or its time is over.
pub(crate) fn use_up(
    draft: &mut Draft,
    place: usize,
    action: ApprovalAction,
    subject: &str,
    hash: &str,
) -> Result<(), TradeError> {
    let mut approval = find(draft, place)?;
    let no = approval.approval_no;
    if (approval.action, approval.subject.as_str()) != (action, subject) {
        return Err(refused(format!(
            "approval {no} is about {} of {}, not about {} of {subject}",
            approval.action.as_str(),
            approval.subject,
            action.as_str(),
        )));
    }
    if approval.state_at(draft.now) != ApprovalState::Approved {
        return Err(refused(told(&approval, draft.now)));
    }
    let checker = approval.checker.as_deref().unwrap_or(&approval.maker);
    check_other(&approval, checker)?;
    if approval.hash != hash || content_hash(&approval.content.after) != hash {
        return Err(refused(format!(
            "what approval {no} allowed has changed since; propose it anew"
        )));
    }
    approval.state = ApprovalState::Used;
    approval.used_at = Some(draft.now);
    draft.update(place, &approval)?;
    draft.event(place, EventKind::Used, "");
    Ok(())
}

/// What an approval is about has changed or is gone. One that is not open stays as it is.
///
/// # Errors
/// There is none at the place.
pub(crate) fn void(draft: &mut Draft, place: usize, why: &str) -> Result<(), TradeError> {
    let mut approval = find(draft, place)?;
    if !approval.state.is_open() {
        return Ok(());
    }
    approval.state = ApprovalState::Void;
    approval.reason = Some(why.to_owned());
    draft.update(place, &approval)?;
    draft.event(place, EventKind::Voided, why);
    Ok(())
}

/// The approval at a place.
///
/// # Errors
/// There is none.
pub(crate) fn find(draft: &Draft, place: usize) -> Result<Approval, TradeError> {
    let found = draft.get::<Approval>(place)?;
    found.ok_or_else(|| refused("there is no such approval: heliu approvals list".to_owned()))
}

fn undecided(draft: &Draft, place: usize) -> Result<Approval, TradeError> {
    let approval = find(draft, place)?;
    if approval.state_at(draft.now) != ApprovalState::Proposed {
        return Err(refused(told(&approval, draft.now)));
    }
    Ok(approval)
}

fn check_other(approval: &Approval, checker: &str) -> Result<(), TradeError> {
    if checker == approval.maker {
        return Err(refused(format!(
            "{checker} proposed approval {}; another person must approve it",
            approval.approval_no
        )));
    }
    Ok(())
}

/// Why one that is not in the state that was hoped for cannot be used so.
fn told(approval: &Approval, now: Timestamp) -> String {
    let no = approval.approval_no;
    let by = approval.checker.as_deref().unwrap_or("nobody");
    let reason = approval.reason.as_deref().unwrap_or_default();
    match approval.state_at(now) {
        ApprovalState::Proposed => format!("approval {no} is not approved yet"),
        ApprovalState::Approved => format!("approval {no} was approved by {by} already"),
        ApprovalState::Used => format!("approval {no} is used up; propose it anew"),
        ApprovalState::Rejected => format!("approval {no} was rejected by {by}: {reason}"),
        ApprovalState::Expired => format!(
            "the time of approval {no} was over at {}; propose it anew",
            approval.expires_at
        ),
        ApprovalState::Void => format!("approval {no} is void: {reason}; propose it anew"),
    }
}

fn refused(message: String) -> TradeError {
    TradeError::new(ErrorCode::InvalidParameter, message)
}
