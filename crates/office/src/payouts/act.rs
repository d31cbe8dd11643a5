//! What finance does with bills.

use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::names::check_name;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{BillId, Payout, PayoutEnd};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::bill;
use super::list::PayoutRow;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::{Act, Office};

/// How a bill is to end about which the bank says nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndAsked {
    /// The bill's number.
    pub bill_id: String,
    /// The bank's number of its payment; absent: it has certainly not paid, and will not.
    pub bank_no: Option<String>,
    /// What shows it.
    pub evidence: String,
}

/// Sends a bill again that failed, or came back and has no other in its stead; a repeat changes
/// nothing.
///
/// # Errors
/// The actor may not; there is no such bill, it is in another state, its owner has no card; or the
/// books are away.
pub async fn repair(
    office: &Office,
    actor: &Actor,
    bill_id: &str,
) -> Result<PayoutRow, OfficeError> {
    actor.check(Permission::Propose)?;
    let (id, before) = standing(office, bill_id).await?;
    let act = Act {
        action: "payouts.repair",
        subject: format!("bill {id}"),
        before: Some(json!({ "state": before.state, "reason": before.reason })),
        after: None,
    };
    let audit = office.audit(actor, act);
    let repaired = office.engine().repair_payout(id, audit).await?;
    Ok(PayoutRow::from(&repaired))
}

/// Undoes a bill for good that was not sent; a repeat changes nothing.
///
/// # Errors
/// The actor may not; there is no such bill, or it was sent; the reason is wrong; or the books are
/// away.
pub async fn void(
    office: &Office,
    actor: &Actor,
    bill_id: &str,
    reason: String,
) -> Result<PayoutRow, OfficeError> {
    actor.check(Permission::Propose)?;
    check("reason", &reason)?;
    let (id, before) = standing(office, bill_id).await?;
    let act = Act {
        action: "payouts.void",
        subject: format!("bill {id}"),
        before: Some(json!({ "state": before.state })),
        after: Some(json!({ "reason": reason })),
    };
    let audit = office.audit(actor, act);
    let voided = office.engine().void_payout(id, reason, audit).await?;
    Ok(PayoutRow::from(&voided))
}

/// Proposes how a bill ended about which the bank says nothing; another person must let it pass.
///
/// # Errors
/// The actor may not; there is no such bill, or its end is certain; the evidence is wrong; or the
/// books are away.
pub async fn propose_end(
    office: &Office,
    actor: &Actor,
    asked: EndAsked,
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    check("evidence", &asked.evidence)?;
    let (id, payout) = standing(office, &asked.bill_id).await?;
    let Some(request) = payout.open_request() else {
        let state = payout.state.as_str();
        return Err(OfficeError::new(format!(
            "bill {id} is {state}: there is no request whose end is not certain"
        )));
    };
    let end = PayoutEnd {
        owner: payout.owner.clone(),
        payout_no: payout.payout_no,
        request_no: request.request_no.clone(),
        real_fen: payout.amounts.real_fen,
        bank_no: asked.bank_no,
        evidence: asked.evidence,
    };
    let act = Act {
        action: "payouts.propose_end",
        subject: format!("bill {id}"),
        before: Some(json!({ "state": payout.state })),
        after: Some(json!(end)),
    };
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let proposed = engine.propose_payout_end(&end, actor.name(), audit).await?;
    Ok(proposed.into())
}

/// Ends a bill as an approval says that another person has let pass.
///
/// # Errors
/// The actor may not; there is no such approval, it is not let pass or was used; the bill has ended
/// meanwhile; or the books are away.
pub async fn end(
    office: &Office,
    actor: &Actor,
    approval_no: &str,
) -> Result<PayoutRow, OfficeError> {
    actor.check(Permission::Propose)?;
    let no: PlatformNo = approval_no.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{approval_no} is no approval's number"),
            "heliu approvals list tells the numbers: 16 digits each",
        )
    })?;
    let act = Act {
        action: "payouts.end",
        subject: format!("approval {no}"),
        before: None,
        after: None,
    };
    let audit = office.audit(actor, act);
    let ended = office.engine().end_payout(no, audit).await?;
    Ok(PayoutRow::from(&ended))
}

async fn standing(office: &Office, bill_id: &str) -> Result<(BillId, Payout), OfficeError> {
    let id = bill(bill_id)?;
    let (_, payout) = office.engine().payout(id).await?;
    Ok((id, payout))
}

fn check(field: &str, text: &str) -> Result<(), OfficeError> {
    let mut faults = Faults::new();
    faults.note(field, check_name(text));
    faults.into_result()?;
    Ok(())
}
