//! One bill: what it pays, its requests, and what happened.

use heliu_trade::payout::{PayoutRequest, RequestEnd};
use serde::{Deserialize, Serialize};

use super::bill;
use super::list::PayoutRow;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::Cell;
use crate::timeline::{Moment, Timeline};

/// A bill with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutView {
    /// As in the list.
    #[serde(flatten)]
    pub payout: PayoutRow,
    /// The card's holder, masked.
    pub holder: String,
    /// The branch that keeps the card.
    pub branch: String,
    /// Our numbers of the settlements that it pays.
    pub settlements: Vec<String>,
    /// Its requests: the number of each, and what came of it.
    pub requests: Vec<(String, String)>,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// One bill.
///
/// # Errors
/// There is none, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    bill_id: &str,
) -> Result<PayoutView, OfficeError> {
    actor.check(Permission::See)?;
    let (record, payout) = office.engine().payout(bill(bill_id)?).await?;
    let trail = office.store().trail(&record.subject).await?;
    let settlements = payout.settlements.iter().map(ToString::to_string);
    Ok(PayoutView {
        holder: payout.card.holder_mask.clone(),
        branch: payout.card.branch.clone(),
        settlements: settlements.collect(),
        requests: payout.requests.iter().map(told).collect(),
        timeline: Timeline::of(&trail).moments(),
        payout: PayoutRow::from(&payout),
    })
}

fn told(request: &PayoutRequest) -> (String, String) {
    let end = match &request.end {
        None => format!("sent {}, its end is not certain", request.sent_at),
        Some(RequestEnd::Paid(evidence)) => {
            format!("paid by {} {}", evidence.bank_no, evidence.remark)
        }
        Some(RequestEnd::Failed(failure)) => format!("failed: {}", failure.reason),
        Some(RequestEnd::Returned(returned)) => {
            format!(
                "paid by {}, came back: {}",
                returned.payment.bank_no, returned.reason
            )
        }
    };
    (request.request_no.clone(), end.trim_end().to_owned())
}

impl Facts for PayoutView {
    fn facts(&self) -> Vec<Fact> {
        let row = &self.payout;
        let named = PayoutRow::COLUMNS.iter().zip(row.cells());
        let mut facts: Vec<Fact> = named.map(|(name, value)| Fact::new(*name, value)).collect();
        facts.push(Fact::new("holder", Cell::text(self.holder.as_str())));
        facts.push(Fact::new("branch", Cell::text(self.branch.as_str())));
        facts.extend(
            self.settlements
                .iter()
                .map(|no| Fact::new("settlement", Cell::number(no))),
        );
        facts.extend(
            self.requests.iter().map(|(number, end)| {
                Fact::new(format!("request {number}"), Cell::text(end.as_str()))
            }),
        );
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}
