//! What the office sees of batches and settlements, and does with batches.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::Payout;
use heliu_trade::payout_batch::{Action, BatchState, PayoutBatch};
use heliu_trade::record::Record;
use heliu_trade::records::RecordAction;
use heliu_trade::settlement::Settlement;

use super::files::with_file;
use super::send::{SendRun, follow_changes, send_all};
use crate::Engine;
use crate::clearing::approvals::take;
use crate::clearing::found::{self, RecordsAsked};

impl Engine {
    /// The settlement of a number, with its record.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn settlement(&self, no: PlatformNo) -> Result<(Record, Settlement), TradeError> {
        found::numbered(&self.inner, no, "heliu settlements list").await
    }

    /// Settlements, newest first.
    ///
    /// # Errors
    /// The books are away, or a settlement cannot be read.
    pub async fn settlements(
        &self,
        asked: RecordsAsked,
    ) -> Result<Vec<(Record, Settlement)>, TradeError> {
        found::list(&self.inner, asked).await
    }

    /// The batch of a number, with its record.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn batch(&self, no: PlatformNo) -> Result<(Record, PayoutBatch), TradeError> {
        found::numbered(&self.inner, no, "heliu batches list").await
    }

    /// The bills of a batch, as they stand now, by their numbers.
    ///
    /// # Errors
    /// One cannot be read, or the books are away.
    pub async fn bills_of(&self, batch: &PayoutBatch) -> Result<Vec<Payout>, TradeError> {
        let mut bills = Vec::with_capacity(batch.bills.len());
        for line in &batch.bills {
            bills.extend(found::find(&self.inner, line.want()).await?);
        }
        Ok(bills)
    }

    /// Batches, newest first.
    ///
    /// # Errors
    /// The books are away, or a batch cannot be read.
    pub async fn batches(
        &self,
        asked: RecordsAsked,
    ) -> Result<Vec<(Record, PayoutBatch)>, TradeError> {
        found::list(&self.inner, asked).await
    }

    /// Proposes that a batch passes, which another person must let pass; one that goes to its bank
    /// in a file gets it first. `audit` is handed the batch as it is proposed. The batch.
    ///
    /// # Errors
    /// It is submitted already, one of its bills has changed, or the books are away.
    pub async fn submit_batch(
        &self,
        no: PlatformNo,
        maker: &str,
        audit: impl FnOnce(&PayoutBatch) -> NewAudit,
    ) -> Result<PayoutBatch, TradeError> {
        let (_, batch) = self.batch(no).await?;
        if batch.state == BatchState::Drafted
            && let Some(why) = follow_changes(&self.inner, &batch).await?
        {
            let message = format!("batch {no} is void, since {why}: its bills come with the next");
            return Err(TradeError::new(ErrorCode::InvalidParameter, message));
        }
        let batch = match batch.state {
            BatchState::Drafted => with_file(&self.inner, batch).await?,
            _ => batch,
        };
        let action = Action::Submit {
            approval_no: self.inner.mint_record_no(),
            maker: maker.to_owned(),
        };
        let action = RecordAction::PayoutBatch(action);
        take(&self.inner, batch.wants(), action, audit(&batch)).await?;
        Ok(self.batch(no).await?.1)
    }

    /// Sends what two people have let pass by now, and goes on with what was begun.
    ///
    /// # Errors
    /// The books are away.
    pub async fn send_payouts(&self) -> Result<SendRun, TradeError> {
        send_all(&self.inner).await
    }
}
