//! An app's numbers at institutions.

use heliu_trade::directory::PartnerNumber;

use super::names::check_foreign_number;
use super::{Faults, Problem};

/// Number and app id may be empty: the contract's hold then.
#[must_use]
pub fn faults_of_partners(partners: &[PartnerNumber]) -> Faults {
    let mut faults = Faults::new();
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
    faults
}
