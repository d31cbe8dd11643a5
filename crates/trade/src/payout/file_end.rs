//! Ends that a bank's result file tells: two people look at the whole file, then its bills end one
//! by one.

use serde::{Deserialize, Serialize};

use crate::approval::{self, Approval, ApprovalAction, ApprovalState, canonical, content_hash};
use crate::error::TradeError;
use crate::followup::subject::Owner;
use crate::id::PlatformNo;
use crate::record::Draft;
use crate::verdict::PayoutResult;

use super::values::{Payout, PayoutState, RequestEnd};
use super::verdict;
use super::wanted::{refused, wanted};

/// Where a step that ends a bill by a file wants the approval.
const APPROVAL: usize = 2;

/// What a result file says: what an approval of it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileResults {
    /// Our number of the batch.
    pub batch_no: PlatformNo,
    /// SHA-256 of the file that was handed to the bank, in hexadecimal.
    pub sent_sha256: String,
    /// SHA-256 of the result file, in hexadecimal.
    pub result_sha256: String,
    /// What it says, in its order.
    pub results: Vec<FileResult>,
}

/// What a result file says of one bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileResult {
    /// Who is paid.
    pub owner: Owner,
    /// Our number of the bill.
    pub payout_no: PlatformNo,
    /// The request that ended.
    pub request_no: String,
    /// What it paid, in fen.
    pub real_fen: i64,
    /// How.
    pub end: RequestEnd,
}

impl FileResults {
    /// What an approval of it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("results of batch {}", self.batch_no)
    }
}

/// The end of one bill of a result file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEnd {
    /// All that the file says.
    pub results: FileResults,
    /// Our number of the bill.
    pub payout_no: PlatformNo,
    /// Our number of the bill that stands in for it if it came back and its cycle has one.
    pub next_no: PlatformNo,
}

/// The first bill uses the approval up, the others go on with it. A bill that has this end already
/// is left as it is, so that a run which was cut short is simply repeated.
pub(super) fn decide(draft: &mut Draft, end: &FileEnd) -> Result<(), TradeError> {
    let payout = wanted(draft)?;
    let mut results = end.results.results.iter();
    let found = results.find(|result| result.payout_no == end.payout_no);
    let result = found.ok_or_else(|| refused("the file says nothing of this bill"))?;
    if has_ended_so(&payout, result) {
        return Ok(());
    }
    let is_same = payout.requests.last().is_some_and(|request| {
        request.request_no == result.request_no && payout.amounts.real_fen == result.real_fen
    });
    if !is_same || !may_end(&payout, &result.end) {
        return Err(refused(format!(
            "bill {} is {}, and its request {} cannot end as the file says",
            payout.bill_id(),
            payout.state.as_str(),
            result.request_no
        )));
    }
    let hash = content_hash(&canonical(&end.results)?);
    let approval: Option<Approval> = draft.get(APPROVAL)?;
    let is_begun = approval.is_some_and(|approval| {
        approval.state == ApprovalState::Used
            && approval.action == ApprovalAction::ResultFile
            && approval.hash == hash
    });
    if !is_begun {
        let action = ApprovalAction::ResultFile;
        approval::use_up(draft, APPROVAL, action, &end.results.subject(), &hash)?;
    }
    let said = match result.end.clone() {
        RequestEnd::Paid(evidence) => PayoutResult::Paid(evidence),
        RequestEnd::Failed(failure) => PayoutResult::Failed(failure),
        RequestEnd::Returned(returned) => PayoutResult::Returned(returned),
    };
    verdict::record(draft, &said, end.next_no)?;
    draft.take_effect();
    Ok(())
}

fn has_ended_so(payout: &Payout, result: &FileResult) -> bool {
    let mut requests = payout.requests.iter();
    requests.any(|request| {
        request.request_no == result.request_no && request.end.as_ref() == Some(&result.end)
    })
}

/// What was paid may still come back; everything else ends once.
const fn may_end(payout: &Payout, end: &RequestEnd) -> bool {
    match payout.state {
        PayoutState::Sending | PayoutState::Unknown => true,
        PayoutState::Paid => matches!(end, RequestEnd::Returned(_)),
        _ => false,
    }
}
