//! The list of approvals.

use heliu_engine::RecordsAsked;
use heliu_trade::approval::{Approval, ApprovalState};
use heliu_trade::id::PlatformNo;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which approvals, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ApprovalsAsked {
    /// Written down in this state; absent: in any.
    pub state: Option<String>,
}

/// An approval in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRow {
    /// When it was proposed (UTC).
    pub created_at: Timestamp,
    /// Our number.
    pub approval_no: String,
    /// Where it stands.
    pub state: String,
    /// What is to be done.
    pub action: String,
    /// With what.
    pub subject: String,
    /// Who proposed it.
    pub maker: String,
    /// Who decided.
    pub checker: Option<String>,
    /// When it holds no longer (UTC).
    pub expires_at: Timestamp,
    /// When it was used (UTC).
    pub used_at: Option<Timestamp>,
    /// Why it was rejected, or is void.
    pub reason: Option<String>,
    /// Digest of its content.
    pub hash: String,
}

/// States that are written down: time is looked at instead, so nothing is found as expired.
const WRITTEN: [ApprovalState; 5] = [
    ApprovalState::Proposed,
    ApprovalState::Approved,
    ApprovalState::Used,
    ApprovalState::Rejected,
    ApprovalState::Void,
];

/// Approvals, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: ApprovalsAsked,
    part: Part,
) -> Result<Paged<ApprovalRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let state = words.one(
        "state",
        asked.state.as_ref(),
        WRITTEN,
        ApprovalState::as_str,
    );
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: state.map(|state| state.as_str().to_owned()),
        below,
        limit: part.size,
    };
    let found = office.engine().approvals(asked).await?;
    let now = office.engine().clock().now();
    let rows = found.into_iter();
    let rows = rows.map(|(_, approval)| ApprovalRow::of(approval, now));
    Ok(Paged::below(rows.collect(), part.size, |row| {
        row.approval_no.clone()
    }))
}

impl ApprovalRow {
    /// An approval as it stands now.
    pub(super) fn of(approval: Approval, now: Timestamp) -> Self {
        Self {
            created_at: approval.created_at,
            approval_no: approval.approval_no.to_string(),
            state: approval.state_at(now).as_str().to_owned(),
            action: approval.action.as_str().to_owned(),
            subject: approval.subject,
            maker: approval.maker,
            checker: approval.checker,
            expires_at: approval.expires_at,
            used_at: approval.used_at,
            reason: approval.reason,
            hash: approval.hash,
        }
    }
}

impl Row for ApprovalRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "approval_no",
        "state",
        "action",
        "subject",
        "maker",
        "checker",
        "expires_at",
        "used_at",
        "reason",
    ];

    fn cells(&self) -> Vec<Cell> {
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.approval_no),
            Cell::text(self.state.as_str()),
            Cell::text(self.action.as_str()),
            Cell::text(self.subject.as_str()),
            Cell::text(self.maker.as_str()),
            text(&self.checker),
            Cell::At(self.expires_at),
            Cell::at(self.used_at),
            text(&self.reason),
        ]
    }
}
