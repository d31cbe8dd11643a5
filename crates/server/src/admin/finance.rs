//! What people of finance ask: approvals, and what takes one.

use heliu_office::Office;
use heliu_office::actor::Actor;
use heliu_office::adjustments::NewAdjustment;
use heliu_office::approvals::{ApprovalsAsked, NewStanding};
use heliu_office::cards::{CardsAsked, NewCard};
use heliu_office::holds::{HoldEndAsked, HoldsAsked, NewHold};
use heliu_office::paging::Part;
use heliu_office::terms::NewTerms;
use heliu_office::withdrawals::WithdrawalsAsked;
use heliu_office::{adjustments, approvals, batch_files, cards, holds, terms, withdrawals};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::told;
use crate::failure::Failure;

/// What somebody of finance asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FinanceRequest {
    /// What people of finance proposed, newest first.
    ListApprovals(ApprovalsAsked, Part),
    /// One approval.
    ShowApproval {
        /// Our number of it.
        approval_no: String,
    },
    /// Let a proposal pass.
    ApproveApproval {
        /// Our number of it.
        approval_no: String,
    },
    /// Say no to a proposal.
    RejectApproval {
        /// Our number of it.
        approval_no: String,
        /// Why.
        reason: String,
    },
    /// Payouts that are let pass up to a limit.
    ShowStanding,
    /// Propose other limits.
    ProposeStanding(NewStanding),
    /// How an owner is settled.
    ShowTerms {
        /// Whose.
        owner: String,
    },
    /// Propose how an owner is settled.
    ProposeTerms(NewTerms),
    /// Propose a card to which an owner is paid.
    AddCard(NewCard),
    /// Cards, owner by owner.
    ListCards(CardsAsked, Part),
    /// One card.
    ShowCard {
        /// Whose.
        owner: String,
        /// Our number of it.
        card_no: String,
    },
    /// Hold money of an owner.
    PlaceHold(NewHold),
    /// Propose the end of a hold.
    ProposeHoldEnd(HoldEndAsked),
    /// Holds, newest first.
    ListHolds(HoldsAsked, Part),
    /// Propose to put a balance right.
    ProposeAdjustment(NewAdjustment),
    /// Adjustments that were booked, newest first.
    ListAdjustments(Part),
    /// A batch as the file that its bank wants.
    ExportBatch {
        /// Our number of it.
        batch_no: String,
    },
    /// Propose what a bank's result file says.
    ProposeResults {
        /// Our number of the batch.
        batch_no: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// End bills as a result file says that was let pass.
    EnterResults {
        /// Our number of the approval.
        approval_no: String,
    },
    /// Ask for money that an owner may withdraw.
    AskWithdrawal {
        /// Whose.
        owner: String,
        /// How much, in fen.
        amount_fen: i64,
    },
    /// Withdrawals, newest first.
    ListWithdrawals(WithdrawalsAsked, Part),
}

impl From<FinanceRequest> for super::Request {
    fn from(request: FinanceRequest) -> Self {
        Self::Finance(request)
    }
}

/// The value of the use case that a request names.
pub(super) async fn execute(
    office: &Office,
    actor: &Actor,
    request: FinanceRequest,
) -> Result<Value, Failure> {
    match request {
        FinanceRequest::ListApprovals(asked, part) => {
            told(approvals::list(office, actor, asked, part).await)
        }
        FinanceRequest::ShowApproval { approval_no } => {
            told(approvals::show(office, actor, &approval_no).await)
        }
        FinanceRequest::ApproveApproval { approval_no } => {
            told(approvals::approve(office, actor, &approval_no).await)
        }
        FinanceRequest::RejectApproval {
            approval_no,
            reason,
        } => told(approvals::reject(office, actor, &approval_no, &reason).await),
        FinanceRequest::ShowStanding => told(approvals::show_standing(office, actor).await),
        FinanceRequest::ProposeStanding(new) => {
            told(approvals::propose_standing(office, actor, new).await)
        }
        FinanceRequest::ShowTerms { owner } => told(terms::show(office, actor, &owner).await),
        FinanceRequest::ProposeTerms(new) => told(terms::propose(office, actor, new).await),
        FinanceRequest::AddCard(new) => told(cards::add(office, actor, new).await),
        FinanceRequest::ListCards(asked, part) => {
            told(cards::list(office, actor, asked, part).await)
        }
        FinanceRequest::ShowCard { owner, card_no } => {
            told(cards::show(office, actor, &owner, &card_no).await)
        }
        FinanceRequest::PlaceHold(new) => told(holds::place(office, actor, new).await),
        FinanceRequest::ProposeHoldEnd(asked) => {
            told(holds::propose_end(office, actor, asked).await)
        }
        FinanceRequest::ListHolds(asked, part) => {
            told(holds::list(office, actor, asked, part).await)
        }
        FinanceRequest::ProposeAdjustment(new) => {
            told(adjustments::propose(office, actor, new).await)
        }
        FinanceRequest::ListAdjustments(part) => told(adjustments::list(office, actor, part).await),
        FinanceRequest::ExportBatch { batch_no } => {
            told(batch_files::export(office, actor, &batch_no).await)
        }
        FinanceRequest::ProposeResults { batch_no, bytes } => {
            told(batch_files::propose_results(office, actor, &batch_no, &bytes).await)
        }
        FinanceRequest::EnterResults { approval_no } => {
            told(batch_files::enter_results(office, actor, &approval_no).await)
        }
        FinanceRequest::AskWithdrawal { owner, amount_fen } => {
            told(withdrawals::ask(office, actor, &owner, amount_fen).await)
        }
        FinanceRequest::ListWithdrawals(asked, part) => {
            told(withdrawals::list(office, actor, asked, part).await)
        }
    }
}
