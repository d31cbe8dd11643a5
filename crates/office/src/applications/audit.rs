//! 审核: the office decides about an application.

use std::collections::BTreeMap;

use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::names::check_name;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::application::{Application, ApplicationState, Decision};
use heliu_trade::directory::MerchantState;
use heliu_trade::id::MerchantId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::number;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::fees::looking;
use crate::keys::rows_of;
use crate::merchants::{Checked, Entered, NONE, NewContract, must_find};
use crate::permission::Permission;
use crate::{Act, Office, fees};

/// An application that passes, and what its merchant gets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Passing {
    /// Our number of the application.
    pub application_no: String,
    /// Contracts that the merchant gets.
    pub contracts: Vec<NewContract>,
    /// Tokens of those, by name: `WALLET`, or `WALLET:ACCOUNT` where a wallet has several.
    pub tokens: BTreeMap<String, String>,
    /// Priorities of those, by name.
    pub priorities: BTreeMap<String, String>,
}

/// How an application and its merchant stand afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Our number of the application.
    pub application_no: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// Whether the merchant may trade.
    pub merchant_state: MerchantState,
    /// Whether it has contracts; without them no wallet is taken.
    pub has_contracts: bool,
}

/// Lets a merchant trade, with contracts if some are given, in one transaction. A repeat without
/// contracts changes nothing.
///
/// # Errors
/// The actor may not; there is no such application; a contract or token is wrong; it has passed
/// before and contracts are given; or the books are away.
pub async fn pass(
    office: &Office,
    actor: &Actor,
    passing: Passing,
) -> Result<Decided, OfficeError> {
    actor.check(Permission::Enrol)?;
    looking(office, |seen| pass_once(office, actor, &passing, seen)).await
}

async fn pass_once(
    office: &Office,
    actor: &Actor,
    passing: &Passing,
    seen: u64,
) -> Result<Decided, OfficeError> {
    let no = number(&passing.application_no)?;
    let (_, application) = office.engine().application(no).await?;
    let merchant_id = &application.merchant_id;
    let gives = !passing.contracts.is_empty()
        || !passing.tokens.is_empty()
        || !passing.priorities.is_empty();
    if gives && application.state == ApplicationState::Passed {
        return Err(OfficeError::with_cure(
            format!("application {no} has passed already"),
            format!("write the merchant's contracts: heliu merchants edit {merchant_id}"),
        ));
    }
    let standing = must_find(office, merchant_id).await?;
    let entered = Entered {
        merchant_id,
        new: &passing.contracts,
        tokens: &passing.tokens,
        priorities: &passing.priorities,
        fees: NONE,
        dropped: &[],
        standing: &standing.contracts,
    };
    let mut faults = Faults::new();
    let Checked {
        contracts, keys, ..
    } = entered.check(office.engine(), &mut faults).await?;
    faults.into_result()?;
    fees::check_merchant(office, actor, merchant_id, &standing.apps, &contracts).await?;
    let given = json!({
        "state": ApplicationState::Passed, "contracts": contracts, "keys": rows_of(&keys)
    });
    let enrolment = Enrolment {
        merchant: standing.merchant,
        apps: Vec::new(),
        contracts,
    };
    let directory = if gives {
        let enrol = DirectoryChange::Enrol { enrolment, keys };
        vec![enrol.over_fee_tree(seen)]
    } else {
        Vec::new()
    };
    decide(
        office,
        actor,
        &application,
        Decision::Pass,
        given,
        directory,
    )
    .await
}

/// Refuses a merchant, with the reason that its agent reads. A repeat changes nothing.
///
/// # Errors
/// The actor may not; there is no such application, or it has passed; there is no reason; or the
/// books are away.
pub async fn reject(
    office: &Office,
    actor: &Actor,
    application_no: &str,
    reason: &str,
) -> Result<Decided, OfficeError> {
    actor.check(Permission::Enrol)?;
    let no = number(application_no)?;
    let mut faults = Faults::new();
    faults.note("reason", check_name(reason));
    faults.into_result()?;
    let (_, application) = office.engine().application(no).await?;
    let decision = Decision::Reject(reason.to_owned());
    let given = json!({ "state": ApplicationState::Rejected, "reason": reason });
    decide(office, actor, &application, decision, given, Vec::new()).await
}

async fn decide(
    office: &Office,
    actor: &Actor,
    application: &Application,
    decision: Decision,
    given: Value,
    directory: Vec<DirectoryChange>,
) -> Result<Decided, OfficeError> {
    let no = application.application_no;
    let action = match decision {
        Decision::Pass => "applications.pass",
        Decision::Reject(_) => "applications.reject",
    };
    let act = Act {
        action,
        subject: format!("application {no}"),
        before: Some(json!({ "state": application.state, "reason": application.reason })),
        after: Some(given),
    };
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let decided = engine.decide_application(no, decision, directory, audit);
    let decided = decided.await?;
    let standing = must_find(office, &decided.merchant_id).await?;
    Ok(Decided {
        application_no: no.to_string(),
        state: decided.state,
        merchant_id: decided.merchant_id,
        merchant_state: standing.merchant.state,
        has_contracts: !standing.contracts.is_empty(),
    })
}
