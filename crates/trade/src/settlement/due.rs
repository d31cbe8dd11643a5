//! 结算周期: on which day a settlement is due.

use crate::calendar::{BusinessDate, Calendar, CalendarFault};
use crate::fee::Speed;
use crate::settlement_terms::Cycle;

impl Cycle {
    /// How soon an owner of this cycle has its money, which is what a payment's fee is for
    /// (decision 55).
    #[must_use]
    pub const fn speed(self) -> Speed {
        match self {
            Self::D0 => Speed::T0,
            Self::D1 | Self::T1 | Self::Manual => Speed::T1,
        }
    }

    /// Whether a bill that comes back is followed by a new one (back-half.md, section 4). Of the
    /// other cycles the same bill is sent again.
    #[must_use]
    pub const fn has_new_bill_after_return(self) -> bool {
        matches!(self, Self::D1 | Self::T1)
    }

    /// Whether bills are drafted on a day at all.
    ///
    /// # Errors
    /// There is no table of holidays for the day's year.
    pub fn pays_on(self, today: BusinessDate, calendar: &Calendar) -> Result<bool, CalendarFault> {
        match self {
            Self::D0 | Self::D1 => Ok(true),
            Self::T1 => calendar.is_working_day(today),
            Self::Manual => Ok(false),
        }
    }

    /// Whether what was traded on a date is due on a later one.
    ///
    /// # Errors
    /// There is no table of holidays for a year on the way.
    pub fn is_due(
        self,
        trade_date: BusinessDate,
        today: BusinessDate,
        calendar: &Calendar,
    ) -> Result<bool, CalendarFault> {
        match self {
            Self::D0 => Ok(trade_date <= today),
            Self::D1 => Ok(trade_date < today),
            Self::T1 => Ok(calendar.next_working_day(trade_date)? <= today),
            Self::Manual => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::WithoutTable;

    fn date(text: &str) -> BusinessDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_long_holiday_is_paid_on_the_first_working_day_or_daily() {
        let calendar = Calendar::ours(WithoutTable::Unknown);
        let trades = ["2026-09-30", "2026-10-01", "2026-10-07"];
        for (cycle, today, pays, due) in [
            (Cycle::T1, "2026-10-07", false, [false, false, false]),
            (Cycle::T1, "2026-10-08", true, [true, true, true]),
            (Cycle::D1, "2026-10-02", true, [true, true, false]),
            (Cycle::D0, "2026-10-01", true, [true, true, false]),
            (Cycle::Manual, "2026-10-08", false, [false, false, false]),
        ] {
            let today = date(today);
            assert_eq!(
                cycle.pays_on(today, &calendar),
                Ok(pays),
                "{cycle:?} {today}"
            );
            let found = trades.map(|trade| cycle.is_due(date(trade), today, &calendar));
            assert_eq!(found, due.map(Ok), "{cycle:?} {today}");
        }
    }

    #[test]
    fn a_day_of_which_no_holidays_are_known_is_refused() {
        let calendar = Calendar::ours(WithoutTable::Unknown);
        let due = Cycle::T1.is_due(date("2026-12-31"), date("2027-01-04"), &calendar);
        assert_eq!(due, Err(CalendarFault::NoTable(2027)));
    }
}
