//! An owner's accounts as people read them: what stands on each, and the lines behind it.

use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AttemptNo, PlatformNo, RefundNo};
use heliu_trade::ledger::{Account, EntryKind};
use heliu_trade::record::Balances;
use heliu_trade::time::Timestamp;

/// Which lines of the journal, by when they were booked (UTC, to the ms).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFilter {
    /// In whose book.
    pub owner: Owner,
    /// On this account only.
    pub account: Option<Account>,
    /// From here on, including it.
    pub from: Option<Timestamp>,
    /// Up to here, without it.
    pub until: Option<Timestamp>,
}

impl JournalFilter {
    /// All of a book.
    #[must_use]
    pub const fn whole(owner: Owner) -> Self {
        Self {
            owner,
            account: None,
            from: None,
            until: None,
        }
    }
}

/// What stands on an account, in fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// Debits of the stretch of time that was asked for; not negative.
    pub debit_fen: i64,
    /// Credits of it; not negative.
    pub credit_fen: i64,
    /// Debits less credits of all that was booked up to its end.
    pub balance_fen: i64,
}

/// What stands on an owner's accounts, for a decision that weighs it.
#[must_use]
pub fn weighed(owner: &Owner, balances: Vec<Balance>) -> Balances {
    let balances = balances.into_iter();
    Balances {
        owner: owner.clone(),
        fen: balances
            .map(|balance| (balance.account, balance.balance_fen))
            .collect(),
    }
}

/// A line of the journal, with the entry that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedLine {
    /// Our number of what the entry is about.
    pub subject_no: PlatformNo,
    /// The entry's place among those of its subject.
    pub entry_index: u32,
    /// The line's place in the entry.
    pub line_no: u32,
    /// Which way the money moved.
    pub kind: EntryKind,
    /// When it was booked (UTC).
    pub at: Timestamp,
    /// Whose money, of an order.
    pub attempt_no: Option<AttemptNo>,
    /// The refund, if it is one.
    pub refund_no: Option<RefundNo>,
    /// The account.
    pub account: Account,
    /// In fen: positive debits, negative credits.
    pub amount_fen: i64,
}

impl BookedLine {
    /// Where it stands in the list.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}.{}.{}", self.subject_no, self.entry_index, self.line_no)
    }

    /// The number, the entry and the line of a place; `None` if it is none.
    #[must_use]
    pub fn parse_place(place: &str) -> Option<(PlatformNo, u32, u32)> {
        let mut parts = place.split('.');
        let number = parts.next()?.parse().ok()?;
        let (entry, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then_some((number, entry, line))
    }
}
