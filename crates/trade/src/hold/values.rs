//! What a hold is.

use serde::{Deserialize, Serialize};

use crate::followup::subject::{Owner, Subject};
use crate::id::{ChannelAccountId, PlatformNo};
use crate::ledger::Account;
use crate::record::{Aggregate, Name, RecordKind, Want};

/// How much is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldAmount {
    /// So much, in fen; above zero.
    Fen(i64),
    /// Everything, also what comes later.
    All,
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// It holds.
    Active,
    /// What it took is free again.
    Released,
    /// What it took is gone.
    Seized,
}

impl HoldState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Released, Self::Seized];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Released => "released",
            Self::Seized => "seized",
        }
    }
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Our number of it.
    pub hold_no: PlatformNo,
    /// Whose money.
    pub owner: Owner,
    /// How much is to be held.
    pub amount: HoldAmount,
    /// How much stands frozen by it, in fen; when it has ended, how much did.
    pub filled_fen: i64,
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub placed_by: String,
    /// Where it stands.
    pub state: HoldState,
}

/// What the holds of an owner are found by.
const OWNER: &str = "owner";

impl Hold {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.owner.clone(),
            no: self.hold_no,
        }
    }

    /// A hold of an owner, for a step.
    #[must_use]
    pub fn want(owner: &Owner, hold_no: PlatformNo) -> Want {
        let owner = owner.clone();
        Want::Numbered(RecordKind::Hold, Subject { owner, no: hold_no })
    }

    /// The mark of all holds of an owner.
    #[must_use]
    pub fn mark_of(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }

    /// How much of `there_fen`, which is not held yet, it takes, in fen: up to its amount.
    #[must_use]
    pub fn takes_fen(&self, there_fen: i64) -> i64 {
        let missing_fen = match (self.state, self.amount) {
            (HoldState::Active, HoldAmount::Fen(fen)) => fen - self.filled_fen,
            (HoldState::Active, HoldAmount::All) => there_fen,
            _ => 0,
        };
        missing_fen.min(there_fen).max(0)
    }
}

impl Aggregate for Hold {
    const KIND: RecordKind = RecordKind::Hold;

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

/// How a hold is to end: what an approval of that is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldEnd {
    /// Whose money.
    pub owner: Owner,
    /// Our number of the hold.
    pub hold_no: PlatformNo,
    /// How much stands frozen by it, in fen.
    pub filled_fen: i64,
    /// Of a seizure: the channel account that took the money; `None`: it waits for an explanation.
    pub taken_by: Option<ChannelAccountId>,
    /// Why.
    pub reason: String,
}

impl HoldEnd {
    /// What an approval of it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("hold {}", self.hold_no)
    }

    /// Where seized money goes.
    pub(super) fn taker(&self) -> Account {
        match &self.taken_by {
            Some(account) => Account::ChannelClearing(account.clone()),
            None => Account::Suspense,
        }
    }
}
