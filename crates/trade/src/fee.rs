//! 手续费: what the platform keeps of a payment, and what it gives back with a refund.

use serde::{Deserialize, Serialize};

use crate::money::mul_div_floor;
use crate::wallet::Funding;

/// One million: rates are parts per million.
const PPM: i64 = 1_000_000;

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
}

impl FeeTerms {
    /// The fee on `receivable_fen`: rate plus fixed part, half a fen rounded up once, then held between
    /// the least and the highest, and never above the receivable itself.
    #[must_use]
    pub fn fee_fen(&self, receivable_fen: i64, funding: Funding) -> i64 {
        let extra_ppm = match funding {
            Funding::Credit | Funding::WalletCredit | Funding::Unknown => self.credit_extra_ppm,
            Funding::Debit | Funding::Balance => 0,
        };
        let rate_ppm = i128::from(self.rate_ppm) + i128::from(extra_ppm);
        let exact = i128::from(receivable_fen) * rate_ppm;
        let rounded = (2 * exact + i128::from(PPM)) / (2 * i128::from(PPM));
        let fee = i64::try_from(rounded)
            .unwrap_or(i64::MAX)
            .saturating_add(self.fixed_fen);
        fee.max(self.min_fen)
            .min(self.max_fen.unwrap_or(i64::MAX))
            .clamp(0, receivable_fen.max(0))
    }
}

/// What of a fee goes back with a refund: the floor of its share, and all that is left with the refund
/// that completes the order, which may exceed that refund (ruling 5).
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
        };
        assert_eq!(terms.fee_fen(100, Funding::Debit), 2);
        assert_eq!(terms.fee_fen(10_000, Funding::Debit), 39);
        assert_eq!(terms.fee_fen(10_000, Funding::Unknown), 40);
        assert_eq!(terms.fee_fen(1, Funding::Debit), 1);
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
