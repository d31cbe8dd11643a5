//! Merchants of the demonstration.

use heliu_trade::id::MerchantId;

use super::change::{MerchantChange, set};
use super::enrol::{NewMerchant, add};
use super::standing::find;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;

/// Adds a merchant of the demonstration, or gives one that stands its contracts anew; the rest of
/// it stays.
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
    let change = MerchantChange {
        merchant_id: new.merchant_id,
        contracts: new.contracts,
        tokens: new.tokens,
        priorities: new.priorities,
        ..MerchantChange::default()
    };
    set(office, actor, change).await?;
    Ok(())
}
