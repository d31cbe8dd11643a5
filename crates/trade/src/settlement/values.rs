//! What a settlement is.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::ledger::EntryKind;
use crate::record::{Aggregate, Name, RecordKind, Want};
use crate::settlement_terms::Cycle;

use super::items::{ItemClass, item_class};
use super::window::Window;

/// Where a settlement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlementState {
    /// Its items are being gathered.
    Open,
    /// Its items and sums stand; it waits for a bill.
    Closed,
    /// A bill pays it, or it was made available for withdrawals.
    PaidOut,
}

impl SettlementState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::PaidOut];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::PaidOut => "paid_out",
        }
    }

    /// The state of a word of [`SettlementState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What the items of a settlement come to, in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementSums {
    /// How many items there are.
    pub items: u64,
    /// Money that came in.
    pub gross_fen: i64,
    /// Fees, less those that were given back.
    pub fees_fen: i64,
    /// Money that went back to payers.
    pub refunds_fen: i64,
    /// What was put right or freed; below zero what the owner gives.
    pub adjustments_fen: i64,
}

impl SettlementSums {
    /// What the owner is to get; below zero what it owes.
    #[must_use]
    pub const fn net_fen(&self) -> i64 {
        self.gross_fen - self.fees_fen - self.refunds_fen + self.adjustments_fen
    }

    /// Adds entries of a kind: `count` of them, which credit the owner's balance with `owed_fen` in
    /// all (a debit is below zero). A kind that is no item's adds nothing.
    pub const fn add(&mut self, kind: EntryKind, count: u64, owed_fen: i64) {
        let Some(class) = item_class(kind) else {
            return;
        };
        self.items += count;
        match class {
            ItemClass::Gross => self.gross_fen += owed_fen,
            ItemClass::Fee => self.fees_fen -= owed_fen,
            ItemClass::Refund => self.refunds_fen -= owed_fen,
            ItemClass::Adjustment => self.adjustments_fen += owed_fen,
        }
    }
}

/// Which settlement of an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementKey {
    /// Whose.
    pub owner: Owner,
    /// The date of the trades; the last one, if entries of an earlier one were late.
    pub trade_date: BusinessDate,
    /// When it is due.
    pub cycle: Cycle,
    /// Which of the date's: of [`Cycle::D0`] the [`Window`]'s number, and from [`Window::LATER`] on
    /// what came to light behind all of them; of the others from 0 on.
    pub window: u32,
}

impl SettlementKey {
    /// Whether the hours of the date settle it, and not the day's end.
    #[must_use]
    pub fn is_of_window(&self) -> bool {
        self.cycle == Cycle::D0 && self.window < Window::LATER
    }

    /// What a step about it works on.
    #[must_use]
    pub fn want(&self) -> Want {
        Want::Named(RecordKind::Settlement, self.name())
    }

    fn name(&self) -> Name {
        let Self {
            owner,
            trade_date,
            cycle,
            window,
        } = self;
        let text = format!("{}/{trade_date}/{}/{window}", owner.name(), cycle.as_str());
        Name::new(PERIOD, text)
    }
}

/// What one trade date owes an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Our number of it.
    pub settlement_no: PlatformNo,
    /// Which one.
    pub key: SettlementKey,
    /// Where it stands.
    pub state: SettlementState,
    /// What its items come to; zeros while it is open.
    pub sums: SettlementSums,
    /// Our number of the bill that pays it; of a chain of bills the first.
    pub payout_no: Option<PlatformNo>,
}

/// What a settlement is found by.
const PERIOD: &str = "period";
const OWNER: &str = "owner";

impl Settlement {
    /// One that has yet to gather its items.
    #[must_use]
    pub const fn open(settlement_no: PlatformNo, key: SettlementKey) -> Self {
        Self {
            settlement_no,
            key,
            state: SettlementState::Open,
            sums: SettlementSums {
                items: 0,
                gross_fen: 0,
                fees_fen: 0,
                refunds_fen: 0,
                adjustments_fen: 0,
            },
            payout_no: None,
        }
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.key.owner.clone(),
            no: self.settlement_no,
        }
    }

    /// The mark of all settlements of an owner.
    #[must_use]
    pub fn mark_of_owner(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }
}

impl Aggregate for Settlement {
    const KIND: RecordKind = RecordKind::Settlement;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        vec![self.key.name()]
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark_of_owner(&self.key.owner)]
    }
}
