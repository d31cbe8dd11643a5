//! What an adjustment is.

use serde::{Deserialize, Serialize};

use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::record::{Aggregate, Name, RecordKind};

/// What somebody proposes: what an approval of it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedAdjustment {
    /// Whose balance.
    pub owner: Owner,
    /// What the owner is given, in fen; below zero it pays.
    pub amount_fen: i64,
    /// Why, and what shows it.
    pub evidence: String,
}

impl ProposedAdjustment {
    /// What an approval of it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("balance of {}", self.owner)
    }
}

/// An adjustment that was booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Our number of it.
    pub adjustment_no: PlatformNo,
    /// What was proposed, and done.
    #[serde(flatten)]
    pub done: ProposedAdjustment,
    /// The approval that let it pass.
    pub approval_no: PlatformNo,
}

/// What the adjustments of an owner are found by.
const OWNER: &str = "owner";

impl Adjustment {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.done.owner.clone(),
            no: self.adjustment_no,
        }
    }

    /// The mark of all adjustments of an owner.
    #[must_use]
    pub fn mark_of(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }
}

impl Aggregate for Adjustment {
    const KIND: RecordKind = RecordKind::Adjustment;

    fn state(&self) -> &'static str {
        "booked"
    }

    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark_of(&self.done.owner)]
    }
}
