//! Business dates that are closed, and what was booked on them.

use heliu_ports::store::{ClosedDate, DayBalance, DayBalances, DayProof, Days, RolledUp};
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::time::Timestamp;

use super::super::connections::{snapshot, with_client};
use super::super::{PostgresStore, read, write};

impl Days for PostgresStore {
    fn closed_through(&self) -> Answer<'_, Option<BusinessDate>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::day::closed_through(client)) },
        )
    }

    fn closed_date(&self, date: BusinessDate) -> Answer<'_, Option<ClosedDate>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::day::closed(client, date)) },
        )
    }

    fn first_booked(&self) -> Answer<'_, Option<Timestamp>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                read::day::first_booked(&snapshot(client).await?).await
            })
        })
    }

    fn close_date(&self, date: BusinessDate, now: Timestamp) -> Answer<'_, ClosedDate> {
        Box::pin(async move {
            with_client!(self.changers, client => write::days::close(client, date, now))
        })
    }

    fn roll_up(&self, date: BusinessDate) -> Answer<'_, RolledUp> {
        Box::pin(
            async move { with_client!(self.walkers, client => write::days::roll_up(client, date)) },
        )
    }

    fn day_balances(&self, asked: DayBalances) -> Answer<'_, Vec<DayBalance>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::day::balances(client, &asked))
        })
    }

    fn clock_ahead_ms(&self) -> Answer<'_, i64> {
        Box::pin(
            async move { with_client!(self.readers, client => read::day::clock_ahead_ms(client)) },
        )
    }

    fn prove_day(&self, date: BusinessDate) -> Answer<'_, DayProof> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                read::day::prove(&snapshot(client).await?, date).await
            })
        })
    }
}
