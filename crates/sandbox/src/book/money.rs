//! Money: yuan as text to fen and back, and the cash/coupon split of a refund. No floating point.

/// Yuan with exactly two decimals: `12.30`.
pub(crate) fn yuan(amount_fen: i64) -> String {
    let sign = if amount_fen < 0 { "-" } else { "" };
    let amount = amount_fen.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

/// Reads yuan with at most two decimals, digits only.
pub(crate) fn parse_yuan(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 12 || fraction.len() > 2 {
        return None;
    }
    let fraction_fen: i64 = match fraction.len() {
        1 => fraction.parse::<i64>().ok()? * 10,
        _ => fraction.parse().ok()?,
    };
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(fraction_fen)
}

/// What a payment consisted of and what is left of it, in fen.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) payable_fen: i64,
    pub(crate) cash_total_fen: i64,
    pub(crate) cash_left_fen: i64,
    pub(crate) coupon_left_fen: i64,
}

/// Splits a refund into (cash, coupon) by ruling 6:
/// cash = clamp(floor(r * cash_total / payable), r - coupon_left, min(r, cash_left)).
pub(crate) fn split(refund_fen: i64, parts: Parts) -> (i64, i64) {
    let share = i128::from(refund_fen) * i128::from(parts.cash_total_fen)
        / i128::from(parts.payable_fen.max(1));
    let share = i64::try_from(share).unwrap_or(refund_fen);
    let cash = share
        .max(refund_fen - parts.coupon_left_fen)
        .min(refund_fen.min(parts.cash_left_fen));
    (cash, refund_fen - cash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_is_exact() {
        assert_eq!(yuan(1), "0.01");
        assert_eq!(yuan(8888), "88.88");
        assert_eq!(parse_yuan("88.88"), Some(8888));
        assert_eq!(parse_yuan("88.8"), Some(8880));
        assert_eq!(parse_yuan("88"), Some(8800));
        for bad in [
            "", ".5", "5.", "1.234", "-1", "+1", "1e2", " 1", "1,0", "0x1",
        ] {
            assert_eq!(parse_yuan(bad), None, "{bad}");
        }
    }

    #[test]
    fn eight_refunds_of_one_sum_up() {
        let (mut cash_left_fen, mut coupon_left_fen) = (6, 2);
        for _ in 0..8 {
            let (cash, coupon) = split(
                1,
                Parts {
                    payable_fen: 8,
                    cash_total_fen: 6,
                    cash_left_fen,
                    coupon_left_fen,
                },
            );
            cash_left_fen -= cash;
            coupon_left_fen -= coupon;
            assert!(cash >= 0 && coupon >= 0);
        }
        assert_eq!((cash_left_fen, coupon_left_fen), (0, 0));
    }
}
