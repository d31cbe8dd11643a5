//! 调账: an owner's balance is put right, with evidence and four eyes.

use heliu_engine::RecordsAsked;
use heliu_engine::enrolment::names::check_name;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::adjustment::{Adjustment, ProposedAdjustment};
use heliu_trade::id::PlatformNo;
use heliu_trade::record::Record;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office, owners};

/// What somebody wants to put right.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewAdjustment {
    /// Whose balance: `merchant:ID` or `agent:ID`.
    pub owner: String,
    /// What the owner is given, in fen; below zero it pays.
    pub amount_fen: i64,
    /// Why, and what shows it.
    pub evidence: String,
}

/// An adjustment that was booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentRow {
    /// When it was booked (UTC).
    pub booked_at: Timestamp,
    /// Our number.
    pub adjustment_no: String,
    /// Whose balance.
    pub owner: String,
    /// What the owner was given, in fen; below zero it paid.
    pub amount_fen: i64,
    /// Why, and what shows it.
    pub evidence: String,
    /// The approval that let it pass.
    pub approval_no: String,
}

/// Proposes to put a balance right, which another person must let pass.
///
/// # Errors
/// The actor may not; there is no such owner; the amount is zero or there is no evidence; or the
/// books are away.
pub async fn propose(
    office: &Office,
    actor: &Actor,
    new: NewAdjustment,
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let owner = owners::find_paid(office, &new.owner).await?;
    let mut faults = Faults::new();
    faults.note("evidence", check_name(&new.evidence));
    if new.amount_fen == 0 {
        let form = "an amount other than zero".to_owned();
        faults.add("amount", Problem::Malformed(form));
    }
    faults.into_result()?;
    let adjustment = ProposedAdjustment {
        owner,
        amount_fen: new.amount_fen,
        evidence: new.evidence,
    };
    let act = Act {
        action: "adjustments.propose",
        subject: adjustment.owner.to_string(),
        before: None,
        after: Some(json!(adjustment)),
    };
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let proposed = engine.propose_adjustment(&adjustment, actor.name(), audit);
    Ok(proposed.await?.into())
}

/// Adjustments that were booked, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    part: Part,
) -> Result<Paged<AdjustmentRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: None,
        below,
        limit: part.size,
    };
    let found = office.engine().adjustments(asked).await?;
    let rows = found.into_iter().map(AdjustmentRow::from).collect();
    let number = |row: &AdjustmentRow| row.adjustment_no.clone();
    Ok(Paged::below(rows, part.size, number))
}

impl From<(Record, Adjustment)> for AdjustmentRow {
    fn from((record, adjustment): (Record, Adjustment)) -> Self {
        let done = adjustment.done;
        Self {
            booked_at: record.created_at,
            adjustment_no: adjustment.adjustment_no.to_string(),
            owner: done.owner.to_string(),
            amount_fen: done.amount_fen,
            evidence: done.evidence,
            approval_no: adjustment.approval_no.to_string(),
        }
    }
}

impl Row for AdjustmentRow {
    const COLUMNS: &'static [Column] = &[
        "booked_at",
        "adjustment_no",
        "owner",
        "amount_yuan",
        "evidence",
        "approval_no",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.booked_at),
            Cell::number(&self.adjustment_no),
            Cell::text(self.owner.as_str()),
            Cell::Fen(self.amount_fen),
            Cell::text(self.evidence.as_str()),
            Cell::number(&self.approval_no),
        ]
    }
}
