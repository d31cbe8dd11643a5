//! Amounts in integer minor units, currencies, and exchange rates as scaled integers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Highest amount that any wire of ours can name, in minor units: ten digits.
pub const AMOUNT_MINOR_MAX: i64 = 9_999_999_999;

/// An ISO 4217 currency code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// 人民币, the currency of the journal.
    pub const CNY: Self = Self(*b"CNY");

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

/// The text is not three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency code is three letters")]
pub struct NotACurrency;

impl FromStr for Currency {
    type Err = NotACurrency;

    /// Letters of either case.
    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| NotACurrency)?;
        if !bytes.iter().all(u8::is_ascii_alphabetic) {
            return Err(NotACurrency);
        }
        Ok(Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How a rate's number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateDirection {
    /// CNY for one unit of the foreign currency: the amount is multiplied.
    CnyPerUnit,
    /// Foreign units for one CNY: the amount is divided.
    UnitsPerCny,
}

impl RateDirection {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CnyPerUnit => "cny_per_unit",
            Self::UnitsPerCny => "units_per_cny",
        }
    }

    /// The direction of a word of [`RateDirection::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::CnyPerUnit, Self::UnitsPerCny]
            .into_iter()
            .find(|way| way.as_str() == word)
    }
}

/// An exchange rate as a scaled integer. Source: ruling 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRate {
    /// The rate times [`ExchangeRate::SCALE`]; above zero.
    pub scaled: i64,
    /// Which way it converts.
    pub direction: RateDirection,
}

impl ExchangeRate {
    /// Eight decimal places.
    pub const SCALE: i64 = 100_000_000;

    /// From decimal text above zero with at most eight places, such as `0.2028`.
    #[must_use]
    pub fn parse(text: &str, direction: RateDirection) -> Option<Self> {
        let scaled = parse_decimal(text, 8)?;
        (scaled > 0).then_some(Self { scaled, direction })
    }

    /// Fen to charge for `amount_minor` of a two-decimal currency, half rounded up; `None` if that
    /// does not fit.
    #[must_use]
    pub fn charge_fen(self, amount_minor: i64) -> Option<i64> {
        let (amount, rate, scale) = (
            i128::from(amount_minor),
            i128::from(self.scaled),
            i128::from(Self::SCALE),
        );
        let (above, below) = match self.direction {
            RateDirection::CnyPerUnit => (amount * rate, scale),
            RateDirection::UnitsPerCny => (amount * scale, rate),
        };
        if self.scaled <= 0 {
            return None;
        }
        i64::try_from((2 * above + below) / (2 * below)).ok()
    }
}

impl fmt::Display for ExchangeRate {
    /// Without trailing zeros: `0.2028`, `5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!(
            "{}.{:08}",
            self.scaled / Self::SCALE,
            self.scaled % Self::SCALE
        );
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Decimal text without sign or exponent, times ten to the `places`; `None` if it has more places,
/// is not such a number, or does not fit.
pub(crate) fn parse_decimal(text: &str, places: u32) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || text.ends_with('.') {
        return None;
    }
    let missing = places.checked_sub(u32::try_from(part.len()).ok()?)?;
    let scale = 10_i64.checked_pow(places)?;
    let part: i64 = if part.is_empty() {
        0
    } else {
        part.parse().ok()?
    };
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(scale)?
        .checked_add(part * 10_i64.pow(missing))
}

/// Yuan text such as `88.88`, `88.8` or `88` as fen; `None` for signs, exponents, a third decimal.
#[must_use]
pub fn parse_yuan(text: &str) -> Option<i64> {
    parse_decimal(text, 2)
}

/// Fen as yuan text with two decimals: 1 is `0.01`.
#[must_use]
pub fn yuan_text(amount_fen: i64) -> String {
    let sign = if amount_fen < 0 { "-" } else { "" };
    let amount = amount_fen.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

/// `floor(a * b / c)` without overflow on the way; all not negative, `c` above zero.
#[must_use]
pub fn mul_div_floor(a: i64, b: i64, c: i64) -> i64 {
    assert!(
        a >= 0 && b >= 0 && c > 0,
        "mul_div_floor takes amounts: {a} * {b} / {c}"
    );
    let wide = i128::from(a) * i128::from(b) / i128::from(c);
    i64::try_from(wide).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_text_is_exact_both_ways() {
        for (text, fen) in [
            ("0.01", 1),
            ("88.88", 8888),
            ("88.8", 8880),
            ("88", 8800),
            ("007", 700),
        ] {
            assert_eq!(parse_yuan(text), Some(fen), "{text}");
        }
        for text in [
            "",
            ".5",
            "1.",
            "1.234",
            "-1",
            "+1",
            "1e2",
            "１",
            "1,000",
            "99999999999999999999",
        ] {
            assert_eq!(parse_yuan(text), None, "{text}");
        }
        assert_eq!(yuan_text(1), "0.01");
        assert_eq!(yuan_text(-123), "-1.23");
    }

    #[test]
    fn the_charge_of_a_foreign_amount_is_rounded_half_up_once() {
        let rate = ExchangeRate::parse("0.2028", RateDirection::CnyPerUnit).expect("valid");
        assert_eq!(rate.charge_fen(10_000), Some(2028));
        assert_eq!(rate.charge_fen(2), Some(0));
        assert_eq!(rate.charge_fen(3), Some(1));
        assert_eq!(rate.to_string(), "0.2028");
        let inverse = ExchangeRate::parse("4.93", RateDirection::UnitsPerCny).expect("valid");
        assert_eq!(inverse.charge_fen(493), Some(100));
    }
}
