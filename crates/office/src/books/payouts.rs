//! Invariants 10 and 19: money's way out against the journal.

use std::collections::BTreeSet;

use heliu_ports::store::{OwnerStanding, RecordFilter, Waiting};
use heliu_trade::approval::Approval;
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::HoldState;
use heliu_trade::id::PlatformNo;
use heliu_trade::invariant::Violation;
use heliu_trade::payout::{OwnerPapers, Payout, PayoutState, check_owner, check_requests};
use heliu_trade::payout_batch::{PayoutBatch, check_batch};
use heliu_trade::record::{Aggregate, Record, RecordKind};
use heliu_trade::withdrawal::WithdrawalState;

use crate::Office;
use crate::error::OfficeError;

/// Owners and records that are read at once.
const PAGE: u32 = 500;
/// Records of an owner in a state.
const RECORDS_MAX: u32 = 1_000_000;
/// How often an owner is looked at whose papers and accounts do not agree: in live books one may
/// have been read before a commit and the other one after it.
const LOOKS: u32 = 3;

/// What is wrong with bills and batches, and with owners' accounts.
pub(super) async fn violations(office: &Office) -> Result<Vec<Violation>, OfficeError> {
    let mut wrong = owners(office).await?;
    let mut seen = BTreeSet::new();
    let mut below = None;
    loop {
        let page = list(office, RecordKind::Payout, below).await?;
        let Some(last) = page.last() else { break };
        below = Some(last.subject.no);
        for record in &page {
            wrong.extend(check_requests(&read::<Payout>(record)?, &mut seen));
        }
    }
    let mut below = None;
    loop {
        let page = list(office, RecordKind::PayoutBatch, below).await?;
        let Some(last) = page.last() else { break };
        below = Some(last.subject.no);
        for record in &page {
            let batch: PayoutBatch = read(record)?;
            let approval = match batch.approval_no {
                Some(no) => office.store().find_record(Approval::want(no)).await?,
                None => None,
            };
            let approval = approval.as_ref().map(read::<Approval>).transpose()?;
            wrong.extend(check_batch(&batch, approval.as_ref()));
        }
    }
    Ok(wrong)
}

async fn owners(office: &Office) -> Result<Vec<Violation>, OfficeError> {
    let (mut wrong, mut after) = (Vec::new(), None);
    loop {
        let page = office.store().owner_standings(after.clone(), PAGE).await?;
        if page.is_empty() {
            return Ok(wrong);
        }
        for standing in page {
            let name = standing.owner.clone();
            wrong.extend(owner(office, after.replace(name), standing).await?);
        }
    }
}

/// Owners stand in the order of their names, so that one is found behind the one before it.
async fn owner(
    office: &Office,
    before: Option<Owner>,
    first: OwnerStanding,
) -> Result<Vec<Violation>, OfficeError> {
    let (mut standing, mut looks) = (first, 1);
    loop {
        let found = check_owner(&standing, &papers(office, &standing.owner).await?);
        if found.is_empty() || looks >= LOOKS {
            return Ok(found);
        }
        looks += 1;
        let again = office.store().owner_standings(before.clone(), 1).await?;
        let again = again.into_iter().find(|it| it.owner == standing.owner);
        let Some(again) = again else {
            return Ok(found);
        };
        standing = again;
    }
}

async fn papers(office: &Office, owner: &Owner) -> Result<OwnerPapers, OfficeError> {
    let mut papers = OwnerPapers::default();
    for state in PayoutState::ALL {
        let of_state = waiting(office, owner, RecordKind::Payout, state.as_str());
        papers.bills.extend(of_state.await?);
    }
    let active = HoldState::Active.as_str();
    papers.holds = waiting(office, owner, RecordKind::Hold, active).await?;
    let asked = WithdrawalState::Asked.as_str();
    papers.withdrawals = waiting(office, owner, RecordKind::Withdrawal, asked).await?;
    Ok(papers)
}

async fn waiting<A: Aggregate>(
    office: &Office,
    owner: &Owner,
    kind: RecordKind,
    state: &'static str,
) -> Result<Vec<A>, OfficeError> {
    let waiting = Waiting { kind, state };
    let found = office
        .store()
        .waiting_records(waiting, owner.clone(), RECORDS_MAX)
        .await?;
    found.iter().map(read).collect()
}

async fn list(
    office: &Office,
    kind: RecordKind,
    below: Option<PlatformNo>,
) -> Result<Vec<Record>, OfficeError> {
    let filter = RecordFilter {
        kind,
        state: None,
        below,
        limit: PAGE,
    };
    Ok(office.store().list_records(filter).await?)
}

fn read<A: Aggregate>(record: &Record) -> Result<A, OfficeError> {
    record
        .read()
        .map_err(|cause| OfficeError::new(cause.to_string()))
}
