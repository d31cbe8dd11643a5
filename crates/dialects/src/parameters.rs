//! Rules that wires have alike for what a request names: presence, length, form. Lengths count
//! characters.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::money::AMOUNT_MINOR_MAX;
use heliu_trade::order::Attributes;

use crate::lexical::{digits, is_longer, is_no_identifier};

/// Ends the sentence about what is not there: some wires word it differently from what is
/// malformed.
pub(crate) const MISSING: &str = "is missing or empty";
/// Digits of the highest amount.
pub(crate) const AMOUNT_DIGITS_MAX: usize = 10;

/// A parameter error about a field.
pub(crate) fn illegal(name: &str, problem: impl Into<String>) -> TradeError {
    TradeError::field(ErrorCode::InvalidParameter, name, problem)
}

/// The error about a field that is not there.
pub(crate) fn missing(name: &str) -> TradeError {
    illegal(name, format!("{name} {MISSING}"))
}

/// Refuses what is longer than `max` characters.
pub(crate) fn check_length(name: &str, text: &str, max: usize) -> Result<(), TradeError> {
    if is_longer(text, max) {
        let problem = format!("{name} is longer than {max} characters");
        return Err(illegal(name, problem));
    }
    Ok(())
}

/// An optional identifier, whose length is known to be right.
pub(crate) fn identifier<T: AsRef<str>>(
    name: &str,
    text: Option<T>,
) -> Result<Option<T>, TradeError> {
    if text
        .as_ref()
        .is_some_and(|text| is_no_identifier(text.as_ref()))
    {
        let problem = format!("{name} must not hold &, =, quotes, backslashes or white space");
        return Err(illegal(name, problem));
    }
    Ok(text)
}

/// A mandatory amount in fen, from the text as it came (ruling 32).
pub(crate) fn amount_fen(name: &str, text: Option<&str>) -> Result<i64, TradeError> {
    let text = text.ok_or_else(|| missing(name))?;
    let amount = digits(text, AMOUNT_DIGITS_MAX).filter(|amount| *amount > 0);
    amount.ok_or_else(|| {
        let problem = format!("{name} must be a whole number of fen from 1 to {AMOUNT_MINOR_MAX}");
        TradeError::field(ErrorCode::InvalidAmount, name, problem)
    })
}

/// Texts that are stored, by their names and greatest lengths; `text` reads one of them.
pub(crate) fn attributes<'n, T: Into<String>>(
    names: impl IntoIterator<Item = (&'n str, usize)>,
    text: impl Fn(&str, usize) -> Result<Option<T>, TradeError>,
) -> Result<Attributes, TradeError> {
    let mut attributes = Attributes::new();
    for (name, max) in names {
        if let Some(text) = text(name, max)? {
            attributes.insert(name.to_owned(), text.into());
        }
    }
    Ok(attributes)
}
