//! A channel answered a close.

use crate::attempt::AttemptState;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::AttemptNo;
use crate::verdict::CloseResult;

use super::draft::Draft;

pub(super) fn decide(draft: &mut Draft, attempt_no: AttemptNo, result: &CloseResult) {
    let Some(attempt) = draft.attempt(attempt_no) else {
        return;
    };
    let (sent_at, gap_ms) = (attempt.sent_at, attempt.route.query_gap_ms);
    if attempt.state != AttemptState::Closing {
        draft.drop_job(JobKind::CloseAttempt, attempt_no.as_u64());
        return;
    }
    match result {
        CloseResult::Closed => {
            draft.attempt_mut(attempt_no).state = AttemptState::Closed;
            draft.drop_job(JobKind::CloseAttempt, attempt_no.as_u64());
            draft.event(EventKind::AttemptClosed, format!("attempt {attempt_no}"));
        }
        // The close stays due: the engine asks for the evidence first, which makes it a surplus.
        CloseResult::Paid | CloseResult::Unknown(_) => {
            // Asked once: a second "no such order" may be believed (ruling 43).
            draft.attempt_mut(attempt_no).asked_at = Some(draft.now);
            let due_at = draft.ask_again_at(sent_at, gap_ms);
            draft.put_job(JobKind::CloseAttempt, attempt_no.as_u64(), due_at);
        }
    }
}
