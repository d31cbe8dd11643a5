//! What terms are, and which hold on a day.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::record::{Aggregate, Name, RecordKind, Want};

/// Parts per million of a whole.
const WHOLE_PPM: u32 = 1_000_000;
/// The longest time for which a part is kept back, in days.
pub const RESERVE_DAYS_MAX: u32 = 3650;

/// When money is paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cycle {
    /// On the day of the trade.
    D0,
    /// On the next day.
    D1,
    /// On the next working day.
    T1,
    /// When the owner asks for it.
    #[serde(rename = "manual")]
    Manual,
}

impl Cycle {
    /// Every cycle.
    pub const ALL: [Self; 4] = [Self::D0, Self::D1, Self::T1, Self::Manual];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::D0 => "D0",
            Self::D1 => "D1",
            Self::T1 => "T1",
            Self::Manual => "manual",
        }
    }

    /// The cycle of a word of [`Cycle::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cycle| cycle.as_str() == word)
    }
}

/// How an owner is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementTerms {
    /// When its money is paid out.
    pub cycle: Cycle,
    /// Less than this is not paid out, but taken along, in fen.
    pub minimum_fen: i64,
    /// What the first bill of a chain costs, in fen.
    pub payout_fee_fen: i64,
    /// Which part of a bill is kept back, in parts per million.
    pub reserve_ppm: u32,
    /// For how many days it is kept back.
    pub reserve_days: u32,
    /// How much it may owe by refunds, in fen.
    pub debt_limit_fen: i64,
}

impl Default for SettlementTerms {
    /// On the next working day, whole, without a fee, and without debts.
    fn default() -> Self {
        Self {
            cycle: Cycle::T1,
            minimum_fen: 0,
            payout_fee_fen: 0,
            reserve_ppm: 0,
            reserve_days: 0,
            debt_limit_fen: 0,
        }
    }
}

/// Why terms cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermsProblem {
    /// An amount is below zero.
    #[error("{0} must not be below zero")]
    Negative(&'static str),
    /// More than the whole would be kept back.
    #[error("a reserve of {0} ppm is more than the whole, which is 1000000")]
    ReserveAboveWhole(u32),
    /// A part is kept back for no time, or for too long.
    #[error("a reserve is kept for 1 to {RESERVE_DAYS_MAX} days")]
    ReserveDays,
}

impl SettlementTerms {
    /// Whether they can hold.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), TermsProblem> {
        for (what, fen) in [
            ("minimum", self.minimum_fen),
            ("payout fee", self.payout_fee_fen),
            ("debt limit", self.debt_limit_fen),
        ] {
            if fen < 0 {
                return Err(TermsProblem::Negative(what));
            }
        }
        if self.reserve_ppm > WHOLE_PPM {
            return Err(TermsProblem::ReserveAboveWhole(self.reserve_ppm));
        }
        let has_days = (1..=RESERVE_DAYS_MAX).contains(&self.reserve_days);
        let needs_days = self.reserve_ppm > 0;
        if has_days != needs_days {
            return Err(TermsProblem::ReserveDays);
        }
        Ok(())
    }
}

/// Terms from a day on. It is also what an approval of terms is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsVersion {
    /// Whose.
    pub owner: Owner,
    /// From 1 on.
    pub version: u32,
    /// The first trade date to which they apply.
    pub from: BusinessDate,
    /// The terms.
    pub terms: SettlementTerms,
}

impl TermsVersion {
    /// What an approval of it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("settlement terms of {}", self.owner)
    }
}

/// All terms that an owner has had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerTerms {
    /// Whose.
    pub owner: Owner,
    /// Our number of this record.
    pub record_no: PlatformNo,
    /// Its versions, in their order.
    pub versions: Vec<TermsVersion>,
}

/// What an owner's terms are found by.
const OWNER: &str = "owner";

impl OwnerTerms {
    /// What the record is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.owner.clone(),
            no: self.record_no,
        }
    }

    /// An owner's terms, for a step.
    #[must_use]
    pub fn want(owner: &Owner) -> Want {
        Want::Named(RecordKind::SettlementTerms, Self::name_of(owner))
    }

    fn name_of(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }

    /// The version that holds for a trade date: of those that have begun, the last that was
    /// approved. `None`: the default terms hold.
    #[must_use]
    pub fn at(&self, date: BusinessDate) -> Option<&TermsVersion> {
        self.versions.iter().rev().find(|it| it.from <= date)
    }

    /// The number that the next version has.
    #[must_use]
    pub fn next_version(&self) -> u32 {
        self.versions.last().map_or(1, |last| last.version + 1)
    }
}

impl Aggregate for OwnerTerms {
    const KIND: RecordKind = RecordKind::SettlementTerms;

    fn state(&self) -> &'static str {
        "in_force"
    }

    fn names(&self) -> Vec<Name> {
        vec![Self::name_of(&self.owner)]
    }
}
