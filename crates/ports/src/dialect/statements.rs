//! 对账单: how a wire words the files that its agents fetch.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::Agent;
use heliu_trade::statement::{ProfitRow, RemitRow, StatementKind, TradeRow};

/// How a wire words statement files. What it writes follows from the row and the agent's switches
/// alone, so that a file can be made again byte by byte.
pub trait Statements: Send + Sync {
    /// The name of the file about a day; no other file of the agent has it.
    fn file_name(&self, agent: &Agent, kind: StatementKind, day: BusinessDate) -> String;

    /// What stands before the rows.
    fn titles(&self, agent: &Agent, kind: StatementKind) -> Vec<u8>;

    /// Writes a movement, the how-manieth of the file, from 1.
    fn trade_row(&self, agent: &Agent, row_no: u64, row: &TradeRow, out: &mut Vec<u8>);

    /// Writes an agent's part of the fee on a movement.
    fn profit_row(&self, agent: &Agent, row: &ProfitRow<'_>, out: &mut Vec<u8>);

    /// Writes a bill.
    fn remit_row(&self, agent: &Agent, row: &RemitRow, out: &mut Vec<u8>);
}
