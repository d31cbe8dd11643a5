//! A merchant's trade is opened and shut.

use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::application::{Application, ApplicationState};
use heliu_trade::directory::{Merchant, MerchantState};
use heliu_trade::id::MerchantId;
use heliu_trade::record::{Aggregate as _, Want};
use serde_json::json;

use super::standing::{must_find, subject};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office};

/// Opens the trade of a merchant that was disabled.
///
/// # Errors
/// The actor may not, there is no such merchant, or its application has not passed.
pub async fn enable(
    office: &Office,
    actor: &Actor,
    merchant_id: &str,
) -> Result<Merchant, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = must_find(office, &MerchantId::from(merchant_id)).await?;
    check_has_passed(office, &standing).await?;
    let action = "merchants.enable";
    set_state(office, actor, standing, MerchantState::Enabled, action).await
}

/// Shuts a merchant's trade; queries and refunds go on.
///
/// # Errors
/// The actor may not, or there is no such merchant.
pub async fn disable(
    office: &Office,
    actor: &Actor,
    merchant_id: &str,
) -> Result<Merchant, OfficeError> {
    actor.check(Permission::Enrol)?;
    let standing = must_find(office, &MerchantId::from(merchant_id)).await?;
    let action = "merchants.disable";
    set_state(office, actor, standing, MerchantState::Disabled, action).await
}

/// A merchant that applied trades only once its application has passed.
async fn check_has_passed(office: &Office, standing: &Enrolment) -> Result<(), OfficeError> {
    for app in &standing.apps {
        let name = Application::name_of_app(&app.dialect_id, &app.app_id);
        let want = Want::Named(Application::KIND, name);
        let Some(record) = office.store().find_record(want).await? else {
            continue;
        };
        if record.state != ApplicationState::Passed.as_str() {
            let no = record.subject.no;
            return Err(OfficeError::with_cure(
                format!("its application {no} is {}", record.state),
                format!("look at it: heliu applications show {no}"),
            ));
        }
    }
    Ok(())
}

async fn set_state(
    office: &Office,
    actor: &Actor,
    standing: Enrolment,
    state: MerchantState,
    action: &'static str,
) -> Result<Merchant, OfficeError> {
    let standing = standing.merchant;
    let merchant = Merchant {
        state,
        ..standing.clone()
    };
    let merchant_id = merchant.merchant_id.clone();
    let act = Act {
        action,
        subject: subject(&merchant_id),
        before: Some(json!(standing)),
        after: Some(json!(merchant)),
    };
    let change = DirectoryChange::SetMerchantState(merchant_id, state);
    office.change(actor, change, act).await?;
    Ok(merchant)
}
