//! A standing approval takes effect, and is used part by part.

use crate::approval::{self, Approval, ApprovalAction};
use crate::calendar::BusinessDate;
use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::id::PlatformNo;
use crate::money::yuan_text;
use crate::record::Draft;

use super::values::{Standing, StandingLimits};

/// Places of the step's wants: the approval, and the standing one before.
const APPROVAL: usize = 0;
const STANDING: usize = 1;

/// The limits that the approval at place 0 is about hold from now on, in place of those at place 1.
/// What was used today stays used.
///
/// # Errors
/// The approval does not allow it.
pub(crate) fn take(
    draft: &mut Draft,
    approval: &Approval,
    record_no: PlatformNo,
) -> Result<(), TradeError> {
    let limits: StandingLimits = approval.read()?;
    let hash = approval::content_hash(&approval::canonical(&limits)?);
    let (action, subject) = (ApprovalAction::Standing, StandingLimits::SUBJECT);
    approval::use_up(draft, APPROVAL, action, subject, &hash)?;
    let approval_no = approval.approval_no;
    let place = match draft.get::<Standing>(STANDING)? {
        Some(mut standing) => {
            (standing.limits, standing.approval_no) = (limits, approval_no);
            draft.update(STANDING, &standing)?;
            STANDING
        }
        None => {
            let standing = Standing {
                record_no,
                limits,
                approval_no,
                used_on: None,
                used_fen: 0,
            };
            draft.insert(standing.subject(), &standing)?
        }
    };
    draft.event(place, EventKind::Approved, approval_no.to_string());
    Ok(())
}

/// Payouts of a day use a part of the standing approval at a place, for `what`.
///
/// # Errors
/// There is none, or they are above one of its limits: they wait for people.
pub(crate) fn draw(
    draft: &mut Draft,
    place: usize,
    date: BusinessDate,
    payouts_fen: &[i64],
    what: &str,
) -> Result<(), TradeError> {
    let refused = |message: String| TradeError::new(ErrorCode::InvalidParameter, message);
    let standing = draft.get::<Standing>(place)?;
    let none = || refused("there is no standing approval".to_owned());
    let mut standing = standing.ok_or_else(none)?;
    let checked = standing.check(date, payouts_fen);
    checked.map_err(|problem| refused(problem.to_string()))?;
    let sum_fen: i64 = payouts_fen.iter().sum();
    standing.used_fen = standing.used_fen_on(date) + sum_fen;
    standing.used_on = Some(date);
    draft.update(place, &standing)?;
    let detail = format!("{} on {date} by {what}", yuan_text(sum_fen));
    draft.event(place, EventKind::Used, detail);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;
    use crate::time::Timestamp;

    fn date(text: &str) -> BusinessDate {
        text.parse().expect("a date")
    }

    fn standing() -> Record {
        let standing = Standing {
            record_no: PlatformNo::from_u64(1),
            limits: StandingLimits {
                per_payout_fen: 500,
                per_day_fen: 1_000,
                until: date("2026-01-20"),
            },
            approval_no: PlatformNo::from_u64(2),
            used_on: None,
            used_fen: 0,
        };
        let mut draft = Draft::new(Timestamp::from_ms(0), Vec::new().into());
        draft.insert(standing.subject(), &standing).expect("made");
        draft.finish().after[0].clone().expect("made")
    }

    /// Uses parts one after the other; what the last one is told.
    fn told(parts: &[(&str, &[i64])]) -> Result<i64, String> {
        let mut draft = Draft::new(Timestamp::from_ms(0), vec![Some(standing())].into());
        let mut last = Ok(());
        for (on, payouts_fen) in parts {
            last = draw(&mut draft, 0, date(on), payouts_fen, "batch 1");
        }
        let after = draft.get::<Standing>(0).expect("read").expect("it stands");
        last.map(|()| after.used_fen).map_err(|error| error.message)
    }

    #[test]
    fn what_stays_within_the_limits_is_let_pass_and_the_rest_waits() {
        assert_eq!(told(&[("2026-01-19", &[500, 500])]), Ok(1_000));
        assert_eq!(
            told(&[("2026-01-19", &[500]), ("2026-01-19", &[400])]),
            Ok(900)
        );
        assert_eq!(
            told(&[("2026-01-19", &[500, 500]), ("2026-01-20", &[1])]),
            Ok(1)
        );
        for (parts, expected) in [
            (
                &[("2026-01-19", &[501][..])][..],
                "a payout of 5.01 is above the standing limit of 5.00",
            ),
            (
                &[("2026-01-19", &[500, 500]), ("2026-01-19", &[1])],
                "10.01 of the day are above the standing limit of 10.00",
            ),
            (
                &[("2026-01-21", &[1])],
                "the standing approval held until 2026-01-20",
            ),
        ] {
            assert_eq!(told(parts), Err(expected.to_owned()));
        }
    }
}
