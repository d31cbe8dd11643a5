//! 进件: merchants that agents bring. Somebody of the office looks at each application, and lets
//! the merchant trade or says why not.

mod audit;
mod list;
mod show;

pub use audit::{Decided, Passing, pass, reject};
pub use list::{ApplicationRow, ApplicationsAsked, list};
pub use show::{ApplicationView, show};

use heliu_trade::id::PlatformNo;

use crate::error::OfficeError;

/// Our number of an application, from what was entered.
fn number(text: &str) -> Result<PlatformNo, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no application's number"),
            "heliu applications list tells the numbers: 16 digits each",
        )
    })
}
