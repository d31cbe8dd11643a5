//! Business dates that are closed, and what was booked on them.

use heliu_ports::store::{ClosedDate, DayBalance, DayBalances, DayProof, Days, RolledUp};
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::time::Timestamp;

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, read};

impl Days for SqliteStore {
    fn closed_through(&self) -> Answer<'_, Option<BusinessDate>> {
        Box::pin(self.readers.read(read::day::closed_through))
    }

    fn closed_date(&self, date: BusinessDate) -> Answer<'_, Option<ClosedDate>> {
        Box::pin(
            self.readers
                .read(move |books| read::day::closed(books, date)),
        )
    }

    fn first_booked(&self) -> Answer<'_, Option<Timestamp>> {
        Box::pin(self.readers.read(read::day::first_booked))
    }

    fn close_date(&self, date: BusinessDate, now: Timestamp) -> Answer<'_, ClosedDate> {
        Box::pin(self.ask(Request::CloseDate { date, now }, Reply::Closed))
    }

    fn roll_up(&self, date: BusinessDate) -> Answer<'_, RolledUp> {
        Box::pin(async move {
            let (mut rolled, mut after) = (RolledUp::default(), String::new());
            // Part by part, so that payments are written in between.
            loop {
                let read = move |books: &_| read::day::booked(books, date, &after);
                let part = self.readers.read(read).await?;
                rolled.accounts += u64::try_from(part.balances.len()).unwrap_or(0);
                rolled.lines += part
                    .balances
                    .iter()
                    .map(|balance| balance.lines)
                    .sum::<u64>();
                let request = Request::RollUp {
                    date,
                    balances: part.balances,
                    lines: part.last.is_none().then_some(rolled.lines),
                };
                self.ask(request, Reply::Done).await?;
                let Some(last) = part.last else {
                    return Ok(rolled);
                };
                after = last;
            }
        })
    }

    fn day_balances(&self, asked: DayBalances) -> Answer<'_, Vec<DayBalance>> {
        Box::pin(
            self.readers
                .read(move |books| read::day::balances(books, &asked)),
        )
    }

    fn clock_ahead_ms(&self) -> Answer<'_, i64> {
        Box::pin(self.readers.read(read::day::clock_ahead_ms))
    }

    fn prove_day(&self, date: BusinessDate) -> Answer<'_, DayProof> {
        Box::pin(
            self.readers
                .read(move |books| read::day::prove(books, date)),
        )
    }
}
