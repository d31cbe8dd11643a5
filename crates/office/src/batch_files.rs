//! Batches that people hand to a bank as a file, and the result files that it hands back.

use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{BillId, RequestEnd};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::{Act, Office};

/// A batch as a file. It holds card numbers in clear.
#[derive(Clone, Serialize, Deserialize)]
pub struct BatchFile {
    /// A name for it.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What was entered of a result file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsEntered {
    /// Our number of the batch.
    pub batch_no: String,
    /// Bills that were paid.
    pub paid: u64,
    /// Bills that failed.
    pub failed: u64,
    /// Bills that were paid and came back.
    pub returned: u64,
}

/// Writes a batch as the file that was let pass; a repeat gives the same bytes. If it would be
/// another one by now it is void, and its bills fail.
///
/// # Errors
/// The actor may not; there is no such batch; it is not being sent, is paid by calls, or has
/// changed since it was let pass; or the books are away.
pub async fn export(
    office: &Office,
    actor: &Actor,
    batch_no: &str,
) -> Result<BatchFile, OfficeError> {
    actor.check(Permission::Propose)?;
    let no = number(batch_no, "batch", "heliu batches list")?;
    let audit = |file: &heliu_ports::channel::WrittenFile, is_handed_over: bool| {
        let act = Act {
            action: match is_handed_over {
                true => "batches.export",
                false => "batches.void-file",
            },
            subject: format!("batch {no}"),
            before: None,
            after: Some(json!({ "sha256": file.sha256 })),
        };
        office.audit(actor, act)
    };
    let file = office.engine().batch_file(no, audit).await?;
    Ok(BatchFile {
        name: file.name,
        bytes: file.bytes,
        sha256: file.sha256,
    })
}

/// Proposes what a result file says, which another person must let pass.
///
/// # Errors
/// The actor may not; there is no such batch; the file is about another one, cannot be read or does
/// not add up; or the books are away.
pub async fn propose_results(
    office: &Office,
    actor: &Actor,
    batch_no: &str,
    bytes: &[u8],
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let no = number(batch_no, "batch", "heliu batches list")?;
    let audit = |results: &heliu_trade::payout::FileResults| {
        let act = Act {
            action: "batches.propose-results",
            subject: format!("batch {no}"),
            before: None,
            after: Some(json!({
                "sha256": results.result_sha256,
                "bills": results.results.len(),
            })),
        };
        office.audit(actor, act)
    };
    let engine = office.engine();
    let proposed = engine.propose_results(no, bytes, actor.name(), audit);
    Ok(proposed.await?.into())
}

/// Ends bills as a result file says that another person has let pass. Run again it goes on where it
/// stopped.
///
/// # Errors
/// The actor may not; there is no such approval, or it is not approved; a bill has ended otherwise
/// meanwhile; or the books are away.
pub async fn enter_results(
    office: &Office,
    actor: &Actor,
    approval_no: &str,
) -> Result<ResultsEntered, OfficeError> {
    actor.check(Permission::Propose)?;
    let no = number(approval_no, "approval", "heliu approvals list")?;
    let audit = |result: &heliu_trade::payout::FileResult| {
        let act = Act {
            action: "batches.enter-results",
            subject: format!("bill {}", BillId::of(result.payout_no)),
            before: None,
            after: Some(json!({ "approval_no": no, "end": result.end })),
        };
        office.audit(actor, act)
    };
    let results = office.engine().enter_results(no, audit).await?;
    let mut entered = ResultsEntered {
        batch_no: results.batch_no.to_string(),
        paid: 0,
        failed: 0,
        returned: 0,
    };
    for result in &results.results {
        match result.end {
            RequestEnd::Paid(_) => entered.paid += 1,
            RequestEnd::Failed(_) => entered.failed += 1,
            RequestEnd::Returned(_) => entered.returned += 1,
        }
    }
    Ok(entered)
}

fn number(text: &str, what: &str, list: &str) -> Result<PlatformNo, OfficeError> {
    text.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{text} is no {what}'s number"),
            format!("{list} tells the numbers: 16 digits each"),
        )
    })
}
