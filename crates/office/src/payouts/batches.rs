//! Batches of bills: what two people let pass together.

use heliu_engine::RecordsAsked;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout_batch::{BatchState, PayoutBatch};
use heliu_trade::record::Record;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::list::PayoutRow;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::{Cell, Column};
use crate::timeline::{Moment, Timeline};
use crate::{Act, Office};

/// Which batches, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BatchesAsked {
    /// In this state; absent: in any.
    pub state: Option<String>,
}

/// A batch in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRow {
    /// When it was made (UTC).
    pub created_at: Timestamp,
    /// Our number.
    pub batch_no: String,
    /// The day on which it is to be sent.
    pub date: String,
    /// The cycle of its bills.
    pub cycle: String,
    /// The account that pays.
    pub channel_account_id: String,
    /// Where it stands.
    pub state: String,
    /// How many bills it has.
    pub bills: usize,
    /// What they pay together, in fen.
    pub sum_fen: i64,
    /// Our number of the approval that lets it pass.
    pub approval_no: Option<String>,
    /// Why it did not pass.
    pub reason: String,
    /// Digest of its content.
    pub hash: String,
    /// The file in which it goes to its bank, if it goes in one.
    pub file: Option<FileRow>,
}

/// The file of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// How far it has come.
    pub state: String,
}

/// A batch with its bills as they stand now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchView {
    /// As in the list.
    #[serde(flatten)]
    pub batch: BatchRow,
    /// Its bills, by number.
    pub lines: Vec<PayoutRow>,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// What sending did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Bills whose request went out.
    pub sent: u64,
    /// Batches that wait for another person.
    pub waiting: u64,
    /// What failed, and why.
    pub failed: Vec<(String, String)>,
}

/// Batches, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: BatchesAsked,
    part: Part,
) -> Result<Paged<BatchRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let all = BatchState::ALL;
    let state = words.one("state", asked.state.as_ref(), all, BatchState::as_str);
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: state.map(|state| state.as_str().to_owned()),
        below,
        limit: part.size,
    };
    let found = office.engine().batches(asked).await?;
    let rows = found.into_iter().map(BatchRow::from).collect();
    let number = |row: &BatchRow| row.batch_no.clone();
    Ok(Paged::below(rows, part.size, number))
}

/// One batch.
///
/// # Errors
/// There is none, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    batch_no: &str,
) -> Result<BatchView, OfficeError> {
    actor.check(Permission::See)?;
    let engine = office.engine();
    let (record, batch) = engine.batch(number(batch_no)?).await?;
    let bills = engine.bills_of(&batch).await?;
    let trail = office.store().trail(&record.subject).await?;
    Ok(BatchView {
        lines: bills.iter().map(PayoutRow::from).collect(),
        timeline: Timeline::of(&trail).moments(),
        batch: BatchRow::from((record, batch)),
    })
}

/// Proposes that a batch passes, which another person must let pass.
///
/// # Errors
/// The actor may not; there is no such batch, it was submitted before, a bill of it has changed; or
/// the books are away.
pub async fn submit(
    office: &Office,
    actor: &Actor,
    batch_no: &str,
) -> Result<BatchRow, OfficeError> {
    actor.check(Permission::Propose)?;
    let no = number(batch_no)?;
    let engine = office.engine();
    let (record, batch) = engine.batch(no).await?;
    let before = json!({ "state": batch.state });
    let audit = |batch: &PayoutBatch| {
        let file = batch.file.as_ref().map(|file| &file.sha256);
        let act = Act {
            action: "batches.submit",
            subject: format!("batch {no}"),
            before: Some(before),
            after: Some(json!({
                "hash": batch.hash, "sum_fen": batch.sum_fen, "file_sha256": file,
            })),
        };
        office.audit(actor, act)
    };
    let submitted = engine.submit_batch(no, actor.name(), audit).await?;
    Ok(BatchRow::from((record, submitted)))
}

/// Sends what two people have let pass by now, and goes on with what was begun.
///
/// # Errors
/// The actor may not, or the books are away.
pub async fn send(office: &Office, actor: &Actor) -> Result<Sent, OfficeError> {
    actor.check(Permission::Propose)?;
    let run = office.engine().send_payouts().await?;
    Ok(Sent {
        sent: run.sent,
        waiting: run.waiting,
        failed: run.failed,
    })
}

fn number(text: &str) -> Result<PlatformNo, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no batch's number"),
            "heliu batches list tells the numbers: 16 digits each",
        )
    })
}

impl From<(Record, PayoutBatch)> for BatchRow {
    fn from((record, batch): (Record, PayoutBatch)) -> Self {
        Self {
            created_at: record.created_at,
            batch_no: batch.batch_no.to_string(),
            date: batch.date.to_string(),
            cycle: batch.cycle.as_str().to_owned(),
            channel_account_id: batch.channel_account_id.to_string(),
            state: batch.state.as_str().to_owned(),
            bills: batch.bills.len(),
            sum_fen: batch.sum_fen,
            approval_no: batch.approval_no.map(|no| no.to_string()),
            reason: batch.reason,
            hash: batch.hash,
            file: batch.file.map(|file| FileRow {
                sha256: file.sha256,
                state: file.state.as_str().to_owned(),
            }),
        }
    }
}

impl Row for BatchRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "batch_no",
        "date",
        "cycle",
        "channel_account_id",
        "state",
        "bills",
        "sum_yuan",
        "approval_no",
        "reason",
    ];

    fn cells(&self) -> Vec<Cell> {
        let approval = self.approval_no.as_ref();
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.batch_no),
            Cell::text(self.date.as_str()),
            Cell::text(self.cycle.as_str()),
            Cell::text(self.channel_account_id.as_str()),
            Cell::text(self.state.as_str()),
            Cell::Count(i64::try_from(self.bills).unwrap_or(i64::MAX)),
            Cell::Fen(self.sum_fen),
            approval.map_or(Cell::Empty, Cell::number),
            Cell::text(self.reason.as_str()),
        ]
    }
}

impl Facts for BatchView {
    fn facts(&self) -> Vec<Fact> {
        let named = BatchRow::COLUMNS.iter().zip(self.batch.cells());
        let mut facts: Vec<Fact> = named.map(|(name, value)| Fact::new(*name, value)).collect();
        facts.push(Fact::new("hash", Cell::text(self.batch.hash.as_str())));
        if let Some(file) = &self.batch.file {
            facts.push(Fact::new("file_sha256", Cell::text(file.sha256.as_str())));
            facts.push(Fact::new("file_state", Cell::text(file.state.as_str())));
        }
        facts.extend(
            self.lines
                .iter()
                .map(|line| Fact::new(format!("bill {}", line.bill_id), Cell::Fen(line.real_fen))),
        );
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}
