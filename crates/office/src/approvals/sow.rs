//! Approvals of what the demonstration begins with.

use super::{decide, number};
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
    let no = number(approval_no)?;
    let fee_tree = office.store().fee_tree().await?;
    decide::let_pass(office, checker, no, fee_tree).await?;
    Ok(())
}
