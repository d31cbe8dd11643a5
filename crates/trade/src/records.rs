//! Steps of records' lives: of which aggregate, and who decides. A further aggregate is a variant
//! here.

use crate::application;
use crate::day;
use crate::error::TradeError;
use crate::followup::subject::Owner;
use crate::four_eyes;
use crate::hold;
use crate::login_code;
use crate::payout;
use crate::payout_batch;
use crate::record::{Draft, Loaded, RecordChanges, Want};
use crate::settlement;
use crate::settlement_card;
use crate::statement;
use crate::sweep;
use crate::time::Timestamp;
use crate::withdrawal;

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
    /// About a statement file.
    Statement(statement::Action),
    /// About a settlement.
    Settlement(settlement::Action),
    /// About a bill.
    Payout(payout::Action),
    /// About a batch of bills.
    PayoutBatch(payout_batch::Action),
    /// About an approval, and what it lets pass.
    Approval(four_eyes::Action),
    /// About an owner's cards.
    SettlementCard(settlement_card::Action),
    /// About a hold.
    Hold(hold::Action),
    /// About a withdrawal.
    Withdrawal(withdrawal::Action),
    /// About a step of a business date.
    Day(day::Action),
    /// An agent's shares of a date go into its book.
    Sweep(sweep::Action),
}

impl RecordStep {
    /// The owner whose balances the decision weighs. They are read in the step's transaction, and
    /// of two steps at once that weigh the same owner's, the second one sees what the first one
    /// wrote.
    #[must_use]
    pub const fn weighs(&self) -> Option<&Owner> {
        match &self.action {
            RecordAction::Withdrawal(action) => action.weighs(),
            _ => None,
        }
    }
}

/// Decides. `loaded` has what the step wants, in its order, and the balances that it weighs.
///
/// # Errors
/// The step is refused; nothing changes.
pub fn decide(step: &RecordStep, loaded: impl Into<Loaded>) -> Result<RecordChanges, TradeError> {
    let mut draft = Draft::new(step.now, loaded.into());
    match &step.action {
        RecordAction::Application(action) => application::decide(&mut draft, action),
        RecordAction::LoginCode(action) => login_code::decide(&mut draft, action),
        RecordAction::Statement(action) => statement::decide(&mut draft, action),
        RecordAction::Settlement(action) => settlement::decide(&mut draft, action),
        RecordAction::Payout(action) => payout::decide(&mut draft, action),
        RecordAction::PayoutBatch(action) => payout_batch::decide(&mut draft, action),
        RecordAction::Approval(action) => four_eyes::decide(&mut draft, action),
        RecordAction::SettlementCard(action) => settlement_card::decide(&mut draft, action),
        RecordAction::Hold(action) => hold::decide(&mut draft, action),
        RecordAction::Withdrawal(action) => withdrawal::decide(&mut draft, action),
        RecordAction::Day(action) => day::decide(&mut draft, action),
        RecordAction::Sweep(action) => sweep::decide(&mut draft, action),
    }?;
    Ok(draft.finish())
}
