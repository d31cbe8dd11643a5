//! What is still to be done, and who does it.

use heliu_ports::lists::{Holder, JobFilter, JobRow as Listed};
use heliu_trade::followup::job::JobKind;
use heliu_trade::id::MerchantId;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Between, Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which jobs, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct JobsAsked {
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// When they are due.
    pub due: Between,
    /// Only those that a worker holds.
    pub is_held: bool,
    /// Whose.
    pub merchant_id: Option<String>,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// When it is due (UTC); of one that is held, when its lease ends.
    pub due_at: Timestamp,
    /// What it does.
    pub kind: String,
    /// Whose.
    pub owner: String,
    /// Our number of what it serves.
    pub subject_no: String,
    /// How often it was begun.
    pub tries: u32,
    /// The node whose worker holds it.
    pub held_by: Option<u8>,
}

/// Jobs, the earliest due first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: JobsAsked,
    part: Part,
) -> Result<Paged<JobRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let filter = JobFilter {
        kinds: words.many("kind", &asked.kinds, JobKind::ALL, JobKind::as_str),
        due: asked.due.into(),
        held_by: asked.is_held.then_some(Holder::AnyNode),
        subject: None,
        merchant_id: asked.merchant_id.map(MerchantId::from),
    };
    words.end()?;
    let listed = office.store().list_jobs(filter, part.into()).await?;
    Ok(Paged::of(listed, JobRow::from))
}

impl From<Listed> for JobRow {
    fn from(Listed { job, held_by }: Listed) -> Self {
        Self {
            due_at: job.due_at,
            kind: job.key.kind.as_str().to_owned(),
            owner: job.key.subject.owner.name().into_owned(),
            subject_no: job.key.subject.no.to_string(),
            tries: job.tries,
            held_by,
        }
    }
}

impl Row for JobRow {
    const COLUMNS: &'static [Column] = &[
        "due_at",
        "kind",
        "merchant",
        "order",
        "tries",
        "held_by_node",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.due_at),
            Cell::text(self.kind.as_str()),
            Cell::text(self.owner.as_str()),
            Cell::number(&self.subject_no),
            Cell::Count(i64::from(self.tries)),
            self.held_by
                .map_or(Cell::Empty, |node| Cell::Count(i64::from(node))),
        ]
    }
}
