//! Members with their rules: length, form, presence. Lengths count characters.

use std::borrow::Cow;

use heliu_trade::command::{OrderReference, Reference};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::money::{AMOUNT_MINOR_MAX, Currency};
use heliu_trade::order::Attributes;
use heliu_trade::wallet::WalletKind;

use crate::lexical::digits;
use crate::parameters::{
    AMOUNT_DIGITS_MAX, attributes, check_length, identifier, illegal, missing,
};

use super::super::members::{Members, NoText};
use super::super::{attribute, codes};

/// Longest `operator_id`, `terminal_id` and `store_id`.
pub(super) const LABEL_MAX: usize = 32;
/// Longest `pay_subject`.
pub(super) const SUBJECT_MAX: usize = 100;
/// Longest number of the merchant's or of ours; the tables say 32 or 50, their samples have 36.
const NUMBER_MAX: usize = 64;

/// The members of a request.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Members<'a>);

impl<'a> Fields<'a> {
    /// An optional text; null and empty count as absent.
    pub(super) fn text(self, name: &str, max: usize) -> Result<Option<Cow<'a, str>>, TradeError> {
        let text = self.0.text(name).map_err(|why| no_text(name, why))?;
        if let Some(text) = &text {
            check_length(name, text, max)?;
        }
        Ok(text)
    }

    /// A mandatory text.
    pub(super) fn required(self, name: &str, max: usize) -> Result<Cow<'a, str>, TradeError> {
        self.text(name, max)?.ok_or_else(|| missing(name))
    }

    /// An optional identifier.
    pub(super) fn identifier(
        self,
        name: &str,
        max: usize,
    ) -> Result<Option<Cow<'a, str>>, TradeError> {
        identifier(name, self.text(name, max)?)
    }

    /// A mandatory identifier.
    pub(super) fn required_identifier(
        self,
        name: &str,
        max: usize,
    ) -> Result<Cow<'a, str>, TradeError> {
        self.identifier(name, max)?.ok_or_else(|| missing(name))
    }

    /// A number that the merchant gave: 1 to 64 of `A-Z a-z 0-9 _ -`.
    pub(super) fn number(self, name: &str) -> Result<Option<Cow<'a, str>>, TradeError> {
        let text = self.text(name, NUMBER_MAX)?;
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.as_ref().is_some_and(|text| !text.bytes().all(is_ours)) {
            let problem = format!("{name} may hold letters, digits, _ and - only");
            return Err(illegal(name, problem));
        }
        Ok(text)
    }

    /// A mandatory number of the merchant's.
    pub(super) fn required_number(self, name: &str) -> Result<Cow<'a, str>, TradeError> {
        self.number(name)?.ok_or_else(|| missing(name))
    }

    /// `trade_no` or `out_trade_no`; the first wins, the second counts only if the first is absent,
    /// or unknown where `falls_back`. What does not count is not checked.
    pub(super) fn order(self, falls_back: bool) -> Result<OrderReference, TradeError> {
        let mut candidates = Vec::with_capacity(2);
        if let Some(trade_no) = self.text("trade_no", NUMBER_MAX)? {
            candidates.push(Reference::Platform(trade_no.parse().ok()));
        }
        if candidates.is_empty() || falls_back {
            let number = self.number("out_trade_no")?;
            candidates.extend(number.map(|number| Reference::Merchant(number.into_owned())));
        }
        if candidates.is_empty() {
            let problem = "out_trade_no is missing: give out_trade_no or trade_no";
            return Err(illegal("out_trade_no", problem));
        }
        Ok(OrderReference {
            candidates,
            falls_back,
        })
    }

    /// An amount in minor units, from the raw text (ruling 32).
    pub(super) fn amount(self, name: &str) -> Result<i64, TradeError> {
        let wrong = || {
            let problem = format!(
                "{name} must be a whole number from 1 to {AMOUNT_MINOR_MAX}, in the smallest unit"
            );
            TradeError::field(ErrorCode::InvalidAmount, name, problem)
        };
        let text = match self.0.text(name) {
            Ok(text) => text.ok_or_else(|| missing(name))?,
            Err(NoText::Compound) => return Err(wrong()),
            Err(why) => return Err(no_text(name, why)),
        };
        digits(&text, AMOUNT_DIGITS_MAX)
            .filter(|amount| *amount > 0)
            .ok_or_else(wrong)
    }

    /// A mandatory amount is there at all: told before anything about its value.
    pub(super) fn requires(self, name: &str) -> Result<(), TradeError> {
        match self.0.text(name) {
            Ok(None) => Err(missing(name)),
            Ok(Some(_)) | Err(_) => Ok(()),
        }
    }

    /// `fee_type`: absent or empty is CNY.
    pub(super) fn currency(self) -> Result<Currency, TradeError> {
        let Some(text) = self.text("fee_type", LABEL_MAX)? else {
            return Ok(Currency::CNY);
        };
        let problem = "fee_type must be a currency code of three letters, such as CNY";
        text.parse().map_err(|_| illegal("fee_type", problem))
    }

    /// `channel_type`: the wallet, or `None` for "0".
    pub(super) fn wallet(self) -> Result<Option<WalletKind>, TradeError> {
        let text = self.required("channel_type", LABEL_MAX)?;
        let problem = "channel_type must be 0 (automatic), 1 (Alipay) or 2 (WeChat)";
        codes::wallet(&text).ok_or_else(|| illegal("channel_type", problem))
    }

    /// `time_zone`, whether or not it can be understood.
    pub(super) fn time_zone(self) -> Result<Option<Cow<'a, str>>, TradeError> {
        self.text(attribute::TIME_ZONE, 64)
    }

    /// Texts that are stored and come back.
    pub(super) fn attributes(self, names: &[&str]) -> Result<Attributes, TradeError> {
        let length_max = |name: &str| match name {
            attribute::MERCHANT_PARAM => 127,
            attribute::TIME_ZONE => 64,
            _ => LABEL_MAX,
        };
        let names = names.iter().map(|name| (*name, length_max(name)));
        attributes(names, |name, max| self.text(name, max))
    }

    /// What refund, cancel, close and refund query must say beside their numbers: who does it, and
    /// where (mandatory as printed), and a zone if there is one.
    pub(super) fn actor(self) -> Result<Attributes, TradeError> {
        self.required(attribute::OPERATOR_ID, LABEL_MAX)?;
        self.required(attribute::TERMINAL_ID, LABEL_MAX)?;
        self.attributes(&[
            attribute::OPERATOR_ID,
            attribute::TERMINAL_ID,
            attribute::TIME_ZONE,
        ])
    }
}
fn no_text(name: &str, why: NoText) -> TradeError {
    let problem = match why {
        NoText::Compound => "must be a text, not an object or array",
        NoText::BadEscape => "holds half a surrogate pair",
        NoText::Nul => "must not hold U+0000",
    };
    illegal(name, format!("{name} {problem}"))
}
