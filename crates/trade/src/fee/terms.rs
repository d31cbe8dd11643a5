//! What the platform keeps of a payment, and what it gives back with a refund.

use serde::{Deserialize, Serialize};

use crate::money::{mul_div_floor, parse_decimal};
use crate::wallet::Funding;

/// One million: rates are parts per million.
const PPM: i64 = 1_000_000;
/// Highest rate that anybody is asked for, in parts per million: 10 %.
pub const RATE_PPM_MAX: i64 = 100_000;
/// Parts per million in a percent have so many decimal places.
const PERCENT_PLACES: u32 = 4;

/// Why a text or a number is no fee.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeeFault {
    /// It has no percent sign, so nobody knows what it counts.
    #[error("a fee is written as a percentage{}", suggestion(.0))]
    BareNumber(String),
    /// It is no decimal number with a percent sign, or has more than four places.
    #[error("a fee is a percentage with at most four decimal places, such as 0.38%")]
    NotAPercentage,
    /// It is below nothing or above a tenth.
    #[error("a fee is 0% to 10%")]
    OutOfRange,
}

/// What somebody may have meant who wrote parts per million.
fn suggestion(text: &str) -> String {
    let ppm = text
        .parse()
        .ok()
        .filter(|ppm| (0..=RATE_PPM_MAX).contains(ppm));
    ppm.map_or_else(
        || ", such as 0.38%".to_owned(),
        |ppm| format!(": {text} parts per million are {}", rate_text(ppm)),
    )
}

/// A rate written as a percentage, `0.38%`, in parts per million.
///
/// # Errors
/// What is wrong with it.
pub fn parse_rate(text: &str) -> Result<i64, FeeFault> {
    let Some(number) = text.strip_suffix('%') else {
        return Err(FeeFault::BareNumber(text.to_owned()));
    };
    if number.starts_with('-') {
        return Err(FeeFault::OutOfRange);
    }
    let rate_ppm = parse_decimal(number, PERCENT_PLACES).ok_or(FeeFault::NotAPercentage)?;
    if rate_ppm > RATE_PPM_MAX {
        return Err(FeeFault::OutOfRange);
    }
    Ok(rate_ppm)
}

/// Parts per million as a percentage: 3800 is `0.38%`.
#[must_use]
pub fn rate_text(rate_ppm: i64) -> String {
    let (sign, rate_ppm) = (if rate_ppm < 0 { "-" } else { "" }, rate_ppm.unsigned_abs());
    let text = format!("{}.{:04}", rate_ppm / 10_000, rate_ppm % 10_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{sign}{text}%")
}

/// Whether the limits of a fee hold its fixed part too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clamp {
    /// The limits hold the whole fee: they come after the fixed part.
    #[default]
    Last,
    /// The limits hold the rate's part only; the fixed part is added to it.
    First,
}

impl Clamp {
    /// Whether it is the usual one, which stored terms leave out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(super) fn is_last(&self) -> bool {
        *self == Self::Last
    }
}

/// The terms of a fee, frozen in the attempt when it is made. Source: ruling 5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeTerms {
    /// Share of the receivable, in parts per million: 0.38 % is 3800.
    pub rate_ppm: i64,
    /// Extra share when a credit card (or an unknown card kind) paid, in parts per million.
    #[serde(default)]
    pub credit_extra_ppm: i64,
    /// Fixed part per payment, in fen.
    #[serde(default)]
    pub fixed_fen: i64,
    /// Least fee, in fen.
    #[serde(default)]
    pub min_fen: i64,
    /// Highest fee, in fen; none if absent.
    #[serde(default)]
    pub max_fen: Option<i64>,
    /// Whether the limits hold the fixed part too.
    #[serde(default, skip_serializing_if = "Clamp::is_last")]
    pub clamp: Clamp,
}

impl FeeTerms {
    /// Whether a merchant may be asked for them, whoever made them.
    ///
    /// # Errors
    /// [`FeeFault::OutOfRange`].
    pub fn check(&self) -> Result<(), FeeFault> {
        let is_rate = |ppm: i64| (0..=RATE_PPM_MAX).contains(&ppm);
        let highest = self.rate_ppm.saturating_add(self.credit_extra_ppm);
        let is_held = self.max_fen.is_none_or(|max_fen| max_fen >= self.min_fen);
        let is_within =
            is_rate(self.rate_ppm) && is_rate(self.credit_extra_ppm) && is_rate(highest);
        if is_within && self.fixed_fen >= 0 && self.min_fen >= 0 && is_held {
            return Ok(());
        }
        Err(FeeFault::OutOfRange)
    }

    /// The fee on `receivable_fen`: half a fen of the rate's part is rounded up once, the limits
    /// and the fixed part follow as `clamp` says, and it is never above the receivable itself.
    #[must_use]
    pub fn fee_fen(&self, receivable_fen: i64, funding: Funding) -> i64 {
        let exact = i128::from(receivable_fen) * i128::from(self.rate_with_extra_ppm(funding));
        let rounded = (2 * exact + i128::from(PPM)) / (2 * i128::from(PPM));
        let by_rate = i64::try_from(rounded).unwrap_or(i64::MAX);
        let max_fen = self.max_fen.unwrap_or(i64::MAX);
        let hold = |fee_fen: i64| fee_fen.max(self.min_fen).min(max_fen);
        let fee = match self.clamp {
            Clamp::Last => hold(by_rate.saturating_add(self.fixed_fen)),
            Clamp::First => hold(by_rate).saturating_add(self.fixed_fen),
        };
        fee.clamp(0, receivable_fen.max(0))
    }

