//! Business dates: the writer is alone, so that what it books after it has closed one is later.

use heliu_ports::store::DayBalance;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::time::Timestamp;
use rusqlite::params;

use super::books::Books;
use crate::columns::integer;
use crate::rows::day::{CLOSE, PUT_BALANCE, ROLLED};
use crate::rows::office::{LAST_AUDIT, read_link};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::first;
use crate::sqlite::read::day::closed;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    /// Closes a date; what waited before this command is written.
    pub(super) fn close_date(
        &mut self,
        date: BusinessDate,
        now: Timestamp,
    ) -> Result<Outcome, Fault> {
        let last = first(self.connection, LAST_AUDIT, [], read_link)?.unwrap_or_default();
        let open_from = date.end().as_ms();
        let parameters = params![open_from, now.as_ms(), integer(last.seq), last.hash];
        self.connection.prepare_cached(CLOSE)?.execute(parameters)?;
        self.open_from.now = self.open_from.now.max(open_from);
        let closed = closed(self.connection, date)?;
        let missing = || Fault::Damaged(format!("{date} was closed and is not"));
        Ok(Outcome::Closed(Box::new(closed.ok_or_else(missing)?)))
    }

    /// Writes balances of a date; `lines`: they are all, so many lines of the journal.
    pub(super) fn roll_up(
        &self,
        date: BusinessDate,
        balances: &[DayBalance],
        lines: Option<u64>,
    ) -> Result<Outcome, Fault> {
        let open_from = date.end().as_ms();
        let mut put = self.connection.prepare_cached(PUT_BALANCE)?;
        for balance in balances {
            put.execute(params![
                balance.owner.name(),
                balance.account.name(),
                open_from,
                balance.debit_fen,
                balance.credit_fen,
                balance.bridged_fen,
                integer(balance.lines),
            ])?;
        }
        if let Some(lines) = lines {
            let parameters = params![integer(lines), open_from];
            self.connection
                .prepare_cached(ROLLED)?
                .execute(parameters)?;
        }
        Ok(Outcome::Done)
    }
}
