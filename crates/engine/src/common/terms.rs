//! How owners are settled.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::TradeError;
use heliu_trade::followup::subject::Owner;
use heliu_trade::settlement_terms::{OwnerTerms, SettlementTerms};

use super::records::find;
use crate::Inner;

/// The terms that hold for an owner and a trade date.
pub(crate) async fn terms_of(
    inner: &Inner,
    owner: &Owner,
    date: BusinessDate,
) -> Result<SettlementTerms, TradeError> {
    let terms: Option<OwnerTerms> = find(inner, OwnerTerms::want(owner)).await?;
    let version = terms.as_ref().and_then(|terms| terms.at(date));
    Ok(version.map_or_else(SettlementTerms::default, |version| version.terms.clone()))
}
