//! Business dates that are closed, and what was booked on them.

use heliu_ports::store::{ClosedDate, DayBalance, DayBalances, DayProof, Days, RolledUp};
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::time::Timestamp;

use super::super::MemoryStore;

impl Days for MemoryStore {
    fn closed_through(&self) -> Answer<'_, Option<BusinessDate>> {
        self.answer(|books| books.closed_dates.last_key_value().map(|(date, _)| *date))
    }

    fn closed_date(&self, date: BusinessDate) -> Answer<'_, Option<ClosedDate>> {
        self.answer(|books| books.closed_dates.get(&date).cloned())
    }

    fn first_booked(&self) -> Answer<'_, Option<Timestamp>> {
        self.answer(|books| books.first_booked())
    }

    fn close_date(&self, date: BusinessDate, now: Timestamp) -> Answer<'_, ClosedDate> {
        self.answer(|books| books.close_date(date, now))
    }

    fn roll_up(&self, date: BusinessDate) -> Answer<'_, RolledUp> {
        self.answer(|books| books.roll_up(date))
    }

    fn day_balances(&self, asked: DayBalances) -> Answer<'_, Vec<DayBalance>> {
        self.answer(move |books| books.day_balances(&asked))
    }

    fn clock_ahead_ms(&self) -> Answer<'_, i64> {
        self.answer(|books| books.clock_ahead_ms)
    }

    fn prove_day(&self, date: BusinessDate) -> Answer<'_, DayProof> {
        self.answer(move |books| books.prove_day(date))
    }
}
