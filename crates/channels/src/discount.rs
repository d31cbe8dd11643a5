//! Divides what an order cost into cash and discounts that add up.

/// The parts of a payable amount, in fen; they add up to it and none is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// What the payer paid.
    pub(crate) cash_fen: i64,
    /// What the merchant gave up.
    pub(crate) merchant_fen: i64,
    /// What the channel or the platform paid.
    pub(crate) channel_fen: i64,
}

/// Divides `payable_fen`. Cash is believed first, as far as it fits; the merchant's part next; the
/// rest is the channel's, so that a contradictory report cannot break the sum.
pub(crate) fn divide(payable_fen: i64, cash_fen: i64, merchant_fen: i64) -> Parts {
    let cash_fen = cash_fen.clamp(0, payable_fen.max(0));
    let merchant_fen = merchant_fen.clamp(0, payable_fen - cash_fen);
    Parts {
        cash_fen,
        merchant_fen,
        channel_fen: payable_fen - cash_fen - merchant_fen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_always_add_up() {
        for (payable, cash, merchant, expected) in [
            (100, 100, 0, (100, 0, 0)),
            (100, 90, 10, (90, 10, 0)),
            (100, 90, 0, (90, 0, 10)),
            (100, 90, 4, (90, 4, 6)),
            (100, 90, 50, (90, 10, 0)),
            (100, 120, 50, (100, 0, 0)),
            (100, -5, -5, (0, 0, 100)),
        ] {
            let parts = divide(payable, cash, merchant);
            assert_eq!(
                (parts.cash_fen, parts.merchant_fen, parts.channel_fen),
                expected
            );
        }
    }
}
