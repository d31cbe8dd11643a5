//! 分润: what each agent above a merchant gets of a fee, and gives back of it with a refund.

use std::fmt;

use crate::parties::LEVELS_MAX;

/// The agents' parts and the platform's.
const PARTS_MAX: usize = LEVELS_MAX + 1;

/// Why a fee can't be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareFault {
    /// More agents than a tree may have levels.
    #[error("a merchant has at most {LEVELS_MAX} levels of agents above it")]
    TooManyLevels,
    /// A fee is below the cost of the level above, or below nothing.
    #[error("the fee of level {level} is below the cost of the level above it")]
    BelowParent {
        /// 0 is the merchant, 1 the agent nearest to it.
        level: usize,
    },
    /// More is to go back than is left, or less than nothing.
    #[error("{asked_fen} fen of a fee can't go back: {left_fen} are left")]
    MoreThanLeft {
        /// What was to go back, in fen.
        asked_fen: i64,
        /// What is left of all parts, in fen.
        left_fen: i64,
    },
}

/// The parts of one fee in fen: the agents', the nearest to the merchant first, then the
/// platform's. Their sum is the fee. Nothing here is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    parts_fen: [i64; PARTS_MAX],
    level_count: usize,
}

impl Shares {
    /// The parts of `fee_fen` where the agents' own costs are `costs_fen`, the nearest to the
    /// merchant first: each level gets the difference to the level above, the platform the rest,
    /// and pays the channel out of it. Source: R2 of the rules on fees.
    ///
    /// # Errors
    /// Too many levels, or a level below the one above it.
    pub fn of(fee_fen: i64, costs_fen: &[i64]) -> Result<Self, ShareFault> {
        if costs_fen.len() > LEVELS_MAX {
            return Err(ShareFault::TooManyLevels);
        }
        let mut parts_fen = [0; PARTS_MAX];
        let mut below_fen = fee_fen;
        let above = costs_fen.iter().copied().chain([0]);
        for (level, (part_fen, cost_fen)) in parts_fen.iter_mut().zip(above).enumerate() {
            if cost_fen < 0 || below_fen < cost_fen {
                return Err(ShareFault::BelowParent { level });
            }
            *part_fen = below_fen - cost_fen;
            below_fen = cost_fen;
        }
        let level_count = costs_fen.len();
        Ok(Self {
            parts_fen,
            level_count,
        })
    }

    /// The same of costs that nobody has compared: one above what is left below it counts as that,
    /// and levels beyond those that a tree may have do not count.
    #[must_use]
    pub fn held(fee_fen: i64, costs_fen: impl Iterator<Item = i64>) -> Self {
        let mut parts_fen = [0; PARTS_MAX];
        let (mut below_fen, mut level_count) = (fee_fen.max(0), 0);
        for (part_fen, cost_fen) in parts_fen.iter_mut().zip(costs_fen).take(LEVELS_MAX) {
            let cost_fen = cost_fen.clamp(0, below_fen);
            *part_fen = below_fen - cost_fen;
            below_fen = cost_fen;
            level_count += 1;
        }
        if let Some(part_fen) = parts_fen.get_mut(level_count) {
            *part_fen = below_fen;
        }
        Self {
            parts_fen,
            level_count,
        }
    }

    /// What is left of every part once the agents gave back `returned` of `total_fen` in all.
    #[must_use]
    pub fn left(&self, returned: ShareReturns, total_fen: i64) -> Self {
        let mut left = *self;
        for (part_fen, back_fen) in left.parts_fen.iter_mut().zip(returned.0) {
            *part_fen -= back_fen;
        }
        if let Some(part_fen) = left.parts_fen.get_mut(self.level_count) {
            *part_fen -= total_fen - returned.0.iter().sum::<i64>();
        }
        left
    }

    /// The agents' parts, the nearest to the merchant first.
    #[must_use]
    pub fn agents_fen(&self) -> &[i64] {
        self.parts_fen.get(..self.level_count).unwrap_or_default()
    }

    /// The agents' parts, the nearest to the merchant first, and the platform's last.
    #[must_use]
    pub fn parts_fen(&self) -> &[i64] {
        self.parts_fen.get(..=self.level_count).unwrap_or_default()
    }

    /// The sum of all parts: the fee, or what is left of it.
    #[must_use]
    pub fn total_fen(&self) -> i64 {
        self.parts_fen.iter().sum()
    }

