//! What becomes of a batch, and of its bills with it.

use std::ops::Range;

use crate::approval::{self, ApprovalAction, Content, NewApproval, content_hash};
use crate::calendar::BusinessDate;
use crate::error::TradeError;
use crate::followup::event::EventKind;
use crate::followup::job::JobKind;
use crate::id::{ChannelAccountId, PlatformNo};
use crate::payout::{Payout, PayoutState};
use crate::record::Draft;
use crate::settlement_terms::Cycle;
use crate::standing;

use super::values::{BATCH_BILLS_MAX, BatchBill, BatchState, PayoutBatch};
use super::wanted::{check_state, refused, wanted};
use super::{alone, file, send};

/// A batch that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// Our number of it.
    pub batch_no: PlatformNo,
    /// The day on which it is to be sent.
    pub date: BusinessDate,
    /// The cycle of its bills.
    pub cycle: Cycle,
    /// The account that pays them.
    pub channel_account_id: ChannelAccountId,
}

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Drafted bills become a batch. The step wants the bills.
    Form(Box<NewBatch>),
    /// The file in which a drafted batch would go to its bank. The step wants the batch, then its
    /// bills.
    MakeFile {
        /// SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// The numbers of its requests, minted for it, in the order of the batch's bills.
        request_nos: Vec<PlatformNo>,
    },
    /// Somebody proposes that it passes. The step wants the batch, then its bills.
    Submit {
        /// Our number of the approval.
        approval_no: PlatformNo,
        /// Who.
        maker: String,
    },
    /// Another person has let it pass: their approval is used up. The step wants the batch, then
    /// its bills, then the approval.
    Approve,
    /// It is within what people let pass beforehand, and uses a part of that. The step wants the
    /// batch, then its bills, then the standing approval.
    ApproveStanding,
    /// An approved batch is about to be sent: its content is looked at again. The step wants the
    /// batch, then its bills.
    Start {
        /// SHA-256 of its file as it would be made now, if it goes in one.
        sha256: Option<String>,
    },
    /// The request of one of its bills is about to be sent. The step wants the bill, then the
    /// batch.
    Send {
        /// The number of the request; minted for it.
        request_no: PlatformNo,
    },
    /// It does not pass: its bills are free for another batch. The step wants the batch, then its
    /// bills, then its approval if it has one, which is void.
    Release {
        /// [`BatchState::Rejected`], [`BatchState::Expired`] or [`BatchState::Void`].
        to: BatchState,
        /// Why, for people.
        reason: String,
    },
    /// Its file is handed over. The step wants the batch.
    HandOver {
        /// SHA-256 of its bytes as they are made now, in hexadecimal.
        sha256: String,
    },
    /// Its file, which nobody has, is not what was let pass any more. The step wants the batch.
    VoidFile {
        /// Why, for people.
        reason: String,
    },
    /// Whether each bill has a certain end. The step wants the batch, then its bills.
    Finish,
    /// Nothing more of it is sent by itself, unless people have let it pass meanwhile. The step
    /// wants the batch, then its approval if it has one.
    LeaveAlone,
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    match action {
        Action::Form(new) => form(draft, new),
        Action::Submit { approval_no, maker } => submit(draft, *approval_no, maker),
        Action::Approve => approve(draft),
        Action::ApproveStanding => approve_standing(draft),
        Action::MakeFile {
            sha256,
            request_nos,
        } => make_file(draft, sha256, request_nos),
        Action::Start { sha256 } => start(draft, sha256.as_deref()),
        Action::Send { request_no } => send::decide(draft, *request_no),
        Action::Release { to, reason } => release(draft, *to, reason),
        Action::HandOver { sha256 } => file::hand_over(draft, sha256),
        Action::VoidFile { reason } => file::void(draft, reason),
        Action::Finish => finish(draft),
        Action::LeaveAlone => alone::leave(draft),
    }
}

