//! Whether a channel is asked about an attempt again.

use crate::attempt::AttemptState;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::AttemptNo;

use super::create_order::next_query_at;
use super::draft::Draft;

/// Nothing definite: asked again while it matters, one event per change. `heard` is where the
/// attempt stands by the channel's word; not knowing is no word, and leaves it where it was.
pub(super) fn wait(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    heard: Option<AttemptState>,
    detail: &str,
) {
    let now = draft.now;
    let Some(attempt) = draft.attempt(attempt_no) else {
        return;
    };
    if !attempt.state.is_live() {
        settle_query(draft, attempt_no);
        return;
    }
    let (was, was_asked) = (attempt.state, attempt.asked_at.is_some());
    let (sent_at, gap_ms) = (attempt.sent_at, attempt.route.query_gap_ms);
    let takes_at_once = attempt.route.scene.takes_at_once();
    let attempt = draft.attempt_mut(attempt_no);
    attempt.state = heard.unwrap_or(was);
    attempt.asked_at = Some(now);
    let is = attempt.state;
    if is != was {
        draft.event(EventKind::Pending, detail);
    } else if is == AttemptState::Sending && !was_asked {
        draft.event(EventKind::Unknown, detail);
    }
    if takes_at_once {
        let due_at = next_query_at(draft, sent_at, gap_ms);
        draft.put_job(JobKind::QueryUnknown, attempt_no.as_u64(), due_at);
    }
}

/// Nothing is left to ask about this attempt.
pub(super) fn settle_query(draft: &mut Draft, attempt_no: AttemptNo) {
    draft.drop_job(JobKind::QueryUnknown, attempt_no.as_u64());
}