    /// What each part gives back of `returned_fen`, where `self` is what is left of every part:
    /// the floor of its proportion. Missing fen go one each to the greatest remainders, of equal
    /// ones to the nearest to the merchant. Source: R4 of the rules on fees.
    ///
    /// # Errors
    /// [`ShareFault::MoreThanLeft`].
    pub fn give_back(&self, returned_fen: i64) -> Result<Self, ShareFault> {
        let left_fen = self.total_fen();
        if !(0..=left_fen).contains(&returned_fen) {
            return Err(ShareFault::MoreThanLeft {
                asked_fen: returned_fen,
                left_fen,
            });
        }
        let whole = i128::from(left_fen).max(1);
        let mut back = *self;
        let mut remainders = [0_i128; PARTS_MAX];
        for (part_fen, remainder) in back.parts_fen.iter_mut().zip(&mut remainders) {
            let exact = i128::from(*part_fen) * i128::from(returned_fen);
            *remainder = exact % whole;
            // It is at most the part itself, since no more goes back than is left.
            *part_fen = i64::try_from(exact / whole).unwrap_or(*part_fen);
        }
        for _ in back.total_fen()..returned_fen {
            let parts = back.parts_fen.iter_mut().zip(&mut remainders).rev();
            if let Some((part_fen, remainder)) = parts.max_by_key(|(_, remainder)| **remainder) {
                *part_fen += 1;
                *remainder = 0;
            }
        }
        Ok(back)
    }

    /// What is left of every part once `back` was given back.
    #[must_use]
    pub fn less(&self, back: &Self) -> Self {
        let mut left = *self;
        for (part_fen, back_fen) in left.parts_fen.iter_mut().zip(back.parts_fen) {
            *part_fen -= back_fen;
        }
        left
    }
}

/// What agents have given back of their parts of an order's fee, the nearest to the merchant first,
/// in fen. The platform has given back the rest of the fee that went back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShareReturns([i64; LEVELS_MAX]);

impl ShareReturns {
    /// By level, the nearest to the merchant first; of levels that are not there it is 0.
    #[must_use]
    pub const fn parts_fen(&self) -> &[i64; LEVELS_MAX] {
        &self.0
    }

    /// Takes in what agents give back with one refund.
    pub fn add(&mut self, back: &Shares) {
        for (part_fen, back_fen) in self.0.iter_mut().zip(back.agents_fen()) {
            *part_fen += back_fen;
        }
    }

    /// From the text that it is written as; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut returns = Self::default();
        let parts = text.split('/').filter(|_| !text.is_empty());
        for (index, part) in parts.enumerate() {
            *returns.0.get_mut(index)? = part.parse().ok().filter(|fen| *fen >= 0)?;
        }
        Some(returns)
    }
}