    /// The rate that a payment from `funding` is charged, in parts per million: a card of unknown
    /// kind counts as credit (ruling 5).
    pub(super) fn rate_with_extra_ppm(&self, funding: Funding) -> i64 {
        let extra_ppm = match funding {
            Funding::Credit | Funding::WalletCredit | Funding::Unknown => self.credit_extra_ppm,
            Funding::Debit | Funding::Balance => 0,
        };
        self.rate_ppm.saturating_add(extra_ppm)
    }
}

/// What of a fee goes back with a refund: the floor of its share, and all that is left with the
/// refund that completes the order, which may exceed that refund (ruling 5).
#[must_use]
pub fn fee_returned_fen(
    fee_fen: i64,
    already_returned_fen: i64,
    refund_receivable_fen: i64,
    receivable_fen: i64,
    completes: bool,
) -> i64 {
    let left = fee_fen - already_returned_fen;
    if completes || receivable_fen == 0 {
        return if completes { left } else { 0 };
    }
    mul_div_floor(fee_fen, refund_receivable_fen, receivable_fen).min(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_as_a_percentage_of_nothing_to_a_tenth() {
        for (text, ppm, written) in [
            ("0%", 0, "0%"),
            ("0.38%", 3_800, "0.38%"),
            ("0.3800%", 3_800, "0.38%"),
            ("0.6%", 6_000, "0.6%"),
            ("1%", 10_000, "1%"),
            ("0.0001%", 1, "0.0001%"),
            ("10%", 100_000, "10%"),
        ] {
            assert_eq!(parse_rate(text), Ok(ppm), "{text}");
            assert_eq!(rate_text(ppm), written);
        }
        for text in [
            "3800",
            "-6000",
            "1000001",
            "9223372036854775807",
            "0.38",
            "",
            "0.38 ",
        ] {
            let fault = parse_rate(text).expect_err("no percentage");
            assert_eq!(fault, FeeFault::BareNumber(text.to_owned()));
        }
        for text in [
            "%", ".5%", "1.%", "0.00001%", "+1%", "1e0%", "０.38%", " 1%", "1 %", "0.38%%",
        ] {
            assert_eq!(parse_rate(text), Err(FeeFault::NotAPercentage), "{text}");
        }
        for text in ["10.0001%", "200%", "-0.6%"] {
            assert_eq!(parse_rate(text), Err(FeeFault::OutOfRange), "{text}");
        }
        let words = parse_rate("3800").expect_err("bare").to_string();
        assert!(
            words.ends_with("3800 parts per million are 0.38%"),
            "{words}"
        );
        let words = parse_rate("2000000").expect_err("bare").to_string();
        assert!(words.ends_with("such as 0.38%"), "{words}");
    }

    #[test]
    fn terms_that_nobody_could_mean_are_refused() {
        let fair = FeeTerms {
            rate_ppm: 3_800,
            ..FeeTerms::default()
        };
        assert_eq!(fair.check(), Ok(()));
        for unfair in [
            FeeTerms {
                rate_ppm: -1,
                ..fair
            },
            FeeTerms {
                rate_ppm: 100_001,
                ..fair
            },
            FeeTerms {
                rate_ppm: i64::MAX,
                ..fair
            },
            FeeTerms {
                credit_extra_ppm: -1,
                ..fair
            },
            FeeTerms {
                credit_extra_ppm: 99_000,
                ..fair
            },
            FeeTerms {
                fixed_fen: -1,
                ..fair
            },
            FeeTerms {
                min_fen: -1,
                ..fair
            },
            FeeTerms {
                min_fen: 5,
                max_fen: Some(4),
                ..fair
            },
        ] {
            assert_eq!(unfair.check(), Err(FeeFault::OutOfRange), "{unfair:?}");
        }
    }

    #[test]
    fn half_a_fen_rounds_up_once() {
        let terms = FeeTerms {
            rate_ppm: 5_000,
            ..FeeTerms::default()
        };
        for (receivable, fee) in [(99, 0), (100, 1), (299, 1), (300, 2), (10_000, 50)] {
            assert_eq!(
                terms.fee_fen(receivable, Funding::Balance),
                fee,
                "{receivable}"
            );
        }
    }

    #[test]
    fn bounds_and_extras_apply() {
        let terms = FeeTerms {
            rate_ppm: 3_800,
            credit_extra_ppm: 2_000,
            fixed_fen: 1,
            min_fen: 2,
            max_fen: Some(40),
            clamp: Clamp::Last,
        };
        assert_eq!(terms.fee_fen(100, Funding::Debit), 2);
        assert_eq!(terms.fee_fen(10_000, Funding::Debit), 39);
        assert_eq!(terms.fee_fen(10_000, Funding::Unknown), 40);
        assert_eq!(terms.fee_fen(1, Funding::Debit), 1);
    }

    #[test]
    fn the_fixed_part_comes_within_the_limits_or_after_them() {
        for (clamp, fee_fen) in [(Clamp::Last, 3_000), (Clamp::First, 3_100)] {
            let terms = FeeTerms {
                rate_ppm: 5_000,
                fixed_fen: 100,
                max_fen: Some(3_000),
                clamp,
                ..FeeTerms::default()
            };
            assert_eq!(terms.fee_fen(1_000_000, Funding::Balance), fee_fen);
            let stored = serde_json::to_string(&terms).expect("terms are JSON");
            assert_eq!(serde_json::from_str(&stored).ok(), Some(terms), "{stored}");
        }
    }

    #[test]
    fn any_partition_gives_the_whole_fee_back() {
        let mut returned = 0;
        for refund in 1..=100 {
            returned += fee_returned_fen(7, returned, 1, 100, refund == 100);
        }
        assert_eq!(returned, 7);
    }
}
