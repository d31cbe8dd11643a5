//! The list of approvals.

use std::cmp::Reverse;

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
    /// Standing so now, one whose time is over as expired; absent: in any.
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
        ApprovalState::ALL,
        ApprovalState::as_str,
    );
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let now = office.engine().clock().now();
    let mut found = Vec::new();
    for written in written_as(state) {
        found.extend(standing(office, *written, state, below, part.size).await?);
    }
    found.sort_unstable_by_key(|approval| Reverse(approval.approval_no));
    found.truncate(usize::try_from(part.size).unwrap_or(usize::MAX));
    let rows = found.into_iter();
    let rows = rows.map(|approval| ApprovalRow::of(approval, now));
    Ok(Paged::below(rows.collect(), part.size, |row| {
        row.approval_no.clone()
    }))
}

/// In which states those are written down that stand in one now: time is looked at, so that nobody
/// writes down that it is over.
const fn written_as(state: Option<ApprovalState>) -> &'static [Option<ApprovalState>] {
    use ApprovalState::{Approved, Expired, Proposed, Rejected, Used, Void};
    match state {
        None => &[None],
        Some(Proposed) => &[Some(Proposed)],
        Some(Approved) => &[Some(Approved)],
        Some(Expired) => &[Some(Proposed), Some(Approved)],
        Some(Used) => &[Some(Used)],
        Some(Rejected) => &[Some(Rejected)],
        Some(Void) => &[Some(Void)],
    }
}

/// The newest so many of those that are written down in one state and stand in another now.
async fn standing(
    office: &Office,
    written: Option<ApprovalState>,
    state: Option<ApprovalState>,
    mut below: Option<PlatformNo>,
    size: u32,
) -> Result<Vec<Approval>, OfficeError> {
    let now = office.engine().clock().now();
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let mut standing = Vec::new();
    loop {
        let asked = RecordsAsked {
            state: written.map(|written| written.as_str().to_owned()),
            below,
            limit: size,
        };
        let page = office.engine().approvals(asked).await?;
        let is_last = page.len() < wanted;
        for (_, approval) in page {
            below = Some(approval.approval_no);
            if state.is_none_or(|state| approval.state_at(now) == state) {
                standing.push(approval);
            }
        }
        if is_last || standing.len() >= wanted {
            return Ok(standing);
        }
    }
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
