//! Merchants that stand: found, and told without their secrets.

use heliu_engine::enrolment::names::check_foreign_number;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::keys::SealedKey;
use heliu_ports::store::Enrolment;
use heliu_trade::directory::PartnerNumber;
use heliu_trade::id::MerchantId;
use serde_json::{Value, json};

use crate::Office;
use crate::error::OfficeError;
use crate::keys::rows_of;

pub(super) async fn find(
    office: &Office,
    merchant_id: &MerchantId,
) -> Result<Option<Enrolment>, OfficeError> {
    let all = office.store().list_merchants().await?;
    Ok(all
        .into_iter()
        .find(|enrolment| enrolment.merchant.merchant_id == *merchant_id))
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

/// What is wrong with numbers at institutions. Number and app id may be empty: the contract's hold
/// then.
pub(super) fn note_partners(partners: &[PartnerNumber], faults: &mut Faults) {
    for (index, partner) in partners.iter().enumerate() {
        let field = format!("partner {}", partner.institution);
        faults.note(&field, check_foreign_number(&partner.institution));
        for (what, text) in [("number", &partner.partner_id), ("app id", &partner.app_id)] {
            if !text.is_empty() {
                faults.note(&format!("{field}: {what}"), check_foreign_number(text));
            }
        }
        if partners.iter().take(index).any(|other| other == partner) {
            faults.add(field, Problem::Twice);
        }
    }
}
