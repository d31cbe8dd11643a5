//! The file in which a batch goes to its bank. Its digest is a part of what two people let pass, so
//! that nothing but what they have seen is handed over.

use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::id::PlatformNo;
use crate::record::Draft;

use super::values::{BatchFile, BatchState, FileState, PayoutBatch};
use super::wanted::{check_state, refused, wanted};

/// The file of a batch, a request for each of its bills.
pub(super) fn make(
    batch: &mut PayoutBatch,
    sha256: &str,
    request_nos: &[PlatformNo],
) -> Result<(), TradeError> {
    if request_nos.len() != batch.bills.len() {
        return Err(refused(format!(
            "batch {} has {} bills, not {}",
            batch.batch_no,
            batch.bills.len(),
            request_nos.len()
        )));
    }
    batch.file = Some(BatchFile {
        sha256: sha256.to_owned(),
        request_nos: request_nos.to_vec(),
        state: FileState::Made,
    });
    Ok(())
}

/// Whether the file, as it would be made now, is the one that was let pass.
pub(super) fn check(batch: &PayoutBatch, sha256: Option<&str>) -> Result<(), TradeError> {
    let passed = batch.file.as_ref().map(|file| file.sha256.as_str());
    if passed == sha256 {
        return Ok(());
    }
    Err(refused(format!(
        "what batch {} goes to its bank in has the SHA-256 {}, and what was let pass has {}",
        batch.batch_no,
        sha256.unwrap_or("of no file"),
        passed.unwrap_or("no file")
    )))
}

/// A repeat finds the same file handed over.
pub(super) fn hand_over(draft: &mut Draft, sha256: &str) -> Result<(), TradeError> {
    let mut batch = wanted(draft)?;
    check(&batch, Some(sha256))?;
    let batch_no = batch.batch_no;
    match batch.file.as_mut() {
        Some(file) if file.state == FileState::HandedOver => Ok(()),
        Some(file) if file.state == FileState::Made => {
            file.state = FileState::HandedOver;
            check_state(&batch, BatchState::Sending)?;
            draft.update(0, &batch)?;
            draft.event(0, EventKind::Sent, format!("file with SHA-256 {sha256}"));
            Ok(())
        }
        _ => Err(refused(format!(
            "the file of batch {batch_no} is void, and goes to nobody"
        ))),
    }
}

/// Nobody has it, so that its requests have certainly not reached the bank. A repeat finds it void.
pub(super) fn void(draft: &mut Draft, reason: &str) -> Result<(), TradeError> {
    let mut batch = wanted(draft)?;
    check_state(&batch, BatchState::Sending)?;
    let batch_no = batch.batch_no;
    match batch.file.as_mut() {
        Some(file) if file.state == FileState::Void => return Ok(()),
        Some(file) if file.state == FileState::Made => file.state = FileState::Void,
        _ => {
            return Err(refused(format!(
                "the file of batch {batch_no} was handed over: what it pays is not undone here"
            )));
        }
    }
    reason.clone_into(&mut batch.reason);
    draft.update(0, &batch)?;
    draft.event(0, EventKind::Voided, reason);
    Ok(())
}
