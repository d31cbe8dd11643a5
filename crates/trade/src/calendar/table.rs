//! 工作日: the table of public holidays and of weekend days that are worked.

use std::collections::BTreeMap;

use super::{BusinessDate, CalendarFault, HolidayYear};
use crate::time::{DAY_MS, Timestamp};

/// Our table; `holidays.txt` says where it comes from.
const OURS: &str = include_str!("holidays.txt");

/// How long before a year without a table begins somebody is to be told, in days.
const NOTICE_DAYS: i64 = 60;

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// By year, the days that do not follow the week, and whether each is worked.
    years: BTreeMap<i16, HolidayYear>,
    without_table: WithoutTable,
}

/// What a year without a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutTable {
    /// Its weekends are free and nothing else: for a sandbox, which says so.
    WeekendsOnly,
    /// Nobody knows: money is at stake.
    Unknown,
}

impl Calendar {
    /// Our own table.
    ///
    /// # Panics
    /// The table that this was compiled with is damaged.
    #[must_use]
    pub fn ours(without_table: WithoutTable) -> Self {
        let mut calendar = Self {
            years: BTreeMap::new(),
            without_table,
        };
        let read = calendar.add(OURS);
        read.expect("a test reads our own table");
        calendar
    }

    /// Adds the years of a table, or puts them in the place of those that stand. A table that is
    /// not understood changes nothing.
    ///
    /// # Errors
    /// Which line is wrong, and why.
    pub fn add(&mut self, table: &str) -> Result<(), CalendarFault> {
        self.put(HolidayYear::read_table(table)?);
        Ok(())
    }

    /// Puts years in the place of those that stand.
    pub fn put(&mut self, years: impl IntoIterator<Item = HolidayYear>) {
        self.years
            .extend(years.into_iter().map(|year| (year.year, year)));
    }

    /// The years whose holidays are known, in order.
    pub fn years(&self) -> impl Iterator<Item = &HolidayYear> {
        self.years.values()
    }

    /// Whether a year's holidays are known.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// Whether the day is worked.
    ///
    /// # Errors
    /// There is no table for its year.
    pub fn is_working_day(&self, date: BusinessDate) -> Result<bool, CalendarFault> {
        let follows_the_week = !date.is_weekend();
        match (self.years.get(&date.year()), self.without_table) {
            (Some(year), _) => Ok(year.days.get(&date).copied().unwrap_or(follows_the_week)),
            (None, WithoutTable::WeekendsOnly) => Ok(follows_the_week),
            (None, WithoutTable::Unknown) => Err(CalendarFault::NoTable(date.year())),
        }
    }

    /// T+1: the first working day after a date.
    ///
    /// # Errors
    /// There is no table for a year on the way.
    pub fn next_working_day(&self, date: BusinessDate) -> Result<BusinessDate, CalendarFault> {
        let mut day = date.next();
        while !self.is_working_day(day)? {
            day = day.next();
        }
        Ok(day)
    }

    /// How many days from today on are in years whose holidays are known, one after the other.
    #[must_use]
    pub fn known_days(&self, now: Timestamp) -> u32 {
        let today = BusinessDate::of(now);
        let unknown = (today.year()..).find(|year| !self.knows(*year));
        let end = unknown.and_then(|year| BusinessDate::from_parts(year, 1, 1));
        let known_ms = end.map_or(0, |end| end.start().since_ms(today.start()));
        u32::try_from(known_ms / DAY_MS).unwrap_or(0)
    }

