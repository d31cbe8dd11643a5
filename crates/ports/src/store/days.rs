//! 账期日: business dates that are closed, and what stood on each account at their end.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::followup::subject::Owner;
use heliu_trade::ledger::Account;
use heliu_trade::time::Timestamp;

use crate::store_error::Answer;

/// A date into which nothing is booked any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDate {
    /// Which.
    pub date: BusinessDate,
    /// When it was closed (UTC), by the clock of whoever did.
    pub closed_at: Timestamp,
    /// The end of the office's record at that moment.
    pub audit: AuditHead,
}

/// The last row of the office's record, which vouches for all before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// Its place; 0 while nothing was written down.
    pub seq: u64,
    /// Its digest; empty then.
    pub hash: String,
}

/// What was rolled up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RolledUp {
    /// Accounts on which something was booked that day.
    pub accounts: u64,
    /// Lines of the journal that were booked.
    pub lines: u64,
}

/// What was booked on an account on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBalance {
    /// Whose account.
    pub owner: Owner,
    /// Which.
    pub account: Account,
    /// Debits; not negative.
    pub debit_fen: i64,
    /// Credits; not negative.
    pub credit_fen: i64,
    /// Debits less credits of what went over the bridge between books; part of the two above.
    pub bridged_fen: i64,
    /// How many lines of the journal that is.
    pub lines: u64,
}

impl DayBalance {
    /// Of an account of shares: what an agent earned that day, less what was given back.
    #[must_use]
    pub const fn earned_fen(&self) -> i64 {
        self.credit_fen - self.debit_fen + self.bridged_fen
    }
}

/// Which balances of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBalances {
    /// Which date.
    pub date: BusinessDate,
    /// Only accounts of agents' shares.
    pub only_shares: bool,
    /// Behind this one, in the order of owners' and accounts' names.
    pub after: Option<(Owner, Account)>,
    /// So many at most.
    pub limit: u32,
}

/// What the journal says of a closed date now, and what was rolled up of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayProof {
    /// Lines that the journal has of the date, and their debits.
    pub booked: Totals,
    /// Lines that were rolled up, and their debits.
    pub rolled: Totals,
    /// Sum of the journal's lines of the date, in fen: zero.
    pub sum_fen: i64,
    /// Debits less credits of the bridge in all books, whenever they were booked: zero.
    pub bridge_fen: i64,
}

/// How much was booked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines.
    pub lines: u64,
    /// Debits.
    pub debit_fen: i64,
}

/// Business dates. A facet of the books.
pub trait Days: Send + Sync {
    /// The last date that is closed; those before it are, too.
    fn closed_through(&self) -> Answer<'_, Option<BusinessDate>>;

    /// A date that is closed.
    fn closed_date(&self, date: BusinessDate) -> Answer<'_, Option<ClosedDate>>;

    /// When the first entry was booked (UTC).
    fn first_booked(&self) -> Answer<'_, Option<Timestamp>>;

    /// Closes a date and all before it: when this returns, every entry that carries it is on disk,
    /// and whatever is committed from then on, by whichever node, is booked at the first instant
    /// after it if it comes with an earlier one. A date that is closed stays as it was closed.
    fn close_date(&self, date: BusinessDate, now: Timestamp) -> Answer<'_, ClosedDate>;

    /// Writes what was booked on each account on a closed date, anew from the journal, and with it
    /// that this was done.
    fn roll_up(&self, date: BusinessDate) -> Answer<'_, RolledUp>;

    /// What was rolled up of a date, by the names of owners and accounts.
    fn day_balances(&self, asked: DayBalances) -> Answer<'_, Vec<DayBalance>>;

    /// How far the clock of these books was moved, in ms: 0 but in a sandbox's
    /// ([`DirectoryChange::MoveClock`](super::DirectoryChange::MoveClock)).
    fn clock_ahead_ms(&self) -> Answer<'_, i64>;

    /// Reads a closed date anew.
    fn prove_day(&self, date: BusinessDate) -> Answer<'_, DayProof>;
}
