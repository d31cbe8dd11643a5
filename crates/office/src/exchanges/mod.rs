//! What merchants sent and were answered.

mod list;
mod show;

pub use list::{ExchangeRow, ExchangesAsked, list};
pub use show::{AnswerView, ExchangeView, show};
