//! Approvals of what the demonstration begins with.

use heliu_engine::ApprovalVerdict;

use super::decide::decide;
use super::number;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;

/// Lets pass what the demonstration's seed has proposed by another actor. Nobody of the list is
/// there yet, so that neither is a person.
pub(crate) async fn let_pass(
    office: &Office,
    checker: &Actor,
    approval_no: &str,
) -> Result<(), OfficeError> {
    let (_, standing) = office.engine().approval(number(approval_no)?).await?;
    decide(office, checker, standing, ApprovalVerdict::Approve).await?;
    Ok(())
}
