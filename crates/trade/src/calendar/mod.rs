//! 账期日 and 工作日: business dates, and which of them are working days.
//!
//! A business date is a day in Beijing. Which days are worked is a matter of law, published year by
//! year: a table of ours says it, and an operator's import may add a year.

mod date;
mod fault;
mod holidays;
mod table;

pub use date::{BusinessDate, NotADate};
pub use fault::CalendarFault;
pub use holidays::HolidayYear;
pub use table::{Calendar, WithoutTable};
