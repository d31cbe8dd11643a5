//! Result files of a bank: what they say of what was sent in a batch's file.

use std::collections::BTreeMap;

use heliu_ports::channel::{BillResult, SentFile, SentLine};
use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{
    Action, BillId, FileEnd, FileResult, FileResults, Payout, PayoutRequest, RequestEnd,
};
use heliu_trade::payout_batch::{FileState, PayoutBatch};
use heliu_trade::records::RecordAction;
use heliu_trade::settlement_card::OwnerCards;
use heliu_trade::verdict::PayoutResult;
use sha2::{Digest as _, Sha256};

use super::files::{faulty, paid_by_calls, refused};
use super::step::finish;
use crate::Engine;
use crate::clearing::approvals::{Proposal, take};
use crate::common::directory::books_unavailable;

/// A bill that was sent in a batch's file, and the number under which it was.
struct Sent {
    bill: Payout,
    request_no: String,
}

impl Engine {
    /// Proposes what a result file says, which another person must let pass. `audit` is handed it.
    ///
    /// # Errors
    /// The batch was not handed over as a file; the file is about another one, cannot be read or
    /// does not add up: each line with its fault; it says something of a bill that has gone on
    /// otherwise meanwhile; or the books are away.
    pub async fn propose_results(
        &self,
        no: PlatformNo,
        bytes: &[u8],
        maker: &str,
        audit: impl FnOnce(&FileResults) -> NewAudit,
    ) -> Result<Approval, TradeError> {
        let inner = &self.inner;
        let (_, batch) = self.batch(no).await?;
        let handed_over = batch.file.as_ref();
        let handed_over = handed_over.filter(|file| file.state == FileState::HandedOver);
        let Some(file) = handed_over else {
            return Err(refused(format!(
                "batch {no} was not handed over as a file: heliu batches export {no} --out FILE"
            )));
        };
        let sent = sent_in(&batch, self.bills_of(&batch).await?);
        let lines: Vec<SentLine<'_>> = sent
            .iter()
            .map(|(bill_no, sent)| SentLine {
                bill_no,
                request_no: &sent.request_no,
                amount_fen: sent.bill.amounts.real_fen,
            })
            .collect();
        let profile = inner.account(&batch.channel_account_id).await;
        let profile = profile.map_err(books_unavailable)?;
        let batch_no = no.to_string();
        let asked = SentFile {
            account: &profile.account,
            batch_no: &batch_no,
            sha256: &file.sha256,
            lines: &lines,
        };
        let files = profile.channel.payout_files();
        let files = files.ok_or_else(|| paid_by_calls(&batch))?;
        let said = files.read(&asked, bytes).map_err(faulty)?;
        let results = results(&sent, said)?;
        let results = FileResults {
            batch_no: no,
            sent_sha256: file.sha256.clone(),
            result_sha256: sha256_hex(bytes),
            results,
        };
        let proposal = Proposal {
            action: ApprovalAction::ResultFile,
            subject: results.subject(),
            content: Content::new(canonical(&results)?),
            maker: maker.to_owned(),
        };
        let audit = audit(&results);
        self.propose(proposal, audit).await
    }

    /// Ends bills as a result file says that was let pass. Run again it goes on where it stopped.
    /// What it says.
    ///
    /// # Errors
    /// There is no such approval of a result file, it is not approved, a bill has ended otherwise
    /// meanwhile, or the books are away.
    pub async fn enter_results(
        &self,
        approval_no: PlatformNo,
        audit: impl Fn(&FileResult) -> NewAudit,
    ) -> Result<FileResults, TradeError> {
        let inner = &self.inner;
        let (_, approval) = self.approval(approval_no).await?;
        if approval.action != ApprovalAction::ResultFile {
            return Err(refused(format!(
                "approval {approval_no} is about no result file"
            )));
        }
        let results: FileResults = approval.read()?;
        for result in &results.results {
            let (_, bill) = self.payout(BillId::of(result.payout_no)).await?;
            let wants = vec![
                Payout::want(bill.subject()),
                OwnerCards::want(&bill.owner),
                Approval::want(approval_no),
            ];
            let end = FileEnd {
                results: results.clone(),
                payout_no: result.payout_no,
                next_no: inner.mint_record_no(),
            };
            let action = RecordAction::Payout(Action::EndByFile(Box::new(end)));
            take(inner, wants, action, audit(result)).await?;
        }
        finish(inner, results.batch_no).await?;
        Ok(results)
    }
}