fn form(draft: &mut Draft, new: &NewBatch) -> Result<(), TradeError> {
    let bills = bills_in(draft, 0..draft.len())?;
    if bills.is_empty() || bills.len() > BATCH_BILLS_MAX {
        return Err(refused(format!(
            "a batch has one to {BATCH_BILLS_MAX} bills, not {}",
            bills.len()
        )));
    }
    for bill in &bills {
        let is_free = bill.state == PayoutState::Drafted && bill.batch_no.is_none();
        let is_alike = bill.cycle == new.cycle && bill.channel_account_id == new.channel_account_id;
        if !is_free || !is_alike {
            return Err(refused(format!(
                "bill {} does not belong into this batch: it is {}, of cycle {} and account {}",
                bill.bill_id(),
                bill.state.as_str(),
                bill.cycle.as_str(),
                bill.channel_account_id
            )));
        }
    }
    let of_batch = |bill: &Payout| BatchBill {
        payout_no: bill.payout_no,
        owner: bill.owner.clone(),
    };
    let mut lines: Vec<_> = bills.iter().map(of_batch).collect();
    lines.sort_by_key(|bill| bill.payout_no);
    let mut batch = PayoutBatch {
        batch_no: new.batch_no,
        date: new.date,
        cycle: new.cycle,
        channel_account_id: new.channel_account_id.clone(),
        bills: lines,
        sum_fen: bills.iter().map(|bill| bill.amounts.real_fen).sum(),
        hash: String::new(),
        state: BatchState::Drafted,
        approval_no: None,
        standing_no: None,
        reason: String::new(),
        file: None,
    };
    batch.hash = content_hash(&batch.content(&bills));
    // Only what was sent before has somebody who puts it into a batch.
    let repaired = bills.iter().enumerate();
    for (place, _) in repaired.filter(|(_, bill)| !bill.requests.is_empty()) {
        draft.drop_job(place, JobKind::FormBatch);
    }
    let place = draft.insert(PayoutBatch::subject_of(new.batch_no), &batch)?;
    if batch.may_stand() {
        draft.put_job(place, JobKind::SendBatch, draft.now);
    }
    let told = format!("{} bills, {} fen", batch.bills.len(), batch.sum_fen);
    draft.event(place, EventKind::Created, told);
    set_bills(draft, 0, bills, |bill| bill.batch_no = Some(new.batch_no))
}

/// Made anew it takes the place of the one before: nobody has looked at either.
fn make_file(
    draft: &mut Draft,
    sha256: &str,
    request_nos: &[PlatformNo],
) -> Result<(), TradeError> {
    let mut batch = wanted(draft)?;
    check_state(&batch, BatchState::Drafted)?;
    let bills = bills_in(draft, places(&batch))?;
    check_content(&batch, &bills, PayoutState::Drafted)?;
    file::make(&mut batch, sha256, request_nos)?;
    batch.hash = content_hash(&batch.content(&bills));
    draft.update(0, &batch)
}

/// What the checker reads is the content of the bills as they are now.
fn submit(draft: &mut Draft, approval_no: PlatformNo, maker: &str) -> Result<(), TradeError> {
    let mut batch = wanted(draft)?;
    check_state(&batch, BatchState::Drafted)?;
    let bills = bills_in(draft, places(&batch))?;
    check_content(&batch, &bills, PayoutState::Drafted)?;
    let new = NewApproval {
        approval_no,
        action: ApprovalAction::PayoutBatch,
        subject: batch.approval_subject(),
        content: Content::new(batch.content(&bills)),
        maker: maker.to_owned(),
    };
    approval::propose(draft, &new)?;
    batch.approval_no = Some(approval_no);
    set_state(draft, batch, BatchState::Submitted, EventKind::Submitted)
}

/// A repeat finds it approved and changes nothing.
fn approve(draft: &mut Draft) -> Result<(), TradeError> {
    let batch = wanted(draft)?;
    if matches!(batch.state, BatchState::Approved | BatchState::Sending) {
        return Ok(());
    }
    check_state(&batch, BatchState::Submitted)?;
    let bills = bills_in(draft, places(&batch))?;
    check_content(&batch, &bills, PayoutState::Drafted)?;
    let (place, subject) = (places(&batch).end, batch.approval_subject());
    let (action, hash) = (
        ApprovalAction::PayoutBatch,
        content_hash(&batch.content(&bills)),
    );
    approval::use_up(draft, place, action, &subject, &hash)?;
    set_bills(draft, 1, bills, |bill| bill.state = PayoutState::Approved)?;
    set_state(draft, batch, BatchState::Approved, EventKind::Approved)
}

/// A repeat finds it approved and uses nothing more.
fn approve_standing(draft: &mut Draft) -> Result<(), TradeError> {
    let mut batch = wanted(draft)?;
    if batch.standing_no.is_some() && batch.state != BatchState::Drafted {
        return Ok(());
    }
    check_state(&batch, BatchState::Drafted)?;
    if !batch.may_stand() {
        return Err(refused(format!(
            "batch {} is of cycle {}, which two people look at",
            batch.batch_no,
            batch.cycle.as_str()
        )));
    }
    let bills = bills_in(draft, places(&batch))?;
    check_content(&batch, &bills, PayoutState::Drafted)?;
    let place = places(&batch).end;
    let amounts_fen: Vec<_> = bills.iter().map(|bill| bill.amounts.real_fen).collect();
    let today = BusinessDate::of(draft.now);
    standing::draw(draft, place, today, &amounts_fen, &batch.approval_subject())?;
    batch.standing_no = draft.record(place).map(|record| record.subject.no);
    set_bills(draft, 1, bills, |bill| bill.state = PayoutState::Approved)?;
    set_state(draft, batch, BatchState::Approved, EventKind::Approved)
}

