//! Exchange rates.

use heliu_ports::store::DirectoryChange;
use heliu_trade::currencies::exchangeable;
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// A currency's rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateRow {
    /// The currency.
    pub currency: String,
    /// The rate, exact.
    pub rate: String,
    /// Of what it is so much, for people.
    pub unit: String,
}

/// Sets the rate for orders from now on; orders in flight keep theirs.
///
/// # Errors
/// The actor may not, or the currency or the rate is none.
pub async fn set(
    office: &Office,
    actor: &Actor,
    currency: &str,
    rate: &str,
    divides: bool,
) -> Result<RateRow, OfficeError> {
    actor.check(Permission::Configure)?;
    let currency = exchangeable(currency)
        .map_err(|fault| OfficeError::new(format!("{currency} can have no rate: {fault}")))?;
    let direction = if divides {
        RateDirection::UnitsPerCny
    } else {
        RateDirection::CnyPerUnit
    };
    let parsed = ExchangeRate::parse(rate, direction).ok_or_else(|| {
        OfficeError::new(format!(
            "{rate} is not a rate above zero with at most eight decimals"
        ))
    })?;
    let row = row_of(currency, parsed);
    write(office, actor, "rates.set", currency, Some(parsed)).await?;
    Ok(row)
}

async fn write(
    office: &Office,
    actor: &Actor,
    action: &'static str,
    currency: Currency,
    rate: Option<ExchangeRate>,
) -> Result<(), OfficeError> {
    let standing = office.store().rates().await?;
    let mut standing = standing.into_iter().filter(|(of, _)| *of == currency);
    let told = |rate: ExchangeRate| json!(row_of(currency, rate));
    let act = Act {
        action,
        subject: format!("rate {currency}"),
        before: standing.next().map(|(_, rate)| told(rate)),
        after: rate.map(told),
    };
    let change = DirectoryChange::PutRate(currency, rate);
    office.change(actor, change, act).await
}

fn row_of(currency: Currency, rate: ExchangeRate) -> RateRow {
    RateRow {
        currency: currency.to_string(),
        rate: rate.to_string(),
        unit: match rate.direction {
            RateDirection::CnyPerUnit => format!("CNY per {currency}"),
            RateDirection::UnitsPerCny => format!("{currency} per CNY"),
        },
    }
}

/// Takes no more orders in a currency. Whatever stands can be removed, also what would not be
/// written today.
///
/// # Errors
/// The actor may not, or the currency has no rate.
pub async fn remove(office: &Office, actor: &Actor, currency: &str) -> Result<String, OfficeError> {
    actor.check(Permission::Configure)?;
    let standing = office.store().rates().await?;
    let mut standing = standing.into_iter().map(|(standing, _)| standing);
    let named = currency.to_ascii_uppercase();
    let Some(currency) = standing.find(|standing| standing.as_str() == named) else {
        return Err(OfficeError::with_cure(
            format!("{currency} has no rate; nothing was changed"),
            "heliu rates list shows which currencies have one",
        ));
    };
    write(office, actor, "rates.remove", currency, None).await?;
    Ok(currency.to_string())
}

/// All rates, by currency.
///
/// # Errors
/// The books are away.
pub async fn list(office: &Office, actor: &Actor) -> Result<Vec<RateRow>, OfficeError> {
    actor.check(Permission::See)?;
    let rates = office.store().rates().await?.into_iter();
    Ok(rates
        .map(|(currency, rate)| row_of(currency, rate))
        .collect())
}

impl Row for RateRow {
    const COLUMNS: &'static [Column] = &["currency", "rate", "unit"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.currency.as_str()),
            Cell::text(self.rate.as_str()),
            Cell::text(self.unit.as_str()),
        ]
    }
}