/// The bills that were sent in a batch's file, by their numbers, wherever they stand by now.
fn sent_in(batch: &PayoutBatch, bills: Vec<Payout>) -> BTreeMap<String, Sent> {
    let sent = bills.into_iter().filter_map(|bill| {
        let request_no = batch.request_no_of(bill.payout_no)?.to_string();
        let mut requests = bill.requests.iter();
        let was_sent = requests.any(|request| request.request_no == request_no);
        was_sent.then(|| (bill.bill_id().to_string(), Sent { bill, request_no }))
    });
    sent.collect()
}

/// What a file says, as it may be proposed.
///
/// # Errors
/// It says something else of a bill than what stands, and that bill has gone on since: each of
/// them.
fn results(
    sent: &BTreeMap<String, Sent>,
    said: Vec<BillResult>,
) -> Result<Vec<FileResult>, TradeError> {
    let (mut results, mut gone_on) = (Vec::with_capacity(said.len()), Vec::new());
    for said in said {
        let found = sent.get(&said.bill_no).zip(end(said.result));
        let Some((Sent { bill, request_no }, end)) = found else {
            continue;
        };
        gone_on.extend(has_gone_on(bill, request_no, &end));
        results.push(FileResult {
            owner: bill.owner.clone(),
            payout_no: bill.payout_no,
            request_no: said.request_no,
            real_fen: bill.amounts.real_fen,
            end,
        });
    }
    if gone_on.is_empty() {
        return Ok(results);
    }
    Err(refused(gone_on.join("\n")))
}

/// What keeps a bill from ending so, if something does: it was sent anew after this request, whose
/// end stands, or that end is another one.
fn has_gone_on(bill: &Payout, request_no: &str, end: &RequestEnd) -> Option<String> {
    let place = bill
        .requests
        .iter()
        .position(|it| it.request_no == request_no)?;
    let (request, later) = (bill.requests.get(place)?, bill.requests.get(place + 1));
    let known = request.end.as_ref()?;
    let comes_back = matches!((known, end), (RequestEnd::Paid(_), RequestEnd::Returned(_)));
    if known == end || (comes_back && later.is_none()) {
        return None;
    }
    let went_on = match (later, bill.batch_no) {
        (Some(PayoutRequest { request_no, .. }), Some(batch_no)) => {
            format!(", and the bill went on with batch {batch_no} as request {request_no}")
        }
        (None, Some(batch_no)) => format!(", and the bill stands in batch {batch_no}"),
        (_, None) => String::new(),
    };
    let bill_id = bill.bill_id();
    Some(format!(
        "bill {bill_id}: the file says that request {request_no} {}, here it {}{went_on}; ask the \
         bank which is right: heliu payouts show {bill_id}",
        told(end),
        told(known),
    ))
}

/// An end, for people.
const fn told(end: &RequestEnd) -> &'static str {
    match end {
        RequestEnd::Paid(_) => "was paid",
        RequestEnd::Failed(_) => "failed",
        RequestEnd::Returned(_) => "came back",
    }
}

/// A file says nothing that is not certain.
fn end(result: PayoutResult) -> Option<RequestEnd> {
    match result {
        PayoutResult::Paid(evidence) => Some(RequestEnd::Paid(evidence)),
        PayoutResult::Failed(failure) => Some(RequestEnd::Failed(failure)),
        PayoutResult::Returned(returned) => Some(RequestEnd::Returned(returned)),
        PayoutResult::Refused(_) | PayoutResult::NotFound | PayoutResult::Unknown(_) => None,
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digits = Sha256::digest(bytes);
    digits
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
