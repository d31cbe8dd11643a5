//! An end by hand: two people have evidence of what became of a bill about which the bank says
//! nothing. No time alone ends one.

use serde::{Deserialize, Serialize};

use crate::approval::{self, ApprovalAction, canonical, content_hash};
use crate::error::TradeError;
use crate::followup::subject::Owner;
use crate::id::PlatformNo;
use crate::record::Draft;
use crate::verdict::{PayoutEvidence, PayoutFailure, PayoutResult};

use super::bill_id::BillId;
use super::verdict;
use super::wanted::{refused, wanted};

/// Where a step that ends a bill by hand wants the approval.
const APPROVAL: usize = 1;

/// How a bill is to end: what an approval of that is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutEnd {
    /// Who is paid.
    pub owner: Owner,
    /// Our number of the bill.
    pub payout_no: PlatformNo,
    /// The request that ends.
    pub request_no: String,
    /// What it pays, in fen.
    pub real_fen: i64,
    /// The bank's number of its payment; `None`: it has certainly not paid, and will not.
    pub bank_no: Option<String>,
    /// What shows it, for people.
    pub evidence: String,
}

impl PayoutEnd {
    /// What an approval of it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("bill {}", BillId::of(self.payout_no))
    }
}

/// Ends the bill, if it is still the same request whose end nobody knows.
pub(super) fn decide(draft: &mut Draft, end: &PayoutEnd) -> Result<(), TradeError> {
    let payout = wanted(draft)?;
    let request = payout.open_request();
    let is_same = payout.state.is_in_transit()
        && request.is_some_and(|request| request.request_no == end.request_no);
    if !is_same {
        return Err(refused(format!(
            "bill {} is {}, and request {} is none whose end is not certain",
            payout.bill_id(),
            payout.state.as_str(),
            end.request_no
        )));
    }
    let hash = content_hash(&canonical(end)?);
    let action = ApprovalAction::PayoutEnd;
    approval::use_up(draft, APPROVAL, action, &end.subject(), &hash)?;
    let result = match &end.bank_no {
        Some(bank_no) => PayoutResult::Paid(PayoutEvidence {
            bank_no: bank_no.clone(),
            paid_at: draft.now,
            remark: String::new(),
        }),
        None => PayoutResult::Failed(PayoutFailure {
            reason: end.evidence.clone(),
        }),
    };
    // Neither end makes a further bill.
    verdict::record(draft, &result, payout.payout_no)?;
    draft.take_effect();
    Ok(())
}
