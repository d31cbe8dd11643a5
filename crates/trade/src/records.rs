//! Steps of records' lives: of which aggregate, and who decides. A further aggregate is a variant
//! here.

use crate::application;
use crate::approval;
use crate::error::TradeError;
use crate::login_code;
use crate::payout;
use crate::payout_batch;
use crate::record::{Draft, Record, RecordChanges, Want};
use crate::settlement;
use crate::time::Timestamp;

/// One step of records' lives, committed in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordStep {
    /// What is loaded, in this order; what is not there is absent.
    pub wants: Vec<Want>,
    /// When (UTC), by the caller's clock.
    pub now: Timestamp,
    /// What happened, or what is wanted.
    pub action: RecordAction,
}

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordAction {
    /// About a merchant's application.
    Application(application::Action),
    /// About a login code.
    LoginCode(login_code::Action),
    /// About a settlement.
    Settlement(settlement::Action),
    /// About a bill.
    Payout(payout::Action),
    /// About a batch of bills.
    PayoutBatch(payout_batch::Action),
    /// About an approval by itself.
    Approval(approval::Action),
}

/// Decides. `loaded` has what the step wants, in its order.
///
/// # Errors
/// The step is refused; nothing changes.
pub fn decide(step: &RecordStep, loaded: Vec<Option<Record>>) -> Result<RecordChanges, TradeError> {
    let mut draft = Draft::new(step.now, loaded);
    match &step.action {
        RecordAction::Application(action) => application::decide(&mut draft, action),
        RecordAction::LoginCode(action) => login_code::decide(&mut draft, action),
        RecordAction::Settlement(action) => settlement::decide(&mut draft, action),
        RecordAction::Payout(action) => payout::decide(&mut draft, action),
        RecordAction::PayoutBatch(action) => payout_batch::decide(&mut draft, action),
        RecordAction::Approval(action) => approval::decide(&mut draft, action),
    }?;
    Ok(draft.finish())
}
