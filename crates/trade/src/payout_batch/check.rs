//! What must hold of a batch at every moment (invariant 10); checked by tests and by
//! `heliu books check`.

use crate::approval::{Approval, ApprovalState, content_hash};
use crate::invariant::Violation;

use super::values::{BatchState, PayoutBatch};

/// Checks the part of invariant 10 that no bill shows: what a batch sent was let pass by two
/// people, as it was.
#[must_use]
pub fn check_batch(batch: &PayoutBatch, approval: Option<&Approval>) -> Vec<Violation> {
    let is_past = matches!(
        batch.state,
        BatchState::Approved | BatchState::Sending | BatchState::Done
    );
    // Its file, if it goes in one, was looked at, too.
    let file = batch
        .file
        .as_ref()
        .map(|file| format!("\nfile {}\n", file.sha256));
    let is_sound = approval.is_some_and(|it| {
        let checker = it.checker.as_ref();
        let after = it.content.after.as_str();
        let has_file = file.as_ref().is_none_or(|file| after.ends_with(file));
        has_file
            && it.state == ApprovalState::Used
            && checker.is_some_and(|checker| *checker != it.maker)
            && it.hash == batch.hash
            && content_hash(after) == batch.hash
    });
    let stands = batch.standing_no.is_some() && batch.may_stand();
    if !is_past || is_sound || stands {
        return Vec::new();
    }
    let message = format!(
        "batch {} is {} without a used approval of two people for just its content",
        batch.batch_no,
        batch.state.as_str()
    );
    vec![Violation {
        invariant: 10,
        message,
    }]
}