    /// What somebody should be told about the years ahead: the year of `now`, or one that begins
    /// within sixty days, has no table.
    #[must_use]
    pub fn notice(&self, now: Timestamp) -> Option<String> {
        let today = BusinessDate::of(now);
        let years = [today.year(), today.plus_days(NOTICE_DAYS).year()];
        let year = years.into_iter().find(|year| !self.knows(*year))?;
        let then = match self.without_table {
            WithoutTable::WeekendsOnly => "only its weekends are free in this sandbox",
            WithoutTable::Unknown => "what needs its working days will be refused",
        };
        Some(format!(
            "there is no table of holidays for {year}: {then} until one is imported: heliu calendar import FILE"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> BusinessDate {
        text.parse().expect("a date")
    }

    #[test]
    fn working_days_are_what_was_published() {
        let calendar = Calendar::ours(WithoutTable::Unknown);
        for (day, is_worked) in [
            ("2026-10-01", false), // National Day
            ("2026-10-10", true),  // a Saturday that is worked for it
            ("2026-10-11", false), // a Sunday
            ("2026-10-12", true),
            ("2025-01-28", false), // Spring Festival
            ("2025-01-26", true),  // a Sunday
            ("2006-12-31", true),  // a Sunday for the next year's holiday
            ("2024-02-29", true),
        ] {
            assert_eq!(calendar.is_working_day(date(day)), Ok(is_worked), "{day}");
        }
        for (of, next) in [
            ("2026-09-30", "2026-10-08"), // a long holiday
            ("2026-11-27", "2026-11-30"), // Friday
            ("2026-11-28", "2026-11-30"),
            ("2026-10-09", "2026-10-10"),
        ] {
            assert_eq!(calendar.next_working_day(date(of)), Ok(date(next)), "{of}");
        }
    }

    #[test]
    fn every_year_from_2004_on_is_known_and_the_next_one_is_not() {
        let calendar = Calendar::ours(WithoutTable::Unknown);
        let known = (2000..2030).filter(|year| calendar.knows(*year));
        assert_eq!(known.collect::<Vec<_>>(), (2004..=2026).collect::<Vec<_>>());
    }

    #[test]
    fn a_year_without_a_table_is_its_weekends_in_a_sandbox_and_refused_live() {
        let (sandbox, live) = (
            Calendar::ours(WithoutTable::WeekendsOnly),
            Calendar::ours(WithoutTable::Unknown),
        );
        let new_year = date("2027-01-01"); // a Friday
        assert_eq!(sandbox.is_working_day(new_year), Ok(true));
        assert_eq!(sandbox.is_working_day(date("2027-01-02")), Ok(false));
        assert_eq!(
            live.next_working_day(date("2026-12-31")),
            Err(CalendarFault::NoTable(2027))
        );
        let mut imported = live;
        imported
            .add("2027 off 0101-0103 work 0109")
            .expect("a table");
        assert_eq!(
            imported.next_working_day(date("2026-12-31")),
            Ok(date("2027-01-04"))
        );
        assert_eq!(imported.is_working_day(date("2027-01-09")), Ok(true));
    }

    #[test]
    fn notice_is_given_sixty_days_ahead() {
        let calendar = Calendar::ours(WithoutTable::Unknown);
        for (today, is_told) in [
            ("2026-11-01", false),
            ("2026-11-02", true),
            ("2026-12-31", true),
            ("2027-05-01", true),
        ] {
            let notice = calendar.notice(date(today).start());
            assert_eq!(notice.is_some(), is_told, "{today}: {notice:?}");
        }
        for (today, days) in [("2026-12-31", 1), ("2026-12-01", 31), ("2027-01-01", 0)] {
            let today = date(today).start();
            assert_eq!(calendar.known_days(today.plus_ms(1)), days, "{today}");
        }
        let notice = calendar.notice(date("2026-12-01").start()).expect("told");
        assert!(notice.contains("2027"), "{notice}");
    }

    #[test]
    fn a_table_that_is_not_understood_is_refused_whole() {
        let mut calendar = Calendar::ours(WithoutTable::Unknown);
        for (table, told) in [
            ("2027 off 0230", "0230 is no day of 2027"),
            ("2027 0101", "0101 is neither off nor work"),
            ("20x7 off 0101", "20x7 is no year"),
            ("2027 off 0103-0101", "ends before it begins"),
            ("2027 off 0101 work 0101", "stands there twice"),
            ("2027 off", "2027 has no days"),
            ("2027 off 011", "011 is no day"),
        ] {
            let table = format!("# 2027\n2028 off 0101\n{table}");
            let fault = calendar.add(&table).expect_err(&table);
            let told_in_full = fault.to_string();
            assert!(told_in_full.contains(told), "{told_in_full}");
            assert!(told_in_full.starts_with("line 3 "), "{told_in_full}");
            assert!(!calendar.knows(2028), "{table}");
        }
    }
}
