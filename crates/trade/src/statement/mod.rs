//! 对账单: what an agent is told of a closed day, file by file; each wire words the rows.

mod decide;
mod rows;
mod values;

pub use decide::Action;
pub(crate) use decide::decide;
pub use rows::{ProfitRow, RemitRow, ShareLevel, StatementKind, Sums, TradeMovement, TradeRow};
pub use values::{StatementFile, StatementState};