impl fmt::Display for ShareReturns {
    /// `4/3`; nothing if nothing went back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.iter().rposition(|fen| *fen != 0);
        for (index, fen) in self.0.iter().enumerate() {
            if last.is_some_and(|last| index <= last) {
                write!(f, "{}{fen}", if index == 0 { "" } else { "/" })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fee::{FeeTerms, fee_returned_fen};
    use crate::wallet::Funding;

    fn shares_at(receivable_fen: i64) -> Shares {
        let [fee, near, far] = [3_800, 3_000, 2_500].map(|rate_ppm| {
            let terms = FeeTerms {
                rate_ppm,
                ..FeeTerms::default()
            };
            terms.fee_fen(receivable_fen, Funding::Balance)
        });
        Shares::of(fee, &[near, far]).expect("costs fall")
    }

    #[test]
    fn each_level_gets_the_difference_to_the_level_above() {
        for (receivable_fen, parts_fen) in [
            (150, [1, 0, 0]),
            (500, [0, 1, 1]),
            (10_000, [8, 5, 25]),
            (12_345, [10, 6, 31]),
        ] {
            assert_eq!(shares_at(receivable_fen).parts_fen(), parts_fen);
        }
    }

    #[test]
    fn a_returned_fee_is_shared_over_what_is_left() {
        let mut left = shares_at(12_345);
        let mut returned_fen = 0;
        for (refund_fen, fee_fen, parts_fen, completes) in [
            (3_333, 12, [3, 1, 8], false),
            (4_000, 15, [3, 2, 10], false),
            (5_012, 20, [4, 3, 13], true),
        ] {
            let part_fen = fee_returned_fen(47, returned_fen, refund_fen, 12_345, completes);
            assert_eq!(part_fen, fee_fen);
            let back = left.give_back(fee_fen).expect("so much is left");
            assert_eq!(back.parts_fen(), parts_fen);
            left = left.less(&back);
            returned_fen += fee_fen;
        }
        assert_eq!(left.parts_fen(), [0, 0, 0]);
    }

    #[test]
    fn of_equal_remainders_the_nearest_to_the_merchant_gives_first() {
        let equal = Shares::of(3, &[2, 1]).expect("costs fall");
        for (returned_fen, parts_fen) in [(0, [0, 0, 0]), (1, [1, 0, 0]), (2, [1, 1, 0])] {
            let back = equal.give_back(returned_fen).expect("so much is left");
            assert_eq!(back.parts_fen(), parts_fen);
        }
    }

    #[test]
    fn what_can_not_be_shared_is_refused() {
        for (fee_fen, costs_fen, fault) in [
            (2, &[3][..], ShareFault::BelowParent { level: 0 }),
            (3, &[2, 3], ShareFault::BelowParent { level: 1 }),
            (3, &[2, -1], ShareFault::BelowParent { level: 1 }),
            (-1, &[], ShareFault::BelowParent { level: 0 }),
            (9, &[1; 6], ShareFault::TooManyLevels),
        ] {
            assert_eq!(Shares::of(fee_fen, costs_fen), Err(fault));
        }
        for asked_fen in [-1, 48] {
            let fault = ShareFault::MoreThanLeft {
                asked_fen,
                left_fen: 47,
            };
            assert_eq!(shares_at(12_345).give_back(asked_fen), Err(fault));
        }
    }

    #[test]
    fn what_went_back_is_written_by_level() {
        let whole = shares_at(12_345);
        let mut returns = ShareReturns::default();
        assert_eq!(returns.to_string(), "");
        returns.add(&whole.give_back(12).expect("so much is left"));
        assert_eq!(returns.to_string(), "3/1");
        assert_eq!(whole.left(returns, 12).parts_fen(), [7, 5, 23]);
        for text in ["", "3/1", "0/0/2", "1/1/1/1/1"] {
            let read = ShareReturns::parse(text).map(|returns| returns.to_string());
            assert_eq!(read.as_deref(), Some(text));
        }
        for text in ["1/1/1/1/1/1", "-1", "1/", "x"] {
            assert_eq!(ShareReturns::parse(text), None, "{text}");
        }
    }

    #[test]
    fn costs_that_nobody_compared_leave_no_part_below_nothing() {
        for (fee_fen, costs_fen, parts_fen) in [
            (47, &[37, 31][..], &[10, 6, 31][..]),
            (47, &[50, 31], &[0, 16, 31]),
            (47, &[31, 37], &[16, 0, 31]),
            (47, &[-1], &[47, 0]),
            (47, &[], &[47]),
            (9, &[1; 6], &[8, 0, 0, 0, 0, 1]),
        ] {
            let held = Shares::held(fee_fen, costs_fen.iter().copied());
            assert_eq!(held.parts_fen(), parts_fen, "{fee_fen} {costs_fen:?}");
            assert_eq!(held.total_fen(), fee_fen);
        }
    }

    #[test]
    fn no_order_returns_more_of_a_part_than_it_got() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = |bound: i64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            i64::try_from(state >> 1).unwrap_or(0) % bound
        };
        for order in 0..200_000 {
            let mut costs_fen = [0; LEVELS_MAX];
            let fee_fen = below(2_000);
            let level_count = usize::try_from(below(6)).unwrap_or(0);
            let mut cost_fen = fee_fen;
            for cost in &mut costs_fen {
                cost_fen = below(cost_fen + 1);
                *cost = cost_fen;
            }
            let shares = Shares::of(fee_fen, &costs_fen[..level_count]).expect("costs fall");
            assert_eq!(shares.total_fen(), fee_fen, "order {order}");
            let mut left = shares;
            while left.total_fen() > 0 {
                let returned_fen = 1 + below(left.total_fen());
                let back = left.give_back(returned_fen).expect("so much is left");
                assert_eq!(back.total_fen(), returned_fen, "order {order}");
                assert!(back.parts_fen().iter().all(|fen| *fen >= 0), "{back:?}");
                left = left.less(&back);
                assert!(left.parts_fen().iter().all(|fen| *fen >= 0), "{left:?}");
            }
            assert!(left.parts_fen().iter().all(|fen| *fen == 0), "{left:?}");
        }
    }
}
