//! Batches as files of a bank, and the results that come back.

use std::collections::BTreeMap;

use heliu_ports::channel::{
    FileFault, Payee, PayoutBatchFile, PayoutFiles, PayoutLine, SentFile, SentLine, WrittenFile,
};
use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{Action, FileEnd, FileResult, FileResults, Payout, RequestEnd};
use heliu_trade::payout_batch::{self, BatchState, PayoutBatch};
use heliu_trade::records::RecordAction;
use heliu_trade::settlement_card::{CardKind, OwnerCards};
use heliu_trade::verdict::PayoutResult;
use sha2::{Digest as _, Sha256};

use super::send::finish;
use crate::clearing::approvals::{Proposal, take};
use crate::clearing::cards::{cards_of, number_of};
use crate::common::directory::books_unavailable;
use crate::{Engine, Inner};

/// A bill of a file, with what is paid to whom, in clear.
struct Line {
    bill_id: String,
    request_no: String,
    amount_fen: i64,
    number: String,
    holder: String,
    is_company: bool,
    clearing_no: String,
    bank_name: String,
}

impl Engine {
    /// A batch as the file that its bank wants; a repeat gives the same bytes. `audit` is handed
    /// the file.
    ///
    /// # Errors
    /// Its channel has no files; it is not being sent; what it pays has changed since it was handed
    /// over; the bank could not read it; or the books are away.
    pub async fn batch_file(
        &self,
        no: PlatformNo,
        audit: impl FnOnce(&WrittenFile) -> NewAudit,
    ) -> Result<WrittenFile, TradeError> {
        let inner = &self.inner;
        let (_, batch) = self.batch(no).await?;
        if !matches!(batch.state, BatchState::Sending | BatchState::Done) {
            return Err(refused(format!(
                "batch {no} is {}, and only what is being sent is handed over",
                batch.state.as_str()
            )));
        }
        let mut lines = Vec::new();
        for bill in self.bills_of(&batch).await? {
            if bill.batch_no == Some(no) {
                lines.push(line(inner, &bill).await?);
            }
        }
        let profile = inner.account(&batch.channel_account_id).await;
        let profile = profile.map_err(books_unavailable)?;
        let files = files_of(profile.channel.payout_files(), &batch)?;
        let written = write(files, &profile.account, &batch, &lines)?;
        let action = payout_batch::Action::HandOver {
            sha256: written.sha256.clone(),
        };
        let wants = vec![PayoutBatch::want(no)];
        take(
            inner,
            wants,
            RecordAction::PayoutBatch(action),
            audit(&written),
        )
        .await?;
        Ok(written)
    }

    /// Proposes what a result file says, which another person must let pass. `audit` is handed it.
    ///
    /// # Errors
    /// The batch was not handed over as a file; the file is about another one, cannot be read or
    /// does not add up: each line with its fault; or the books are away.
    pub async fn propose_results(
        &self,
        no: PlatformNo,
        bytes: &[u8],
        maker: &str,
        audit: impl FnOnce(&FileResults) -> NewAudit,
    ) -> Result<Approval, TradeError> {
        let inner = &self.inner;
        let (_, batch) = self.batch(no).await?;
        let Some(sha256) = &batch.file_sha256 else {
            return Err(refused(format!(
                "batch {no} was not handed over as a file: heliu batches export {no} --out FILE"
            )));
        };
        let bills = self.bills_of(&batch).await?;
        let bills = bills.into_iter().filter(|bill| bill.batch_no == Some(no));
        let bills: BTreeMap<String, Payout> = bills
            .map(|bill| (bill.bill_id().to_string(), bill))
            .collect();
        let lines: Vec<SentLine<'_>> = bills
            .iter()
            .map(|(bill_no, bill)| SentLine {
                bill_no,
                request_no: request_no(bill),
                amount_fen: bill.amounts.real_fen,
            })
            .collect();
        let profile = inner.account(&batch.channel_account_id).await;
        let profile = profile.map_err(books_unavailable)?;
        let batch_no = no.to_string();
        let sent = SentFile {
            account: &profile.account,
            batch_no: &batch_no,
            sha256,
            lines: &lines,
        };
        let files = files_of(profile.channel.payout_files(), &batch)?;
        let said = files.read(&sent, bytes).map_err(faulty)?;
        let results = said.into_iter().filter_map(|said| {
            let bill = bills.get(&said.bill_no)?;
            Some(FileResult {
                owner: bill.owner.clone(),
                payout_no: bill.payout_no,
                request_no: said.request_no,
                real_fen: bill.amounts.real_fen,
                end: end(said.result)?,
            })
        });
        let results = FileResults {
            batch_no: no,
            sent_sha256: sha256.clone(),
            result_sha256: sha256_hex(bytes),
            results: results.collect(),
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
            let (_, bill) = self
                .payout(heliu_trade::payout::BillId::of(result.payout_no))
                .await?;
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

async fn line(inner: &Inner, bill: &Payout) -> Result<Line, TradeError> {
    let cards = cards_of(inner, &bill.owner).await?;
    let card = cards.as_ref().and_then(|it| it.find(bill.card.card_no));
    let card =
        card.ok_or_else(|| refused(format!("the card of bill {} is missing", bill.bill_id())))?;
    Ok(Line {
        bill_id: bill.bill_id().to_string(),
        request_no: request_no(bill).to_owned(),
        amount_fen: bill.amounts.real_fen,
        number: number_of(inner, &bill.owner, card)?,
        holder: card.holder.clone(),
        is_company: card.kind == CardKind::Company,
        clearing_no: card.clearing_number.clone(),
        bank_name: card.bank_branch.clone(),
    })
}

/// The number under which a bill was sent last; empty if it was not.
fn request_no(bill: &Payout) -> &str {
    let last = bill.requests.last();
    last.map_or("", |request| &request.request_no)
}

fn write(
    files: &dyn PayoutFiles,
    account: &ChannelAccount,
    batch: &PayoutBatch,
    lines: &[Line],
) -> Result<WrittenFile, TradeError> {
    let lines: Vec<PayoutLine<'_>> = lines
        .iter()
        .map(|line| PayoutLine {
            bill_no: &line.bill_id,
            request_no: &line.request_no,
            amount_fen: line.amount_fen,
            payee: Payee {
                account_no: &line.number,
                holder: &line.holder,
                is_company: line.is_company,
                clearing_no: &line.clearing_no,
                bank_name: &line.bank_name,
            },
            remark: &line.bill_id,
        })
        .collect();
    let file = PayoutBatchFile {
        account,
        batch_no: &batch.batch_no.to_string(),
        date: &batch.date.to_string(),
        lines: &lines,
    };
    files.write(&file).map_err(faulty)
}

fn files_of<'a>(
    files: Option<&'a dyn PayoutFiles>,
    batch: &PayoutBatch,
) -> Result<&'a dyn PayoutFiles, TradeError> {
    files.ok_or_else(|| {
        refused(format!(
            "channel account {}, which pays batch {}, pays by calls and not by files",
            batch.channel_account_id, batch.batch_no
        ))
    })
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

fn faulty(faults: Vec<FileFault>) -> TradeError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    refused(lines.join("\n"))
}

fn refused(message: impl Into<String>) -> TradeError {
    TradeError::new(ErrorCode::InvalidParameter, message)
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
