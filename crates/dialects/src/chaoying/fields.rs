//! Parameters with their rules: length, form, presence. Lengths count characters; values are
//! trimmed (ruling 33), and blank ones count as absent.

use heliu_trade::command::{OrderReference, Reference};
use heliu_trade::error::TradeError;
use heliu_trade::order::Attributes;
use heliu_trade::wallet::WalletKind;

use crate::form::Form;
use crate::lexical::trimmed;
use crate::parameters::{amount_fen, attributes, check_length, identifier, illegal, missing};

use super::attribute::AGENT_ID;
use super::codes;
use super::sign::SIGN;

/// Longest label: operator, shop, device, version, product, merchant and agent number.
pub(super) const LABEL_MAX: usize = 32;
/// Longest id or code that a wallet gives.
pub(super) const WALLET_ID_MAX: usize = 128;
/// Shortest and longest order number.
const ORDER_NUMBER: std::ops::RangeInclusive<usize> = 5..=32;
/// Longest refund number.
const REFUND_NUMBER_MAX: usize = 32;

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
        if let Some(text) = text {
            check_length(name, text, max)?;
        }
        Ok(text)
    }

    /// A mandatory text.
    pub(super) fn required(self, name: &str, max: usize) -> Result<&'a str, TradeError> {
        self.text(name, max)?.ok_or_else(|| missing(name))
    }

    /// An optional identifier.
    pub(super) fn identifier(self, name: &str, max: usize) -> Result<Option<&'a str>, TradeError> {
        identifier(name, self.text(name, max)?)
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
        amount_fen(name, self.any(name))
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
        attributes(names.iter().copied(), |name, max| self.text(name, max))
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

/// Parameters that every request has.
pub(super) fn is_common(name: &str) -> bool {
    matches!(name, AGENT_ID | "version" | "pid" | "nonce_str" | SIGN)
}
