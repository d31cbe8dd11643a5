//! The list of applications.

use heliu_trade::application::{Application, ApplicationState};
use heliu_trade::id::PlatformNo;
use heliu_trade::record::Record;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which applications, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ApplicationsAsked {
    /// In this state; absent: in any.
    pub state: Option<String>,
}

/// An application in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRow {
    /// When it came (UTC).
    pub created_at: Timestamp,
    /// When it last changed (UTC).
    pub changed_at: Timestamp,
    /// Our number.
    pub application_no: String,
    /// Where it stands.
    pub state: String,
    /// The merchant.
    pub merchant_id: String,
    /// On which wire it came.
    pub dialect_id: String,
    /// Which agent brought it.
    pub agent_id: String,
    /// The number under which the wire knows the merchant.
    pub app_id: String,
    /// Why it was rejected, if it was.
    pub reason: Option<String>,
}

/// Applications, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: ApplicationsAsked,
    part: Part,
) -> Result<Paged<ApplicationRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let state = words.one(
        "state",
        asked.state.as_ref(),
        ApplicationState::ALL,
        ApplicationState::as_str,
    );
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let engine = office.engine();
    let found = engine.applications(state, below, part.size).await?;
    let rows = found.into_iter().map(ApplicationRow::from).collect();
    let number = |row: &ApplicationRow| row.application_no.clone();
    Ok(Paged::below(rows, part.size, number))
}

impl From<(Record, Application)> for ApplicationRow {
    fn from((record, application): (Record, Application)) -> Self {
        let applicant = application.applicant;
        Self {
            created_at: record.created_at,
            changed_at: record.changed_at,
            application_no: application.application_no.to_string(),
            state: application.state.as_str().to_owned(),
            merchant_id: application.merchant_id.to_string(),
            dialect_id: applicant.dialect_id.to_string(),
            agent_id: applicant.agent_id.to_string(),
            app_id: application.app_id.to_string(),
            reason: application.reason,
        }
    }
}

impl Row for ApplicationRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "changed_at",
        "application_no",
        "state",
        "merchant",
        "dialect",
        "agent",
        "app",
        "reason",
    ];

    fn cells(&self) -> Vec<Cell> {
        let reason = self.reason.as_deref();
        vec![
            Cell::At(self.created_at),
            Cell::At(self.changed_at),
            Cell::number(&self.application_no),
            Cell::text(self.state.as_str()),
            Cell::text(self.merchant_id.as_str()),
            Cell::text(self.dialect_id.as_str()),
            Cell::number(&self.agent_id),
            Cell::number(&self.app_id),
            reason.map_or(Cell::Empty, Cell::text),
        ]
    }
}
