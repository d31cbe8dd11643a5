//! Merchants that stand: found, and told without their secrets.

use heliu_ports::keys::SealedKey;
use heliu_ports::store::Enrolment;
use heliu_trade::id::MerchantId;
use serde_json::{Value, json};

use crate::Office;
use crate::error::OfficeError;
use crate::keys::rows_of;

pub(super) async fn find(
    office: &Office,
    merchant_id: &MerchantId,
) -> Result<Option<Enrolment>, OfficeError> {
    Ok(office.store().find_merchant(merchant_id).await?)
}

pub(crate) async fn must_find(
    office: &Office,
    merchant_id: &MerchantId,
) -> Result<Enrolment, OfficeError> {
    let found = find(office, merchant_id).await?;
    found.ok_or_else(|| OfficeError::new(format!("there is no merchant {merchant_id}")))
}

/// A merchant as the record names it.
pub(super) fn subject(merchant_id: &MerchantId) -> String {
    format!("merchant {merchant_id}")
}

/// A merchant as the record tells it.
pub(super) fn told(enrolment: &Enrolment, keys: &[SealedKey]) -> Value {
    let Enrolment {
        merchant,
        apps,
        contracts,
    } = enrolment;
    json!({ "merchant": merchant, "apps": apps, "contracts": contracts, "keys": rows_of(keys) })
}
