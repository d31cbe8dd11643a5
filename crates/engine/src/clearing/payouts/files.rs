//! Batches as files of a bank: made before people look at them, handed over as they were let pass.

use heliu_ports::channel::{
    FileFault, Payee, PayoutBatchFile, PayoutFiles, PayoutLine, WrittenFile,
};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{Payout, PayoutState};
use heliu_trade::payout_batch::{self, BatchState, FileState, PayoutBatch};
use heliu_trade::records::RecordAction;
use heliu_trade::settlement_card::CardKind;
use heliu_trade::verdict::{PayoutFailure, PayoutResult};

use super::bank;
use super::step::{finish, step};
use crate::clearing::approvals::take;
use crate::clearing::cards::{Opened, cards_of, open};
use crate::common::directory::books_unavailable;
use crate::{Engine, Inner};

/// A bill of a file, with what is paid to whom, in clear.
struct Line {
    bill_id: String,
    request_no: String,
    amount_fen: i64,
    opened: Opened,
    is_company: bool,
    clearing_no: String,
    bank_name: String,
}

impl Engine {
    /// A batch as the file that was let pass; a repeat gives the same bytes. If it would be another
    /// one by now, it is void: nothing is handed over, and its bills fail. `audit` is handed the
    /// file, and whether it goes to the bank.
    ///
    /// # Errors
    /// Its channel has no files; it is not being sent; what it pays has changed since it was let
    /// pass; the bank could not read it; or the books are away.
    pub async fn batch_file(
        &self,
        no: PlatformNo,
        audit: impl Fn(&WrittenFile, bool) -> NewAudit,
    ) -> Result<WrittenFile, TradeError> {
        let inner = &self.inner;
        let (_, batch) = self.batch(no).await?;
        if !matches!(batch.state, BatchState::Sending | BatchState::Done) {
            return Err(refused(format!(
                "batch {no} is {}, and only what is being sent is handed over",
                batch.state.as_str()
            )));
        }
        let made = made_now(inner, &batch).await?;
        let (Some(made), Some(file)) = (made, &batch.file) else {
            return Err(paid_by_calls(&batch));
        };
        let bills = self.bills_of(&batch).await?;
        if bills.iter().any(|bill| is_yet_to_be_sent(&batch, bill)) {
            return Err(refused(format!(
                "batch {no} is on its way: export it once its bills are sent"
            )));
        }
        let is_whole = bills.iter().all(|bill| was_sent(&batch, bill));
        let is_same = made.sha256 == file.sha256;
        if file.state != FileState::HandedOver && !(is_whole && is_same) {
            void(inner, &batch, &bills, audit(&made, false)).await?;
            return Err(refused(format!(
                "the file of batch {no} is not what was let pass: it has the SHA-256 {}, and would \
                 have {} now. Nothing is handed over; its bills have failed, and are let pass anew: \
                 heliu payouts repair BILL",
                file.sha256, made.sha256
            )));
        }
        let action = payout_batch::Action::HandOver {
            sha256: made.sha256.clone(),
        };
        let wants = vec![PayoutBatch::want(no)];
        let action = RecordAction::PayoutBatch(action);
        take(inner, wants, action, audit(&made, true)).await?;
        Ok(made)
    }
}

/// A drafted batch with the file in which it goes to its bank, if that takes files; the batch
/// afterwards.
pub(super) async fn with_file(
    inner: &Inner,
    batch: PayoutBatch,
) -> Result<PayoutBatch, TradeError> {
    let mut planned = batch.clone();
    if planned.file.is_none() {
        planned.file = Some(payout_batch::BatchFile {
            sha256: String::new(),
            request_nos: batch.bills.iter().map(|_| inner.mint_record_no()).collect(),
            state: FileState::Made,
        });
    }
    let Some(made) = made_now(inner, &planned).await? else {
        return Ok(batch);
    };
    let file = planned.file.filter(|file| file.sha256 != made.sha256);
    let Some(file) = file else {
        return Ok(batch);
    };
    let action = payout_batch::Action::MakeFile {
        sha256: made.sha256,
        request_nos: file.request_nos,
    };
    step(inner, &batch, Vec::new(), action).await
}

