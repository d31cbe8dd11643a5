//! One approval: what would change, and what happened.

use serde::{Deserialize, Serialize};

use super::difference::Changed;
use super::list::ApprovalRow;
use super::number;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::Cell;
use crate::timeline::{Moment, Timeline};

/// An approval with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalView {
    /// As in the list.
    #[serde(flatten)]
    pub approval: ApprovalRow,
    /// What it is about, member by member.
    pub content: Vec<Changed>,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// One approval.
///
/// # Errors
/// There is none, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    approval_no: &str,
) -> Result<ApprovalView, OfficeError> {
    actor.check(Permission::See)?;
    let engine = office.engine();
    let (record, approval) = engine.approval(number(approval_no)?).await?;
    let trail = office.store().trail(&record.subject).await?;
    Ok(ApprovalView {
        content: Changed::all_of(&approval.content),
        timeline: Timeline::of(&trail).moments(),
        approval: ApprovalRow::of(approval, engine.clock().now()),
    })
}

impl Facts for ApprovalView {
    fn facts(&self) -> Vec<Fact> {
        let row = &self.approval;
        let named = ApprovalRow::COLUMNS.iter().zip(row.cells());
        let mut facts: Vec<Fact> = named.map(|(name, value)| Fact::new(*name, value)).collect();
        facts.push(Fact::new("hash", Cell::text(row.hash.as_str())));
        facts.extend(self.content.iter().map(Changed::fact));
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}
