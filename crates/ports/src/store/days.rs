//! 账期日: business dates that are closed, and what stood on each account at their end.

use heliu_trade::calendar::BusinessDate;
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
}
