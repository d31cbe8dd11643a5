//! The clock of a sandbox: what it says, and how it is moved.

use heliu_trade::time::Timestamp;
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office};

/// What the platform's clock says.
///
/// # Errors
/// The actor may not see it.
pub fn show(office: &Office, actor: &Actor) -> Result<Timestamp, OfficeError> {
    actor.check(Permission::See)?;
    Ok(office.engine().clock().now())
}

/// Moves the clock of a sandbox forward; what it says then.
///
/// # Errors
/// The actor may not, it is no sandbox, the instant is not ahead, or the books are away.
pub async fn advance(
    office: &Office,
    actor: &Actor,
    at: Timestamp,
) -> Result<Timestamp, OfficeError> {
    actor.check(Permission::Configure)?;
    let now = office.engine().clock().now();
    let act = Act {
        action: "clock.move",
        subject: "clock".to_owned(),
        before: Some(json!({ "now": now.to_string() })),
        after: Some(json!({ "now": at.to_string() })),
    };
    let audit = office.audit(actor, act);
    office.engine().move_clock(at, audit).await?;
    Ok(office.engine().clock().now())
}
