//! Merchants of the demonstration.

use heliu_trade::directory::Contract;
use heliu_trade::id::MerchantId;

use super::change::{MerchantChange, set};
use super::enrol::{NewMerchant, add};
use super::standing::find;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;

/// Adds a merchant of the demonstration, or gives one that stands its contracts anew; their fees
/// and the rest of it stay.
///
/// # Errors
/// Something of it is wrong, or the books are away.
pub async fn sow(office: &Office, actor: &Actor, new: NewMerchant) -> Result<(), OfficeError> {
    let merchant_id = MerchantId::from(new.merchant_id.as_str());
    let mut standing = find(office, &merchant_id).await?;
    if standing.is_none() {
        let added = add(office, actor, new.clone()).await;
        // Another node may have been first.
        standing = find(office, &merchant_id).await?;
        if added.is_ok() || standing.is_none() {
            return added.map(|_| ());
        }
    }
    let standing = standing.map(|standing| standing.contracts);
    let standing = standing.unwrap_or_default();
    let mut contracts = new.contracts;
    for contract in &mut contracts {
        let (wallet, account) = (&contract.wallet, &contract.channel_account_id);
        let is_same = |of: &Contract| {
            of.wallet.as_str() == wallet && of.channel_account_id.as_str() == account
        };
        if standing.iter().any(is_same) {
            contract.fee.clear();
        }
    }
    let change = MerchantChange {
        merchant_id: new.merchant_id,
        contracts,
        tokens: new.tokens,
        priorities: new.priorities,
        ..MerchantChange::default()
    };
    set(office, actor, change).await?;
    Ok(())
}
