//! What people of finance ask about settlements, bills and batches.

use heliu_office::Office;
use heliu_office::actor::Actor;
use heliu_office::paging::Part;
use heliu_office::payouts::{self, BatchesAsked, EndAsked, PayoutsAsked};
use heliu_office::settlements::{self, SettlementsAsked};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::told;
use crate::failure::Failure;

/// What somebody asks about money's way out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayoutRequest {
    /// Settlements, newest first.
    ListSettlements(SettlementsAsked, Part),
    /// One settlement.
    ShowSettlement {
        /// Our number of it.
        settlement_no: String,
    },
    /// Bills, newest first.
    ListPayouts(PayoutsAsked, Part),
    /// One bill.
    ShowPayout {
        /// Its number.
        bill_id: String,
    },
    /// Send a bill again that failed or came back.
    RepairPayout {
        /// Its number.
        bill_id: String,
    },
    /// Undo a bill that was not sent.
    VoidPayout {
        /// Its number.
        bill_id: String,
        /// Why.
        reason: String,
    },
    /// Propose how a bill ended about which the bank says nothing.
    ProposePayoutEnd(EndAsked),
    /// End a bill as an approval says.
    EndPayout {
        /// Our number of the approval.
        approval_no: String,
    },
    /// Batches, newest first.
    ListBatches(BatchesAsked, Part),
    /// One batch.
    ShowBatch {
        /// Our number of it.
        batch_no: String,
    },
    /// Propose that a batch passes.
    SubmitBatch {
        /// Our number of it.
        batch_no: String,
    },
    /// Send what was let pass.
    SendBatches,
}

impl From<PayoutRequest> for super::Request {
    fn from(request: PayoutRequest) -> Self {
        Self::Payouts(request)
    }
}

/// The value of the use case that a request names.
pub(super) async fn execute(
    office: &Office,
    actor: &Actor,
    request: PayoutRequest,
) -> Result<Value, Failure> {
    match request {
        PayoutRequest::ListSettlements(asked, part) => {
            told(settlements::list(office, actor, asked, part).await)
        }
        PayoutRequest::ShowSettlement { settlement_no } => {
            told(settlements::show(office, actor, &settlement_no).await)
        }
        PayoutRequest::ListPayouts(asked, part) => {
            told(payouts::list(office, actor, asked, part).await)
        }
        PayoutRequest::ShowPayout { bill_id } => told(payouts::show(office, actor, &bill_id).await),
        PayoutRequest::RepairPayout { bill_id } => {
            told(payouts::repair(office, actor, &bill_id).await)
        }
        PayoutRequest::VoidPayout { bill_id, reason } => {
            told(payouts::void(office, actor, &bill_id, reason).await)
        }
        PayoutRequest::ProposePayoutEnd(asked) => {
            told(payouts::propose_end(office, actor, asked).await)
        }
        PayoutRequest::EndPayout { approval_no } => {
            told(payouts::end(office, actor, &approval_no).await)
        }
        PayoutRequest::ListBatches(asked, part) => {
            told(payouts::list_batches(office, actor, asked, part).await)
        }
        PayoutRequest::ShowBatch { batch_no } => {
            told(payouts::show_batch(office, actor, &batch_no).await)
        }
        PayoutRequest::SubmitBatch { batch_no } => {
            told(payouts::submit(office, actor, &batch_no).await)
        }
        PayoutRequest::SendBatches => told(payouts::send(office, actor).await),
    }
}