/// The file in which a batch goes to its bank, as it is made of the books now; `None` if the bank
/// is called.
pub(super) async fn made_now(
    inner: &Inner,
    batch: &PayoutBatch,
) -> Result<Option<WrittenFile>, TradeError> {
    let profile = inner.account(&batch.channel_account_id).await;
    let profile = profile.map_err(books_unavailable)?;
    let files = profile.channel.payout_files();
    let Some(files) = files.filter(|_| profile.channel.payouts().is_none()) else {
        return Ok(None);
    };
    let mut lines = Vec::with_capacity(batch.bills.len());
    for bill in &batch.bills {
        let request_no = batch.request_no_of(bill.payout_no).ok_or_else(|| {
            refused(format!(
                "batch {} goes in a file, and has none",
                batch.batch_no
            ))
        })?;
        let found: Option<Payout> = crate::clearing::found::find(inner, bill.want()).await?;
        let found = found.ok_or_else(|| refused("a bill of this batch is missing"))?;
        lines.push(line(inner, &found, request_no).await?);
    }
    write(files, &profile.account, batch, &lines).map(Some)
}

/// Nobody has the file, so that none of its requests has reached the bank.
async fn void(
    inner: &Inner,
    batch: &PayoutBatch,
    bills: &[Payout],
    audit: NewAudit,
) -> Result<(), TradeError> {
    let reason = "its file was not what was let pass, and was handed to nobody";
    let action = payout_batch::Action::VoidFile {
        reason: reason.to_owned(),
    };
    let wants = vec![PayoutBatch::want(batch.batch_no)];
    take(inner, wants, RecordAction::PayoutBatch(action), audit).await?;
    for bill in bills {
        let planned = batch.request_no_of(bill.payout_no);
        let open = bill.open_request();
        let open = open.filter(|it| planned.is_some_and(|no| no.to_string() == it.request_no));
        if open.is_some() {
            let failure = PayoutFailure {
                reason: reason.to_owned(),
            };
            bank::record(inner, bill, PayoutResult::Failed(failure)).await?;
        }
    }
    finish(inner, batch.batch_no).await
}

/// Whether a bill was sent with this batch, whatever has become of it.
fn was_sent(batch: &PayoutBatch, bill: &Payout) -> bool {
    let planned = batch.request_no_of(bill.payout_no);
    let planned = planned.map(|no| no.to_string());
    let mut requests = bill.requests.iter();
    planned.is_some_and(|planned| requests.any(|request| request.request_no == planned))
}

fn is_yet_to_be_sent(batch: &PayoutBatch, bill: &Payout) -> bool {
    let is_ours = bill.batch_no == Some(batch.batch_no);
    is_ours && bill.state == PayoutState::Approved && batch.state == BatchState::Sending
}

async fn line(inner: &Inner, bill: &Payout, request_no: PlatformNo) -> Result<Line, TradeError> {
    let cards = cards_of(inner, &bill.owner).await?;
    let card = cards.as_ref().and_then(|it| it.find(bill.card.card_no));
    let card =
        card.ok_or_else(|| refused(format!("the card of bill {} is missing", bill.bill_id())))?;
    Ok(Line {
        bill_id: bill.bill_id().to_string(),
        request_no: request_no.to_string(),
        amount_fen: bill.amounts.real_fen,
        opened: open(inner, &bill.owner, card)?,
        is_company: card.kind == CardKind::Company,
        clearing_no: card.clearing_number.clone(),
        bank_name: card.bank_branch.clone(),
    })
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
                account_no: &line.opened.number,
                holder: &line.opened.holder,
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

/// It goes to its bank by calls, or by nothing.
pub(super) fn paid_by_calls(batch: &PayoutBatch) -> TradeError {
    refused(format!(
        "channel account {}, which pays batch {}, pays by calls and not by files",
        batch.channel_account_id, batch.batch_no
    ))
}

pub(super) fn faulty(faults: Vec<FileFault>) -> TradeError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    refused(lines.join("\n"))
}

pub(super) fn refused(message: impl Into<String>) -> TradeError {
    TradeError::new(ErrorCode::InvalidParameter, message)
}
