//! A channel that has confirmed a reversal is asked twice more: it may have kept the money, or
//! taken it since (ruling 61).

use crate::attempt::{Attempt, AttemptState};
use crate::followup::job::JobKind;
use crate::id::AttemptNo;
use crate::time::{MINUTE_MS, Timestamp};
use crate::verdict::Verdict;

use super::draft::Draft;
use super::evidence::{disagreement, refuse_evidence, take_surplus};

/// The first asking, from the confirmation on, in ms.
const FIRST_MS: i64 = MINUTE_MS;
/// The second one.
const SECOND_MS: i64 = 10 * MINUTE_MS;

/// The channel has just confirmed a reversal. It is asked about where an answer would show that the
/// money is still there: where none was seen before, or where the reversal is a call of its own.
/// Money that was seen and went back by a refund is told by that refund.
pub(super) fn begin(draft: &mut Draft, attempt_no: AttemptNo) {
    let now = draft.now;
    let attempt = draft.attempt_mut(attempt_no);
    attempt.asked_at = Some(now);
    if shows_what_is_left(attempt) {
        put(draft, attempt_no, now.plus_ms(FIRST_MS));
    }
}

fn shows_what_is_left(attempt: &Attempt) -> bool {
    attempt.evidence.is_none() || attempt.route.reverses_by_call
}

/// Whoever asks repeats an asking that had no clear answer; what comes here is the answer, or that
/// there is none.
pub(super) fn decide(
    draft: &mut Draft,
    attempt_no: AttemptNo,
    asked_about: Option<Timestamp>,
    verdict: Verdict,
) {
    let reversed = draft
        .attempt(attempt_no)
        .filter(|attempt| attempt.state == AttemptState::Reversed);
    let Some(attempt) = reversed else {
        draft.drop_job(JobKind::CheckReversal, attempt_no.as_u64());
        return;
    };
    // Not later than now, should the clock have been set back since.
    let reversed_at = attempt.asked_at.unwrap_or(attempt.sent_at).min(draft.now);
    if attempt.asked_at != asked_about {
        // Money came and went back while the channel was asked, so the answer is old.
        if shows_what_is_left(attempt) {
            put(draft, attempt_no, reversed_at.plus_ms(FIRST_MS));
        } else {
            draft.drop_job(JobKind::CheckReversal, attempt_no.as_u64());
        }
        return;
    }
    if let Verdict::Paid(evidence) = verdict {
        let other = other_payment(attempt, &evidence.channel_order_no);
        return match disagreement(draft, &evidence).or(other) {
            // Reversing did not bring it back: it is refunded. (A callback's word may be older than
            // the reversal, and leads to another one, which changes nothing if the money is back.)
            None => take_surplus(draft, attempt_no, evidence, AttemptState::Returning),
            // Whoever asked asks again.
            Some(why) => refuse_evidence(draft, attempt_no, &why),
        };
    }
    draft.attempt_mut(attempt_no).asked_at = Some(reversed_at);
    if draft.now.since_ms(reversed_at) < SECOND_MS {
        put(draft, attempt_no, reversed_at.plus_ms(SECOND_MS));
    } else {
        draft.drop_job(JobKind::CheckReversal, attempt_no.as_u64());
    }
}

/// A second payment under one number of ours is one that no channel makes.
fn other_payment(attempt: &Attempt, claimed: &str) -> Option<String> {
    let known = &attempt.evidence.as_ref()?.channel_order_no;
    (known != claimed).then(|| format!("the channel calls the payment {known} now {claimed}"))
}

fn put(draft: &mut Draft, attempt_no: AttemptNo, due_at: Timestamp) {
    draft.put_job(JobKind::CheckReversal, attempt_no.as_u64(), due_at);
}
