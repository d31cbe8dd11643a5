//! What the office sees of bills, and does with them.

use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{Action, BillId, Payout, PayoutEnd};
use heliu_trade::record::{Record, Want};
use heliu_trade::records::RecordAction;
use heliu_trade::settlement_card::OwnerCards;

use crate::Engine;
use crate::clearing::approvals::{Proposal, take};
use crate::clearing::found::{self, RecordsAsked};

/// Tells where the numbers of bills stand.
const LIST: &str = "heliu payouts list";

impl Engine {
    /// The bill of a number, with its record.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn payout(&self, bill: BillId) -> Result<(Record, Payout), TradeError> {
        let found = found::numbered(&self.inner, bill.payout_no(), LIST).await;
        found.map_err(|error| match error.code {
            ErrorCode::InvalidParameter => {
                let message = format!("there is no bill {bill}: {LIST}");
                TradeError::new(error.code, message)
            }
            _ => error,
        })
    }

    /// Bills, newest first.
    ///
    /// # Errors
    /// The books are away, or a bill cannot be read.
    pub async fn payouts(&self, asked: RecordsAsked) -> Result<Vec<(Record, Payout)>, TradeError> {
        found::list(&self.inner, asked).await
    }

    /// The newest hundred bills of an owner, newest first.
    ///
    /// # Errors
    /// The books are away, or a bill cannot be read.
    pub async fn payouts_of(&self, owner: &Owner) -> Result<Vec<(Record, Payout)>, TradeError> {
        found::marked(&self.inner, Payout::mark_of_owner(owner)).await
    }

    /// Sends a bill again that failed, or that came back and has no other in its stead: it is
    /// drafted once more, for the owner's card of now. A repeat changes nothing. The bill.
    ///
    /// # Errors
    /// It is in another state, its owner has no card, or the books are away.
    pub async fn repair_payout(&self, bill: BillId, audit: NewAudit) -> Result<Payout, TradeError> {
        self.change(bill, Action::Repair, audit).await
    }

    /// Undoes a bill for good that was not sent: its money and its fee come with the owner's next
    /// one. A repeat changes nothing. The bill.
    ///
    /// # Errors
    /// It was sent, or the books are away.
    pub async fn void_payout(
        &self,
        bill: BillId,
        reason: String,
        audit: NewAudit,
    ) -> Result<Payout, TradeError> {
        self.change(bill, Action::Void { reason }, audit).await
    }

    async fn change(
        &self,
        bill: BillId,
        action: Action,
        audit: NewAudit,
    ) -> Result<Payout, TradeError> {
        let (_, payout) = self.payout(bill).await?;
        let wants = vec![
            Payout::want(payout.subject()),
            OwnerCards::want(&payout.owner),
        ];
        take(&self.inner, wants, RecordAction::Payout(action), audit).await?;
        Ok(self.payout(bill).await?.1)
    }

    /// Proposes how a bill ended about which the bank says nothing; another person must let it
    /// pass.
    ///
    /// # Errors
    /// The books are away.
    pub async fn propose_payout_end(
        &self,
        end: &PayoutEnd,
        maker: &str,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let proposal = Proposal {
            action: ApprovalAction::PayoutEnd,
            subject: end.subject(),
            content: Content::new(canonical(end)?),
            maker: maker.to_owned(),
        };
        self.propose(proposal, audit).await
    }

    /// Ends a bill as an approval says that was let pass. The bill.
    ///
    /// # Errors
    /// There is no such approval of a bill's end, it is not approved or was used, the bill has
    /// ended meanwhile, or the books are away.
    pub async fn end_payout(
        &self,
        approval_no: PlatformNo,
        audit: NewAudit,
    ) -> Result<Payout, TradeError> {
        let (_, approval) = self.approval(approval_no).await?;
        if approval.action != ApprovalAction::PayoutEnd {
            let message = format!("approval {approval_no} is about no bill's end");
            return Err(TradeError::new(ErrorCode::InvalidParameter, message));
        }
        let end: PayoutEnd = approval.read()?;
        let bill = BillId::of(end.payout_no);
        let (_, payout) = self.payout(bill).await?;
        let wants: Vec<Want> = vec![Payout::want(payout.subject()), Approval::want(approval_no)];
        let action = RecordAction::Payout(Action::End(Box::new(end)));
        take(&self.inner, wants, action, audit).await?;
        Ok(self.payout(bill).await?.1)
    }
}
