//! One statement file: what its rows come to, and what happened to it.

use heliu_trade::statement::Sums;
use serde::{Deserialize, Serialize};

use super::list::StatementRow;
use super::number;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::Cell;
use crate::timeline::{Moment, Timeline};

/// A statement file with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementView {
    /// As in the list.
    #[serde(flatten)]
    pub statement: StatementRow,
    /// What its rows come to.
    pub sums: Sums,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// One statement file.
///
/// # Errors
/// The actor may not, there is no such file, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    statement_no: &str,
) -> Result<StatementView, OfficeError> {
    actor.check(Permission::See)?;
    let (record, file) = office.engine().statement(number(statement_no)?).await?;
    let trail = office.store().trail(&record.subject).await?;
    Ok(StatementView {
        sums: file.sums,
        timeline: Timeline::of(&trail).moments(),
        statement: StatementRow::from((record, file)),
    })
}

impl Facts for StatementView {
    fn facts(&self) -> Vec<Fact> {
        let row = &self.statement;
        let named = StatementRow::COLUMNS.iter().zip(row.cells());
        let mut facts: Vec<Fact> = named.map(|(name, value)| Fact::new(*name, value)).collect();
        let sums = &self.sums;
        facts.extend(
            [
                ("came in", sums.in_fen),
                ("fees on it", sums.in_fee_fen),
                ("given back", sums.out_fen),
                ("fees that came back", sums.out_fee_fen),
            ]
            .map(|(name, fen)| Fact::new(name, Cell::Fen(fen))),
        );
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}
