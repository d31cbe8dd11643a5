//! Parameters with their rules: length, form, presence. Lengths count characters; values without
//! anything to read in them count as absent (ruling 69); white space around a value belongs to it.

use heliu_trade::command::{OrderReference, Reference};
use heliu_trade::error::TradeError;
use heliu_trade::order::Attributes;
use percent_encoding::percent_decode_str;

use crate::form::Form;
use crate::lexical::{is_blank, is_web_address};
use crate::parameters::{
    MISSING, amount_fen, attributes, check_length, identifier, illegal, missing,
};

use super::super::attribute;

/// Longest label: merchant number, app id, goods tag, and words that decide.
pub(super) const LABEL_MAX: usize = 32;
/// Longest number of an order or refund.
pub(super) const NUMBER_MAX: usize = 64;
/// Longest id or code that a wallet gives. The tables say 32; wallets give longer ones today.
pub(super) const WALLET_ID_MAX: usize = 128;
/// Longest `notify_url` and `jump_url`.
const ADDRESS_MAX: usize = 128;
/// Longest `attach`.
pub(super) const ATTACH_MAX: usize = 96;

/// The parameters of a request.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Form);

impl<'a> Fields<'a> {
    /// An optional value of any length.
    pub(super) fn any(self, name: &str) -> Option<&'a str> {
        self.0.get(name).filter(|value| !is_blank(value))
    }

    /// An optional text; control characters, line breaks among them, are refused, since answers and
    /// channels must carry it.
    pub(super) fn text(self, name: &str, max: usize) -> Result<Option<&'a str>, TradeError> {
        let text = self.any(name);
        if let Some(text) = text {
            check_length(name, text, max)?;
        }
        if text.is_some_and(|text| text.contains(is_control)) {
            let problem = format!("{name} must not hold control characters or line breaks");
            return Err(illegal(name, problem));
        }
        Ok(text)
    }

    /// An optional identifier.
    pub(super) fn identifier(self, name: &str, max: usize) -> Result<Option<&'a str>, TradeError> {
        identifier(name, self.text(name, max)?)
    }

    /// A mandatory identifier.
    pub(super) fn required_identifier(self, name: &str, max: usize) -> Result<&'a str, TradeError> {
        self.identifier(name, max)?.ok_or_else(|| missing(name))
    }

    /// The number of a new order or refund: 1 to 64 letters, digits, `_` and `-`.
    pub(super) fn new_number(self, name: &str) -> Result<&'a str, TradeError> {
        let number = self.any(name).ok_or_else(|| missing(name))?;
        if !is_number(number) {
            let problem = format!("{name} must be up to {NUMBER_MAX} letters, digits, _ or -");
            return Err(illegal(name, problem));
        }
        Ok(number)
    }

    /// Which order is meant: our number wins, and the first that is there decides (ruling 23). A
    /// foreign form is simply not found.
    pub(super) fn order(self) -> Option<OrderReference> {
        let ours = self
            .any(attribute::LESHUA_ORDER_ID)
            .map(|number| Reference::Platform(number.parse().ok()));
        let theirs = || {
            let number = self.any(attribute::THIRD_ORDER_ID)?;
            Some(Reference::Merchant(number.to_owned()))
        };
        Some(OrderReference {
            candidates: vec![ours.or_else(theirs)?],
            falls_back: false,
        })
    }

    /// The same, where there must be one.
    pub(super) fn required_order(self) -> Result<OrderReference, TradeError> {
        self.order().ok_or_else(no_number)
    }

    /// An amount in fen, from the text as it came (ruling 32).
    pub(super) fn amount(self, name: &str) -> Result<i64, TradeError> {
        amount_fen(name, self.any(name))
    }

    /// An http or https address, which clients may have encoded before they signed it.
    pub(super) fn address(self, name: &str) -> Result<Option<String>, TradeError> {
        let Some(text) = self.any(name) else {
            return Ok(None);
        };
        let url = decoded_again(text, &["http%3a", "https%3a"]);
        check_length(name, &url, ADDRESS_MAX)?;
        if !is_web_address(&url) {
            let problem = format!("{name} must be an http or https address");
            return Err(illegal(name, problem));
        }
        Ok(Some(url))
    }

    /// Texts that are stored.
    pub(super) fn attributes(self, names: &[(&str, usize)]) -> Result<Attributes, TradeError> {
        attributes(names.iter().copied(), |name, max| self.text(name, max))
    }
}

/// Neither of the numbers that could name an order, or a refund, is there.
pub(super) fn no_number() -> TradeError {
    let name = attribute::LESHUA_ORDER_ID;
    let other = attribute::THIRD_ORDER_ID;
    illegal(name, format!("{name} or {other} {MISSING}"))
}

/// A value decoded once more if it begins with one of these, which are in lower case.
pub(super) fn decoded_again(text: &str, encoded: &[&str]) -> String {
    let begins = |prefix: &&str| {
        let head = text.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if !encoded.iter().any(begins) {
        return text.to_owned();
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map_or_else(|_| text.to_owned(), |decoded| decoded.into_owned())
}

/// Whether a text has the form of a merchant's number.
pub(super) fn is_number(text: &str) -> bool {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=NUMBER_MAX).contains(&text.len()) && text.bytes().all(is_ours)
}

/// Control characters, and what no XML document may hold.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}')
}
