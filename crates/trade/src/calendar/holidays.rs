//! 节假日: the days of one year that do not follow the week.

use std::collections::BTreeMap;

use super::{BusinessDate, CalendarFault};

/// The first year whose holidays are those of today: before it 清明, 端午 and 中秋 were worked.
const OF_TODAY_FROM: i16 = 2008;

/// Holidays of every year (全国年节及纪念日放假办法), each with the days between which it lies, and
/// how many of them are free at least. A table that misses one is no whole year. 中秋 is not among
/// them: it may lie within 国庆节.
const WHOLE: [(&str, &str, &str, usize); 6] = [
    ("元旦", "0101", "0101", 1),
    ("春节", "0120", "0222", 3),
    ("清明", "0403", "0406", 1),
    ("劳动节", "0501", "0501", 1),
    ("端午", "0525", "0626", 1),
    ("国庆节", "1001", "1003", 3),
];

/// A year's days that do not follow the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayYear {
    /// Which.
    pub year: i16,
    /// The days, and whether each is worked.
    pub days: BTreeMap<BusinessDate, bool>,
}

impl HolidayYear {
    /// From a line such as `2027 off 0101-0103 0501 work 0104`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut words = line.split_ascii_whitespace();
        let year = words.next().unwrap_or_default();
        let year: i16 = match year.parse() {
            Ok(year @ 1970..=9999) => year,
            _ => return Err(format!("{year} is no year")),
        };
        let (mut days, mut is_worked) = (BTreeMap::new(), None);
        for word in words {
            match word {
                "off" => is_worked = Some(false),
                "work" => is_worked = Some(true),
                span => {
                    let is_worked =
                        is_worked.ok_or_else(|| format!("{span} is neither off nor work"))?;
                    let (first, last) = span.split_once('-').unwrap_or((span, span));
                    let (mut day, last) = (day(year, first)?, day(year, last)?);
                    if day > last {
                        return Err(format!("{span} ends before it begins"));
                    }
                    while day <= last {
                        if days.insert(day, is_worked).is_some() {
                            return Err(format!("{day} stands there twice"));
                        }
                        day = day.next();
                    }
                }
            }
        }
        if days.is_empty() {
            return Err(format!("{year} has no days"));
        }
        Ok(Self { year, days })
    }

    /// Reads a table, a line a year. Lines that begin with `#` and empty ones are none.
    ///
    /// # Errors
    /// Which line is wrong, and why.
    pub fn read_table(table: &str) -> Result<Vec<Self>, CalendarFault> {
        let lines = (1..).zip(table.lines().map(str::trim));
        let lines = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
        let mut years: Vec<Self> = Vec::new();
        for (line, text) in lines {
            let fault = |what: String| CalendarFault::Malformed { line, what };
            let read = Self::parse(text).map_err(fault)?;
            if years.iter().any(|it| it.year == read.year) {
                return Err(fault(format!("{} stands there twice", read.year)));
            }
            years.push(read);
        }
        Ok(years)
    }

    /// Which holidays every year has are missing; of a whole year none.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let is_today = self.year >= OF_TODAY_FROM;
        let holidays = WHOLE.iter().filter(|_| is_today);
        let missing = holidays.filter(|(_, first, last, least)| {
            let (Ok(first), Ok(last)) = (day(self.year, first), day(self.year, last)) else {
                return false;
            };
            let days = self.days.range(first..=last);
            days.filter(|(_, is_worked)| !**is_worked).count() < *least
        });
        let told = missing.map(|(name, first, last, least)| match first == last {
            true => format!("{name} ({first})"),
            false => format!("{name} ({least} of {first}-{last})"),
        });
        told.collect()
    }

    /// Its line without the year: the same for the same days always.
    #[must_use]
    pub fn days_text(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for (word, worked) in [("off", false), ("work", true)] {
            let mut days = self.days.iter().filter(|(_, it)| **it == worked).peekable();
            if days.peek().is_some() {
                words.push(word.to_owned());
            }
            while let Some((first, _)) = days.next() {
                let mut last = *first;
                while let Some((next, _)) = days.next_if(|(day, _)| **day == last.next()) {
                    last = *next;
                }
                let (first, last) = (month_day(*first), month_day(last));
                words.push(match first == last {
                    true => first,
                    false => format!("{first}-{last}"),
                });
            }
        }
        words.join(" ")
    }
}

/// The day of four digits such as `0131`.
fn day(year: i16, text: &str) -> Result<BusinessDate, String> {
    let parts = text.split_at_checked(2).filter(|_| text.len() == 4);
    let found = parts.and_then(|(month, day)| {
        BusinessDate::from_parts(year, month.parse().ok()?, day.parse().ok()?)
    });
    found.ok_or_else(|| format!("{text} is no day of {year}; a day is such as 0131"))
}

/// A day as [`day`] reads it.
fn month_day(day: BusinessDate) -> String {
    day.compact().split_off(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, WithoutTable};

    #[test]
    fn our_own_years_are_whole_and_are_read_as_they_are_written() {
        let calendar = Calendar::ours(WithoutTable::Unknown);
        for year in calendar.years() {
            assert_eq!(year.missing(), [""; 0], "{}", year.year);
            let line = format!("{} {}", year.year, year.days_text());
            assert_eq!(HolidayYear::parse(&line).as_ref(), Ok(year), "{line}");
        }
    }

    #[test]
    fn a_part_of_a_year_is_told_with_what_it_lacks() {
        let year = HolidayYear::parse("2027 off 0101-0103 0501 1001-1002").expect("a year");
        let missing = year.missing();
        let names: Vec<_> = missing
            .iter()
            .map(|told| told.split(' ').next().unwrap_or_default())
            .collect();
        assert_eq!(names, ["春节", "清明", "端午", "国庆节"]);
        assert!(missing[0].contains("3 of 0120-0222"), "{missing:?}");
    }

    #[test]
    fn a_year_stands_in_a_table_once() {
        let table = "# of an office\n\n2027 off 0101\n 2028 off 0101 \n2027 off 0102\n";
        let told = HolidayYear::read_table(table).expect_err("twice");
        let told = told.to_string();
        assert!(
            told.contains("line 5") && told.contains("2027 stands"),
            "{told}"
        );
    }
}