/// A repeat finds it sending and changes nothing.
fn start(draft: &mut Draft, sha256: Option<&str>) -> Result<(), TradeError> {
    let batch = wanted(draft)?;
    if batch.state == BatchState::Sending {
        return Ok(());
    }
    check_state(&batch, BatchState::Approved)?;
    file::check(&batch, sha256)?;
    let bills = bills_in(draft, places(&batch))?;
    check_content(&batch, &bills, PayoutState::Approved)?;
    set_state(draft, batch, BatchState::Sending, EventKind::Sent)
}

/// A repeat finds it released and changes nothing. A bill that left it before stays away.
fn release(draft: &mut Draft, to: BatchState, reason: &str) -> Result<(), TradeError> {
    let mut batch = wanted(draft)?;
    if batch.state == to {
        return Ok(());
    }
    let may_go = matches!(
        batch.state,
        BatchState::Drafted | BatchState::Submitted | BatchState::Approved
    );
    let is_release = matches!(
        to,
        BatchState::Rejected | BatchState::Expired | BatchState::Void
    );
    if !may_go || !is_release {
        return Err(refused(format!(
            "batch {} is {} and cannot become {}",
            batch.batch_no,
            batch.state.as_str(),
            to.as_str()
        )));
    }
    let batch_no = batch.batch_no;
    let bills = bills_in(draft, places(&batch))?;
    set_bills(draft, 1, bills, |bill| {
        if bill.batch_no == Some(batch_no) && bill.state != PayoutState::Voided {
            bill.batch_no = None;
            bill.state = PayoutState::Drafted;
        }
    })?;
    let approval = places(&batch).end;
    if approval < draft.len() {
        approval::void(draft, approval, reason)?;
    }
    reason.clone_into(&mut batch.reason);
    let kind = match to {
        BatchState::Rejected => EventKind::Rejected,
        BatchState::Expired => EventKind::Expired,
        _ => EventKind::Voided,
    };
    set_state(draft, batch, to, kind)
}

fn finish(draft: &mut Draft) -> Result<(), TradeError> {
    let batch = wanted(draft)?;
    if batch.state != BatchState::Sending {
        return Ok(());
    }
    let batch_no = batch.batch_no;
    let bills = bills_in(draft, places(&batch))?;
    // One that was repaired stands in another batch, or waits for it.
    let is_done = |bill: &Payout| bill.batch_no != Some(batch_no) || bill.state.has_ended();
    if !bills.iter().all(is_done) {
        return Ok(());
    }
    set_state(draft, batch, BatchState::Done, EventKind::Closed)
}

/// Where the step wants the bills of its batch.
fn places(batch: &PayoutBatch) -> Range<usize> {
    1..1 + batch.bills.len()
}

/// The bills at places of the step's wants; all of them are there.
fn bills_in(draft: &Draft, places: Range<usize>) -> Result<Vec<Payout>, TradeError> {
    let found = places.map(|place| {
        let bill = draft.get::<Payout>(place)?;
        bill.ok_or_else(|| refused("a bill of this batch is missing".to_owned()))
    });
    found.collect()
}

/// Changes bills that the step wants from a place on.
fn set_bills(
    draft: &mut Draft,
    first: usize,
    bills: Vec<Payout>,
    change: impl Fn(&mut Payout),
) -> Result<(), TradeError> {
    for (place, mut bill) in (first..).zip(bills) {
        let before = bill.clone();
        change(&mut bill);
        if bill != before {
            draft.update(place, &bill)?;
        }
    }
    Ok(())
}

fn set_state(
    draft: &mut Draft,
    mut batch: PayoutBatch,
    state: BatchState,
    kind: EventKind,
) -> Result<(), TradeError> {
    batch.state = state;
    draft.update(0, &batch)?;
    draft.event(0, kind, &*batch.reason);
    draft.take_effect();
    Ok(())
}

/// The bills are what the batch's digest says, each of them in a state.
fn check_content(
    batch: &PayoutBatch,
    bills: &[Payout],
    state: PayoutState,
) -> Result<(), TradeError> {
    let changed = bills
        .iter()
        .find(|bill| bill.state != state || bill.batch_no != Some(batch.batch_no));
    if let Some(bill) = changed {
        return Err(refused(format!(
            "bill {} of batch {} is {} since",
            bill.bill_id(),
            batch.batch_no,
            bill.state.as_str()
        )));
    }
    if content_hash(&batch.content(bills)) != batch.hash {
        return Err(refused(format!(
            "the bills of batch {} are not what its digest says",
            batch.batch_no
        )));
    }
    Ok(())
}
