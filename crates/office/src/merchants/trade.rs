//! A merchant's trade is opened and shut, and it gets contracts.

use std::collections::BTreeMap;

use heliu_engine::enrolment::Faults;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{Merchant, MerchantState};
use heliu_trade::id::MerchantId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::contracts::{Entered, NewContract};
use super::enrol::{NewMerchant, add};
use super::standing::{find, must_find, subject, told};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office};

/// A merchant that may trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activated {
    /// Which.
    pub merchant_id: MerchantId,
    /// Whether it has contracts; without them no wallet is taken.
    pub has_contracts: bool,
}

/// Opens a merchant's trade, with further contracts, and new tokens of those that stand, if some are given.
///
/// # Errors
/// The actor may not, there is no such merchant, or a contract or token is wrong.
pub async fn activate(
    office: &Office,
    actor: &Actor,
    merchant_id: &str,
    new: &[NewContract],
    tokens: &BTreeMap<String, String>,
) -> Result<Activated, OfficeError> {
    actor.check(Permission::Enrol)?;
    let merchant_id = MerchantId::from(merchant_id);
    let standing = must_find(office, &merchant_id).await?;
    let has_contracts = !standing.contracts.is_empty() || !new.is_empty();
    let state = MerchantState::Enabled;
    give_contracts(office, actor, standing, state, new, tokens).await?;
    Ok(Activated {
        merchant_id,
        has_contracts,
    })
}

/// Writes contracts of a merchant that stands, over those of the same wallets, and its state.
async fn give_contracts(
    office: &Office,
    actor: &Actor,
    standing: Enrolment,
    state: MerchantState,
    new: &[NewContract],
    tokens: &BTreeMap<String, String>,
) -> Result<(), OfficeError> {
    let entered = Entered {
        merchant_id: &standing.merchant.merchant_id,
        new,
        tokens,
        standing: &standing.contracts,
    };
    let mut faults = Faults::new();
    let (contracts, keys) = entered.check(office.engine(), &mut faults).await?;
    faults.into_result()?;
    let is_replaced = |wallet| contracts.iter().any(|new| new.wallet == wallet);
    let replaced = standing.contracts.iter();
    let replaced = replaced.filter(|contract| is_replaced(contract.wallet));
    let before = Enrolment {
        contracts: replaced.cloned().collect(),
        apps: Vec::new(),
        merchant: standing.merchant.clone(),
    };
    let enrolment = Enrolment {
        merchant: Merchant {
            state,
            ..standing.merchant
        },
        apps: Vec::new(),
        contracts,
    };
    let act = Act {
        action: "merchants.activate",
        subject: subject(&enrolment.merchant.merchant_id),
        before: Some(told(&before, &[])),
        after: Some(told(&enrolment, &keys)),
    };
    let change = DirectoryChange::Enrol { enrolment, keys };
    office.change(actor, change, act).await
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
    let merchant_id = MerchantId::from(merchant_id);
    let standing = must_find(office, &merchant_id).await?.merchant;
    let merchant = Merchant {
        state: MerchantState::Disabled,
        ..standing.clone()
    };
    let act = Act {
        action: "merchants.disable",
        subject: subject(&merchant_id),
        before: Some(json!(standing)),
        after: Some(json!(merchant)),
    };
    let change = DirectoryChange::SetMerchantState(merchant_id, merchant.state);
    office.change(actor, change, act).await?;
    Ok(merchant)
}

/// Adds a merchant of the demonstration, or gives one that stands its contracts anew; the rest of it stays.
///
/// # Errors
/// Something of it is wrong, or the books are away.
pub async fn sow(office: &Office, actor: &Actor, new: NewMerchant) -> Result<(), OfficeError> {
    let merchant_id = MerchantId::from(new.merchant_id.as_str());
    if find(office, &merchant_id).await?.is_none() {
        let added = add(office, actor, new.clone()).await;
        // Another node may have been first.
        if added.is_ok() || find(office, &merchant_id).await?.is_none() {
            return added.map(|_| ());
        }
    }
    let standing = must_find(office, &merchant_id).await?;
    let state = standing.merchant.state;
    give_contracts(office, actor, standing, state, &new.contracts, &new.tokens).await
}
