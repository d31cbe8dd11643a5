//! 账期日: what ends a business date, step by step.
//!
//! | file | what it does |
//! | --- | --- |
//! | `open` | writes the steps of a date, and reads them |
//! | `run` | runs one step under its lease |
//! | `schedule` | runs each step at its time |
//! | `hours` | settles and pays out by the hour what is due on the same day |
//! | `batches` | puts repaired bills into batches, and sends what was let pass, by themselves |
//! | `proof` | whether closed dates are what they were |
//! | `calendar` | which days are worked, with the years that were imported |
//! | `clock` | a sandbox's clock is moved |
//! | `context` | what a step is given, and why it fails |
//! | `steps/` | a file a step: `run`, and what it works on if that is more than the closed date |

pub(crate) mod batches;
mod calendar;
mod clock;
mod context;
pub(crate) mod hours;
mod open;
mod proof;
mod run;
mod schedule;
mod steps;

pub use proof::ClosedDates;
pub(crate) use run::DayRuns;
pub use run::StepRun;
