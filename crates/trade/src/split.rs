//! How a refund divides between two parts of a payment, exact for every partition.

use crate::money::mul_div_floor;

/// The first part of a refund of `refund` when a payment of `whole` consisted of `part` and the
/// rest, and `part_left` and `rest_left` have not been given back yet.
///
/// `clamp(floor(refund * part / whole), refund - rest_left, min(refund, part_left))`: both parts
/// end at zero whatever the refunds are, all ones included. Source: ruling 6.
#[must_use]
pub fn part_of_refund(refund: i64, whole: i64, part: i64, part_left: i64, rest_left: i64) -> i64 {
    let most = refund.min(part_left);
    let least = (refund - rest_left).max(0);
    assert!(
        least <= most,
        "a refund of {refund} exceeds what is left: {part_left} + {rest_left}"
    );
    mul_div_floor(refund, part, whole).clamp(least, most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eight_refunds_of_one_give_back_six_cash_and_two_coupon() {
        let (mut cash_left, mut coupon_left) = (6, 2);
        for _ in 0..8 {
            let cash = part_of_refund(1, 8, 6, cash_left, coupon_left);
            cash_left -= cash;
            coupon_left -= 1 - cash;
        }
        assert_eq!((cash_left, coupon_left), (0, 0));
    }

    proptest! {
        #[test]
        fn every_partition_returns_both_parts_whole(
            cash in 0_i64..500,
            coupon in 0_i64..500,
            cuts in prop::collection::vec(1_i64..90, 1..40),
        ) {
            let whole = cash + coupon;
            prop_assume!(whole > 0);
            let (mut cash_left, mut coupon_left) = (cash, coupon);
            for cut in cuts.into_iter().chain([i64::MAX]) {
                let refund = cut.min(cash_left + coupon_left);
                if refund == 0 { break; }
                let part = part_of_refund(refund, whole, cash, cash_left, coupon_left);
                cash_left -= part;
                coupon_left -= refund - part;
                prop_assert!(cash_left >= 0 && coupon_left >= 0);
            }
            prop_assert_eq!((cash_left, coupon_left), (0, 0));
        }
    }
}
