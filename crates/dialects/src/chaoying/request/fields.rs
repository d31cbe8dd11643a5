//! Parameters with their rules: length, form, presence. Lengths count characters; values are trimmed
//! (ruling 33), and blank ones count as absent.

use heliu_trade::command::{OrderReference, Reference};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::money::AMOUNT_MINOR_MAX;
use heliu_trade::order::Attributes;
use heliu_trade::wallet::WalletKind;

use crate::form::Form;
use crate::lexical::{digits, is_longer, is_no_identifier, trimmed};

use super::super::codes::{self, MISSING};

/// Longest label: operator, shop, device, version, product, merchant and agent number.
pub(super) const LABEL_MAX: usize = 32;
/// Longest id or code that a wallet gives.
pub(super) const WALLET_ID_MAX: usize = 128;
/// Shortest and longest order number.
const ORDER_NUMBER: std::ops::RangeInclusive<usize> = 5..=32;
/// Longest refund number.
const REFUND_NUMBER_MAX: usize = 32;
/// Digits of the highest amount.
const AMOUNT_DIGITS_MAX: usize = 10;

/// The parameters of a request.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Form);

impl<'a> Fields<'a> {
    /// An optional value of any length.
    pub(super) fn any(self, name: &str) -> Option<&'a str> {
        self.0
            .get(name)
            .map(trimmed)
            .filter(|value| !value.is_empty())
    }

    /// An optional text.
    pub(super) fn text(self, name: &str, max: usize) -> Result<Option<&'a str>, TradeError> {
        let text = self.any(name);
        if text.is_some_and(|text| is_longer(text, max)) {
            return Err(illegal(
                name,
                format!("{name} is longer than {max} characters"),
            ));
        }
        Ok(text)
    }

    /// A mandatory text.
    pub(super) fn required(self, name: &str, max: usize) -> Result<&'a str, TradeError> {
        self.text(name, max)?.ok_or_else(|| missing(name))
    }

    /// An optional identifier.
    pub(super) fn identifier(self, name: &str, max: usize) -> Result<Option<&'a str>, TradeError> {
        let text = self.text(name, max)?;
        if text.is_some_and(is_no_identifier) {
            let problem = format!("{name} must not hold &, =, quotes, backslashes or white space");
            return Err(illegal(name, problem));
        }
        Ok(text)
    }

    /// A mandatory identifier.
    pub(super) fn required_identifier(self, name: &str, max: usize) -> Result<&'a str, TradeError> {
        self.identifier(name, max)?.ok_or_else(|| missing(name))
    }

    /// The number of a new order: 5 to 32 letters, digits and underscores.
    pub(super) fn new_order_number(self) -> Result<&'a str, TradeError> {
        let name = "out_trade_no";
        let number = self.any(name).ok_or_else(|| missing(name))?;
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !ORDER_NUMBER.contains(&number.len()) || !number.bytes().all(is_ours) {
            let problem = "out_trade_no must be 5 to 32 letters, digits or underscores";
            return Err(illegal(name, problem));
        }
        Ok(number)
    }

    /// The number of a new refund.
    pub(super) fn new_refund_number(self) -> Result<&'a str, TradeError> {
        let name = "out_refund_no";
        let number = self.any(name).ok_or_else(|| missing(name))?;
        let is_ours = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*' | b'@')
        };
        if number.len() > REFUND_NUMBER_MAX || !number.bytes().all(is_ours) {
            let problem = "out_refund_no must be up to 32 letters, digits or _-|*@";
            return Err(illegal(name, problem));
        }
        Ok(number)
    }

    /// The merchant's number of an order, whatever its form: a foreign one is simply not found.
    pub(super) fn by_merchant_number(self) -> Option<Reference> {
        let number = self.any("out_trade_no")?;
        Some(Reference::Merchant(number.to_owned()))
    }

    /// Our number of an order, likewise.
    pub(super) fn by_platform_number(self) -> Option<Reference> {
        let number = self.any("transaction_id")?;
        Some(Reference::Platform(number.parse().ok()))
    }

    /// An amount in fen, from the text as it came (ruling 32).
    pub(super) fn amount(self, name: &str) -> Result<i64, TradeError> {
        let text = self.any(name).ok_or_else(|| missing(name))?;
        let amount = digits(text, AMOUNT_DIGITS_MAX).filter(|amount| *amount > 0);
        amount.ok_or_else(|| {
            let problem =
                format!("{name} must be a whole number of fen from 1 to {AMOUNT_MINOR_MAX}");
            TradeError::field(ErrorCode::InvalidAmount, name, problem)
        })
    }

    /// `paytype`, where the wallet depends on it.
    pub(super) fn wallet(self) -> Result<WalletKind, TradeError> {
        let paytype = self.required("paytype", LABEL_MAX)?;
        let problem = "paytype must be WECHAT, ALIPAY, JDPAY, QQ, UNIONPAY or BESTPAY";
        codes::wallet(paytype).ok_or_else(|| illegal("paytype", problem))
    }

    /// `paytype`, where it must be there and decides nothing.
    pub(super) fn has_wallet(self) -> Result<(), TradeError> {
        self.any("paytype")
            .map(|_| ())
            .ok_or_else(|| missing("paytype"))
    }

    /// Texts that are stored.
    pub(super) fn attributes(self, names: &[(&str, usize)]) -> Result<Attributes, TradeError> {
        let mut attributes = Attributes::new();
        for (name, max) in names {
            if let Some(text) = self.text(name, *max)? {
                attributes.insert((*name).to_owned(), text.to_owned());
            }
        }
        Ok(attributes)
    }
}

/// The first reference that is there decides (ruling 23).
pub(super) fn order_reference(
    candidates: [Option<Reference>; 2],
) -> Result<OrderReference, TradeError> {
    let candidates: Vec<Reference> = candidates.into_iter().flatten().take(1).collect();
    if candidates.is_empty() {
        return Err(missing("out_trade_no"));
    }
    Ok(OrderReference {
        candidates,
        falls_back: false,
    })
}

/// A parameter error about a field.
pub(super) fn illegal(name: &str, problem: impl Into<String>) -> TradeError {
    TradeError::field(ErrorCode::InvalidParameter, name, problem)
}

pub(super) fn missing(name: &str) -> TradeError {
    illegal(name, format!("{name} {MISSING}"))
}
