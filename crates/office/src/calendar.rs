//! 工作日: which days are worked, and how years come in beyond those that the program knows.

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::calendar::{BusinessDate, HolidayYear};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// A year in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRow {
    /// Which.
    pub year: i16,
    /// Whether an operator imported it; the program's own otherwise.
    pub is_imported: bool,
    /// Days that are free beside weekends, and weekend days among them.
    pub free: usize,
    /// Weekend days that are worked.
    pub worked: usize,
    /// The days, as a table has them.
    pub days: String,
}

/// The years whose holidays are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownYears {
    /// In order.
    pub years: Vec<CalendarRow>,
    /// What somebody should see to, if something.
    pub notice: Option<String>,
}

/// The years whose holidays are known, from a table of ours or an imported one.
///
/// # Errors
/// The actor may not, or the books are away.
pub async fn list(office: &Office, actor: &Actor) -> Result<KnownYears, OfficeError> {
    actor.check(Permission::See)?;
    let engine = office.engine();
    let imported = engine.imported_holidays().await?;
    let calendar = engine.calendar().await?;
    let row = |year: &HolidayYear| {
        let worked = year.days.values().filter(|is_worked| **is_worked).count();
        CalendarRow {
            year: year.year,
            is_imported: imported.iter().any(|it| it.year == year.year),
            free: year.days.len() - worked,
            worked,
            days: year.days_text(),
        }
    };
    Ok(KnownYears {
        years: calendar.years().map(row).collect(),
        notice: calendar.notice(engine.clock().now()),
    })
}

/// What somebody should see to: a year that is near has no table.
///
/// # Errors
/// The actor may not, or the books are away.
pub async fn notice(office: &Office, actor: &Actor) -> Result<Option<String>, OfficeError> {
    actor.check(Permission::See)?;
    let engine = office.engine();
    Ok(engine.calendar().await?.notice(engine.clock().now()))
}

/// Puts the years of a table in the place of those that stand, all of them or none. The years.
///
/// # Errors
/// The actor may not; a line is not understood, a year is not whole, over, or there twice; or the
/// books are away.
pub async fn import(office: &Office, actor: &Actor, table: &str) -> Result<Vec<i16>, OfficeError> {
    actor.check(Permission::Configure)?;
    let engine = office.engine();
    let years =
        HolidayYear::read_table(table).map_err(|fault| OfficeError::new(fault.to_string()))?;
    let today = BusinessDate::of(engine.clock().now());
    let mut faults = Faults::new();
    if years.is_empty() {
        let form = "a line a year, such as 2027 off 0101-0103 0501 work 0104";
        faults.add("table", Problem::Malformed(form.to_owned()));
    }
    for year in &years {
        let field = format!("year {}", year.year);
        if year.year < today.year() {
            let problem = Problem::unfit("is over", format!("leave it out: {today} is today"));
            faults.add(field, problem);
            continue;
        }
        let missing = year.missing();
        if !missing.is_empty() {
            let problem = Problem::unfit(
                format!("is not whole: nothing is free for {}", missing.join(", ")),
                "give all free days and all worked weekend days of the year in one line",
            );
            faults.add(field, problem);
        }
    }
    faults.into_result()?;
    let calendar = engine.calendar().await?;
    let stood = calendar.years();
    let stood = stood.filter(|it| years.iter().any(|year| year.year == it.year));
    let numbers: Vec<i16> = years.iter().map(|year| year.year).collect();
    let act = Act {
        action: "calendar.import",
        subject: "calendar".to_owned(),
        before: Some(json!(stood.map(told).collect::<Vec<_>>())),
        after: Some(json!(years.iter().map(told).collect::<Vec<_>>())),
    };
    let audit = office.audit(actor, act);
    engine.import_holidays(years, audit).await?;
    Ok(numbers)
}

/// A year as the record tells it.
fn told(year: &HolidayYear) -> String {
    format!("{} {}", year.year, year.days_text())
}

impl Row for CalendarRow {
    const COLUMNS: &'static [Column] = &["year", "source", "free", "worked", "days"];

    fn cells(&self) -> Vec<Cell> {
        let count = |count: usize| Cell::Count(i64::try_from(count).unwrap_or(i64::MAX));
        vec![
            Cell::Count(i64::from(self.year)),
            Cell::text(if self.is_imported {
                "imported"
            } else {
                "program"
            }),
            count(self.free),
            count(self.worked),
            Cell::text(self.days.as_str()),
        ]
    }
}
