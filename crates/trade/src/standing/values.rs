//! What a standing approval allows, and how much of it is used.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::money::yuan_text;
use crate::record::{Aggregate, Name, RecordKind, Want};

/// What may be sent without a further look: also what an approval of it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingLimits {
    /// So much a payout at most, in fen.
    pub per_payout_fen: i64,
    /// So much a day at most, in fen.
    pub per_day_fen: i64,
    /// The last day on which it holds.
    pub until: BusinessDate,
}

/// Why payouts are not let pass by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StandingProblem {
    /// Its time is over.
    #[error("the standing approval held until {0}")]
    Over(BusinessDate),
    /// One payout is too large.
    #[error("a payout of {} is above the standing limit of {}", yuan_text(*.0), yuan_text(*.1))]
    Payout(i64, i64),
    /// All of the day would be too much.
    #[error("{} of the day are above the standing limit of {}", yuan_text(*.0), yuan_text(*.1))]
    Day(i64, i64),
}

impl StandingLimits {
    /// What an approval of it is about.
    pub const SUBJECT: &'static str = "payouts without a further look";
}

/// The standing approval of the platform; there is one at most, and a new one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Our number of this record.
    pub record_no: PlatformNo,
    /// What it allows.
    pub limits: StandingLimits,
    /// The approval that let it pass.
    pub approval_no: PlatformNo,
    /// The last day on which something of it was used.
    pub used_on: Option<BusinessDate>,
    /// How much was used on that day, in fen.
    pub used_fen: i64,
}

/// What it is found by.
const NAME: &str = "standing";

impl Standing {
    /// What the record is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject {
            owner: Owner::Platform,
            no: self.record_no,
        }
    }

    /// It, for a step.
    #[must_use]
    pub fn want() -> Want {
        Want::Named(RecordKind::Standing, Name::new(NAME, NAME))
    }

    /// How much of it was used on a day, in fen.
    #[must_use]
    pub fn used_fen_on(&self, date: BusinessDate) -> i64 {
        if self.used_on == Some(date) {
            self.used_fen
        } else {
            0
        }
    }

    /// Whether payouts of a day are within it.
    ///
    /// # Errors
    /// Which of its limits they are above.
    pub fn check(&self, date: BusinessDate, payouts_fen: &[i64]) -> Result<(), StandingProblem> {
        let limits = &self.limits;
        if date > limits.until {
            return Err(StandingProblem::Over(limits.until));
        }
        let largest_fen = payouts_fen.iter().copied().max().unwrap_or(0);
        if largest_fen > limits.per_payout_fen {
            return Err(StandingProblem::Payout(largest_fen, limits.per_payout_fen));
        }
        let sum = payouts_fen
            .iter()
            .fold(0_i64, |sum, fen| sum.saturating_add(*fen));
        let all_fen = self.used_fen_on(date).saturating_add(sum);
        if all_fen > limits.per_day_fen {
            return Err(StandingProblem::Day(all_fen, limits.per_day_fen));
        }
        Ok(())
    }
}

impl Aggregate for Standing {
    const KIND: RecordKind = RecordKind::Standing;

    fn state(&self) -> &'static str {
        "in_force"
    }

    fn names(&self) -> Vec<Name> {
        vec![Name::new(NAME, NAME)]
    }
}
