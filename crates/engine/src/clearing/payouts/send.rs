//! Batches on their way: let pass by a used approval, begun, sent bill by bill, done.

use futures::{FutureExt, StreamExt, stream};
use heliu_ports::store::RecordFilter;
use heliu_trade::approval::{Approval, ApprovalState};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::payout::{BillId, Payout, PayoutState};
use heliu_trade::payout_batch::{self, BatchBill, BatchState, PayoutBatch};
use heliu_trade::record::Aggregate;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::standing::Standing;

use super::files::{made_now, with_file};
use super::step::{finish, step};
use super::{bank, card_changed, commit, redraw};
use crate::Inner;
use crate::clearing::found::{find, numbered, read};
use crate::common::directory::books_unavailable;

/// Bills of a batch that are sent at the same time.
const AT_ONCE: usize = 8;
/// Batches of a state that are read at once.
const BATCHES_MAX: u32 = 500;

/// What a run over all batches did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendRun {
    /// Bills whose request went out.
    pub sent: u64,
    /// Batches that nobody has let pass yet, those among them that nobody has submitted.
    pub waiting: u64,
    /// What failed, and why, for people.
    pub failed: Vec<(String, String)>,
}

/// Sends what two people have let pass. Run again it goes on where it stopped.
pub(crate) async fn send_all(inner: &Inner) -> Result<SendRun, TradeError> {
    let mut run = SendRun::default();
    for state in [
        BatchState::Drafted,
        BatchState::Submitted,
        BatchState::Approved,
        BatchState::Sending,
    ] {
        for batch in batches(inner, state).await? {
            let what = format!("batch {}", batch.batch_no);
            match advance(inner, batch, &mut run).await {
                Ok(()) => {}
                Err(error) if is_away(&error) => return Err(error),
                Err(error) => run.failed.push((what, error.message)),
            }
        }
    }
    Ok(run)
}

/// Takes one batch as far as it goes; what it did.
pub(crate) async fn send_one(inner: &Inner, batch: PayoutBatch) -> Result<SendRun, TradeError> {
    let mut run = SendRun::default();
    advance(inner, batch, &mut run).await?;
    Ok(run)
}

/// Nothing more of a batch is sent by itself.
pub(crate) async fn leave_alone(inner: &Inner, batch: &PayoutBatch) -> Result<(), TradeError> {
    let approval = batch.approval_no.map(Approval::want);
    let step = RecordStep {
        wants: std::iter::once(PayoutBatch::want(batch.batch_no))
            .chain(approval)
            .collect(),
        now: inner.now(),
        action: RecordAction::PayoutBatch(payout_batch::Action::LeaveAlone),
    };
    inner.commit_records(step, Vec::new(), None).await?;
    Ok(())
}

fn is_away(error: &TradeError) -> bool {
    matches!(
        error.code,
        ErrorCode::BooksUnavailable | ErrorCode::ServiceUnavailable
    )
}

async fn batches(inner: &Inner, state: BatchState) -> Result<Vec<PayoutBatch>, TradeError> {
    let filter = RecordFilter {
        kind: PayoutBatch::KIND,
        state: Some(state.as_str().to_owned()),
        below: None,
        limit: BATCHES_MAX,
    };
    let listed = inner.store.list_records(filter).await;
    let listed = listed.map_err(books_unavailable)?;
    // The oldest first.
    listed.iter().rev().map(read).collect()
}

/// Takes a batch as far as it goes.
async fn advance(
    inner: &Inner,
    mut batch: PayoutBatch,
    run: &mut SendRun,
) -> Result<(), TradeError> {
    if batch.state != BatchState::Sending && follow_changes(inner, &batch).await?.is_some() {
        return Ok(());
    }
    if batch.state == BatchState::Drafted {
        batch = pass_standing(inner, batch).await?;
    }
    if batch.state == BatchState::Submitted {
        batch = pass(inner, batch).await?;
    }
    if matches!(batch.state, BatchState::Drafted | BatchState::Submitted) {
        run.waiting += 1;
    }
    if batch.state == BatchState::Approved {
        batch = match start(inner, &batch).await {
            Err(error) if !is_away(&error) => void(inner, &batch, error.message).await?,
            started => started?,
        };
    }
    if batch.state == BatchState::Sending {
        send_bills(inner, &batch, run).await?;
        finish(inner, batch.batch_no).await?;
    }
    Ok(())
}

/// Begins to send a batch, in a file only if that is the one that was let pass.
async fn start(inner: &Inner, batch: &PayoutBatch) -> Result<PayoutBatch, TradeError> {
    let file = made_now(inner, batch).await?;
    let sha256 = file.map(|file| file.sha256);
    step(
        inner,
        batch,
        Vec::new(),
        payout_batch::Action::Start { sha256 },
    )
    .await
}

/// Draws bills of a batch anew whose owners are paid to another card by now. With one that was
/// drawn anew or undone the batch is void, so that its other bills come with another one. Why, if
/// it is.
pub(super) async fn follow_changes(
    inner: &Inner,
    batch: &PayoutBatch,
) -> Result<Option<&'static str>, TradeError> {
    let mut why = None;
    for line in &batch.bills {
        let bill: Option<Payout> = find(inner, line.want()).await?;
        let Some(bill) = bill else { continue };
        let is_unsent = matches!(bill.state, PayoutState::Drafted | PayoutState::Approved);
        if is_unsent && card_changed(inner, &bill).await? {
            redraw(inner, &bill).await?;
            why = Some("an owner is paid to another card");
        } else if bill.state == PayoutState::Voided {
            why = why.or(Some("a bill of it was undone"));
        }
    }
    if let Some(why) = why {
        void(inner, batch, why.to_owned()).await?;
    }
    Ok(why)
}

