//! 对账单: the files that agents fetch about a closed day.

mod list;
mod publish;
mod show;

pub use list::{StatementRow, list};
pub use publish::{PublishedRow, Publishing, publish};
pub use show::{StatementView, show};

use heliu_trade::id::PlatformNo;

use crate::error::OfficeError;

/// Our number of a file, from what was entered.
fn number(text: &str) -> Result<PlatformNo, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no statement's number"),
            "heliu statements list tells the numbers: 16 digits each",
        )
    })
}
