//! What a withdrawal is.

use serde::{Deserialize, Serialize};

use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::record::{Aggregate, Name, RecordKind, Want};

/// Where a withdrawal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalState {
    /// It waits for a bill.
    Asked,
    /// It stands on one.
    Billed,
}

impl WithdrawalState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Asked, Self::Billed];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Billed => "billed",
        }
    }
}

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Our number of it.
    pub withdrawal_no: PlatformNo,
    /// Whose money.
    pub owner: Owner,
    /// How much, in fen; above zero.
    pub amount_fen: i64,
    /// Who asked for it.
    pub asked_by: String,
    /// Where it stands.
    pub state: WithdrawalState,
    /// The bill on which it stands.
    pub bill_id: Option<String>,
}

/// What the withdrawals of an owner are found by.
const OWNER: &str = "owner";

impl Withdrawal {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.owner.clone(),
            no: self.withdrawal_no,
        }
    }

    /// A withdrawal of an owner, for a step.
    #[must_use]
    pub fn want(owner: &Owner, withdrawal_no: PlatformNo) -> Want {
        let (owner, no) = (owner.clone(), withdrawal_no);
        Want::Numbered(RecordKind::Withdrawal, Subject { owner, no })
    }

    /// The mark of all withdrawals of an owner.
    #[must_use]
    pub fn mark_of(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }
}

impl Aggregate for Withdrawal {
    const KIND: RecordKind = RecordKind::Withdrawal;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark_of(&self.owner)]
    }
}