/// A batch of the same day's money or of withdrawals passes by a standing approval that has room
/// for it; any other one waits for people.
async fn pass_standing(inner: &Inner, batch: PayoutBatch) -> Result<PayoutBatch, TradeError> {
    if !batch.may_stand() {
        return Ok(batch);
    }
    let batch = with_file(inner, batch).await?;
    let wants = vec![Standing::want()];
    match step(inner, &batch, wants, payout_batch::Action::ApproveStanding).await {
        Err(error) if !is_away(&error) => {
            let (batch_no, why) = (batch.batch_no, error.message);
            tracing::info!(batch = %batch_no, why, "a batch waits for people");
            Ok(batch)
        }
        passed => passed,
    }
}

/// A batch that was submitted follows its approval; one whose content has changed since is void.
async fn pass(inner: &Inner, batch: PayoutBatch) -> Result<PayoutBatch, TradeError> {
    let approval_no = batch.approval_no.unwrap_or(batch.batch_no);
    let (_, approval): (_, Approval) = numbered(inner, approval_no, "heliu approvals list").await?;
    let reason = approval.reason.clone().unwrap_or_default();
    let to = match approval.state_at(inner.now()) {
        ApprovalState::Proposed => return Ok(batch),
        ApprovalState::Approved => {
            let wants = vec![Approval::want(approval_no)];
            let passed = step(inner, &batch, wants, payout_batch::Action::Approve).await;
            return match passed {
                Err(error) if !is_away(&error) => void(inner, &batch, error.message).await,
                passed => passed,
            };
        }
        ApprovalState::Rejected => BatchState::Rejected,
        ApprovalState::Expired => BatchState::Expired,
        // Another node let it pass by it, after this one had read the batch.
        ApprovalState::Used => {
            let (_, passed) = numbered(inner, batch.batch_no, "heliu batches list").await?;
            return Ok(passed);
        }
        ApprovalState::Void => BatchState::Void,
    };
    step(
        inner,
        &batch,
        Vec::new(),
        payout_batch::Action::Release { to, reason },
    )
    .await
}

async fn void(inner: &Inner, batch: &PayoutBatch, why: String) -> Result<PayoutBatch, TradeError> {
    tracing::warn!(batch = %batch.batch_no, why, "a batch is void");
    let action = payout_batch::Action::Release {
        to: BatchState::Void,
        reason: why,
    };
    let approval = batch.approval_no.map(Approval::want);
    match step(inner, batch, approval.into_iter().collect(), action).await {
        Err(error) if !is_away(&error) => {
            // Another node may have been faster, and sends what is left of it.
            let now: Option<PayoutBatch> = find(inner, PayoutBatch::want(batch.batch_no)).await?;
            let is_sent =
                |now: &PayoutBatch| matches!(now.state, BatchState::Sending | BatchState::Done);
            now.filter(is_sent).ok_or(error)
        }
        voided => voided,
    }
}

/// Sends the bills of a batch that were not sent yet. One that fails stops no other.
async fn send_bills(
    inner: &Inner,
    batch: &PayoutBatch,
    run: &mut SendRun,
) -> Result<(), TradeError> {
    let sending: Vec<_> = batch
        .bills
        .iter()
        .map(|line| {
            let sending = send_bill(inner, batch, line);
            sending.map(move |result| (line.payout_no, result)).boxed()
        })
        .collect();
    let mut results = stream::iter(sending).buffer_unordered(AT_ONCE);
    while let Some((payout_no, result)) = results.next().await {
        match result {
            Ok(is_sent) => run.sent += u64::from(is_sent),
            Err(error) if is_away(&error) => return Err(error),
            Err(error) => {
                let bill_id = BillId::of(payout_no);
                run.failed.push((format!("bill {bill_id}"), error.message));
            }
        }
    }
    Ok(())
}

/// Writes the request down, sends it, and writes down what the bank says; whether it was sent.
async fn send_bill(
    inner: &Inner,
    batch: &PayoutBatch,
    line: &BatchBill,
) -> Result<bool, TradeError> {
    let bill: Option<Payout> = find(inner, line.want()).await?;
    let Some(bill) = bill.filter(|bill| bill.state == PayoutState::Approved) else {
        return Ok(false);
    };
    if card_changed(inner, &bill).await? {
        redraw(inner, &bill).await?;
        return Ok(false);
    }
    let planned = batch.request_no_of(line.payout_no);
    let request_no = planned.unwrap_or_else(|| inner.mint_record_no());
    let begin = RecordAction::PayoutBatch(payout_batch::Action::Send { request_no });
    let wants = vec![PayoutBatch::want(batch.batch_no)];
    let begun = commit(inner, &bill, wants, begin).await?;
    let number = request_no.to_string();
    // Another node may have been faster: its request is under way.
    let request = begun.open_request().filter(|it| it.request_no == number);
    let Some(request) = request else {
        return Ok(false);
    };
    let said = bank::send(inner, &begun, request).await?;
    bank::record(inner, &begun, said).await?;
    Ok(true)
}
