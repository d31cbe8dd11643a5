//! Money that is held, put right by hand, or asked for.

use heliu_trade::adjustment::{Adjustment, ProposedAdjustment};
use heliu_trade::approval::{Approval, ApprovalAction, Content, canonical};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::{self, Hold, HoldAmount, HoldEnd, HoldState};
use heliu_trade::id::{ChannelAccountId, PlatformNo};
use heliu_trade::record::Record;
use heliu_trade::records::RecordAction;
use heliu_trade::withdrawal::{self, Withdrawal, WithdrawalState};

use super::approvals::{Proposal, take};
use super::found::{self, RecordsAsked};
use crate::Engine;

/// How a hold is to end.
#[derive(Debug, Clone)]
pub enum HoldEnding {
    /// What it took is free again.
    Release,
    /// What it took is gone, to this channel account; `None`: it waits for an explanation.
    Seize(Option<ChannelAccountId>),
}

impl Engine {
    /// Places a hold, which takes at once what of its amount is there. The hold.
    ///
    /// # Errors
    /// The amount is not above zero, or the books are away.
    pub async fn place_hold(
        &self,
        owner: Owner,
        amount: HoldAmount,
        reason: String,
        placed_by: &str,
        audit: NewAudit,
    ) -> Result<Hold, TradeError> {
        let new = Hold {
            hold_no: self.inner.mint_record_no(),
            owner,
            amount,
            filled_fen: 0,
            reason,
            placed_by: placed_by.to_owned(),
            state: HoldState::Active,
        };
        let hold_no = new.hold_no;
        let action = RecordAction::Hold(hold::Action::Place(Box::new(new)));
        take(&self.inner, Vec::new(), action, audit).await?;
        Ok(self.hold(hold_no).await?.1)
    }

    /// Proposes the end of a hold, which another person must let pass.
    ///
    /// # Errors
    /// There is no such hold, or the books are away.
    pub async fn propose_hold_end(
        &self,
        hold: &Hold,
        ending: HoldEnding,
        reason: String,
        maker: &str,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let (action, taken_by) = match ending {
            HoldEnding::Release => (ApprovalAction::HoldRelease, None),
            HoldEnding::Seize(taken_by) => (ApprovalAction::HoldSeizure, taken_by),
        };
        let end = HoldEnd {
            owner: hold.owner.clone(),
            hold_no: hold.hold_no,
            filled_fen: hold.filled_fen,
            taken_by,
            reason,
        };
        let proposal = Proposal {
            action,
            subject: end.subject(),
            content: Content::new(canonical(&end)?),
            maker: maker.to_owned(),
        };
        self.propose(proposal, audit).await
    }

    /// The hold of a number, with its record.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn hold(&self, no: PlatformNo) -> Result<(Record, Hold), TradeError> {
        found::numbered(&self.inner, no, "heliu holds list").await
    }

    /// Holds, newest first.
    ///
    /// # Errors
    /// The books are away, or a hold cannot be read.
    pub async fn holds(&self, asked: RecordsAsked) -> Result<Vec<(Record, Hold)>, TradeError> {
        found::list(&self.inner, asked).await
    }

    /// Proposes to put an owner's balance right, which another person must let pass.
    ///
    /// # Errors
    /// The books are away.
    pub async fn propose_adjustment(
        &self,
        adjustment: &ProposedAdjustment,
        maker: &str,
        audit: NewAudit,
    ) -> Result<Approval, TradeError> {
        let proposal = Proposal {
            action: ApprovalAction::Adjustment,
            subject: adjustment.subject(),
            content: Content::new(canonical(adjustment)?),
            maker: maker.to_owned(),
        };
        self.propose(proposal, audit).await
    }

    /// Adjustments that were booked, newest first.
    ///
    /// # Errors
    /// The books are away, or an adjustment cannot be read.
    pub async fn adjustments(
        &self,
        asked: RecordsAsked,
    ) -> Result<Vec<(Record, Adjustment)>, TradeError> {
        found::list(&self.inner, asked).await
    }

    /// Asks for money that an owner may withdraw. The withdrawal.
    ///
    /// # Errors
    /// It is more than is available, or not above zero; or the books are away.
    pub async fn ask_withdrawal(
        &self,
        owner: Owner,
        amount_fen: i64,
        asked_by: &str,
        audit: NewAudit,
    ) -> Result<Withdrawal, TradeError> {
        let new = Withdrawal {
            withdrawal_no: self.inner.mint_record_no(),
            owner,
            amount_fen,
            asked_by: asked_by.to_owned(),
            state: WithdrawalState::Asked,
            bill_id: None,
        };
        let asked = new.clone();
        let action = RecordAction::Withdrawal(withdrawal::Action::Ask(Box::new(new)));
        take(&self.inner, Vec::new(), action, audit).await?;
        Ok(asked)
    }

    /// Withdrawals, newest first.
    ///
    /// # Errors
    /// The books are away, or a withdrawal cannot be read.
    pub async fn withdrawals(
        &self,
        asked: RecordsAsked,
    ) -> Result<Vec<(Record, Withdrawal)>, TradeError> {
        found::list(&self.inner, asked).await
    }
}
