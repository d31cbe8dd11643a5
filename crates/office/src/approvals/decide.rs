//! Somebody else than the maker decides.

use heliu_engine::ApprovalVerdict;
use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::names::check_name;
use heliu_trade::approval::{Approval, ApprovalAction, ApprovalState};
use heliu_trade::id::PlatformNo;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::number;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office, fees};

/// How an approval stands afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Our number of it.
    pub approval_no: String,
    /// What is to be done, or was.
    pub action: String,
    /// With what.
    pub subject: String,
    /// Where it stands: used, if it took effect at once; void, if what it is about has changed.
    pub state: ApprovalState,
    /// Why it was rejected, or is void.
    pub reason: Option<String>,
}

/// Lets a proposal pass. What takes effect at once is done in the same transaction.
///
/// # Errors
/// The actor may not, is no person of the list, or proposed it; there is no such approval; it was
/// decided before, or too late; or the books are away.
pub async fn approve(
    office: &Office,
    actor: &Actor,
    approval_no: &str,
) -> Result<Decided, OfficeError> {
    actor.check(Permission::Approve)?;
    let no = number(approval_no)?;
    if !actor.is_person() {
        return Err(OfficeError::with_cure(
            "an approval takes a second person of the list, and nobody is named",
            "put two people on it: heliu people add NAME --role finance_checker; name one with --as",
        ));
    }
    fees::looking(office, |seen| let_pass(office, actor, no, seen)).await
}

/// Lets a proposal pass that is sound with what stands now, whoever may.
pub(super) async fn let_pass(
    office: &Office,
    actor: &Actor,
    no: PlatformNo,
    fee_tree: u64,
) -> Result<Decided, OfficeError> {
    let (_, standing) = office.engine().approval(no).await?;
    if standing.action == ApprovalAction::FeeSchedule && standing.state == ApprovalState::Proposed {
        fees::check_proposal(office, &standing.read()?).await?;
    }
    let verdict = ApprovalVerdict::Approve { fee_tree };
    decide(office, actor, standing, verdict).await
}

/// Says no, with the reason. The maker may, too, and takes the proposal back so.
///
/// # Errors
/// The actor may not; there is no such approval, or no reason; it was decided before, or too late;
/// or the books are away.
pub async fn reject(
    office: &Office,
    actor: &Actor,
    approval_no: &str,
    reason: &str,
) -> Result<Decided, OfficeError> {
    let no = number(approval_no)?;
    let mut faults = Faults::new();
    faults.note("reason", check_name(reason));
    faults.into_result()?;
    let (_, standing) = office.engine().approval(no).await?;
    let needed = if standing.maker == actor.name() {
        Permission::Propose
    } else {
        Permission::Approve
    };
    actor.check(needed)?;
    let verdict = ApprovalVerdict::Reject(reason.to_owned());
    decide(office, actor, standing, verdict).await
}

/// Decides, whoever may.
async fn decide(
    office: &Office,
    actor: &Actor,
    standing: Approval,
    verdict: ApprovalVerdict,
) -> Result<Decided, OfficeError> {
    let no = standing.approval_no;
    let (action, after) = match &verdict {
        ApprovalVerdict::Approve { .. } => ("approvals.approve", json!({ "hash": standing.hash })),
        ApprovalVerdict::Reject(reason) => ("approvals.reject", json!({ "reason": reason })),
    };
    let act = Act {
        action,
        subject: format!("approval {no}"),
        before: Some(json!({
            "state": standing.state, "action": standing.action, "subject": standing.subject,
            "maker": standing.maker, "hash": standing.hash,
        })),
        after: Some(after),
    };
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let decided = engine.decide_approval(no, actor.name(), verdict, audit);
    let decided = decided.await?;
    Ok(Decided {
        approval_no: no.to_string(),
        action: decided.action.as_str().to_owned(),
        subject: decided.subject,
        state: decided.state,
        reason: decided.reason,
    })
}
