//! Whether one fee is below another at any amount.
//!
//! Both are compared before they are rounded. They are straight pieces then, so it is enough to
//! look at every break of either and at the slope beyond the last. Half-up keeps the order.

use super::terms::{Clamp, FeeTerms};
use crate::wallet::Funding;

const PPM: i128 = 1_000_000;

/// An amount that may lie between two fen: `over / under`, `under` above 0.
#[derive(Debug, Clone, Copy)]
struct Amount {
    over: i128,
    under: i128,
}

impl Amount {
    const fn whole(fen: i128) -> Self {
        Self {
            over: fen,
            under: 1,
        }
    }

    /// The fen at or before it.
    fn fen(self) -> i64 {
        i64::try_from(self.over.div_euclid(self.under)).unwrap_or(i64::MAX)
    }

    const fn is_within(self, from_fen: i128, to_fen: i128) -> bool {
        self.over >= from_fen * self.under && self.over <= to_fen * self.under
    }
}

/// One fee before it is rounded, for one kind of card.
struct Line {
    rate_ppm: i128,
    /// Fixed part within the limits, in fen.
    inner_fen: i128,
    /// Fixed part beyond the limits, in fen.
    outer_fen: i128,
    min_fen: i128,
    max_fen: Option<i128>,
}

impl Line {
    fn of(terms: &FeeTerms, funding: Funding) -> Self {
        let fixed_fen = i128::from(terms.fixed_fen);
        let (inner_fen, outer_fen) = match terms.clamp {
            Clamp::Last => (fixed_fen, 0),
            Clamp::First => (0, fixed_fen),
        };
        Self {
            rate_ppm: i128::from(terms.rate_with_extra_ppm(funding)),
            inner_fen,
            outer_fen,
            min_fen: i128::from(terms.min_fen),
            max_fen: terms.max_fen.map(i128::from),
        }
    }

    /// The exact fee at an amount, times a million and the amount's `under`.
    fn at(&self, amount: Amount) -> i128 {
        let scale = PPM * amount.under;
        let fee = self.rate_ppm * amount.over + self.inner_fen * scale;
        let fee = fee.max(self.min_fen * scale);
        let fee = self.max_fen.map_or(fee, |max| fee.min(max * scale));
        (fee + self.outer_fen * scale).min(amount.over * PPM)
    }

    /// Every amount at which its slope may change.
    fn breaks(&self) -> impl Iterator<Item = Amount> {
        let limits = [Some(self.min_fen), self.max_fen];
        let (rate_ppm, inner_fen) = (self.rate_ppm, self.inner_fen);
        let outer_fen = self.outer_fen;
        let by_rate = limits.into_iter().flatten().map(move |limit| Amount {
            over: (limit - inner_fen) * PPM,
            under: rate_ppm,
        });
        let by_whole = limits.into_iter().flatten();
        let by_whole = by_whole.map(move |limit| Amount::whole(limit + outer_fen));
        let crossing = Amount {
            over: (inner_fen + outer_fen) * PPM,
            under: PPM - rate_ppm,
        };
        let all = by_rate.chain(by_whole).chain([crossing]);
        all.filter(|amount| amount.under > 0)
    }
}

/// The first amount found, in fen, at which `child` is below `parent` for cards of this kind;
/// none if it is nowhere. Amounts are `from_fen` to `to_fen`, both included; no end if absent.
/// Both terms must have passed [`FeeTerms::check`].
#[must_use]
pub fn below_at_fen(
    child: &FeeTerms,
    parent: &FeeTerms,
    funding: Funding,
    from_fen: i64,
    to_fen: Option<i64>,
) -> Option<i64> {
    let (child, parent) = (Line::of(child, funding), Line::of(parent, funding));
    let from = i128::from(from_fen);
    let to = i128::from(to_fen.unwrap_or(i64::MAX));
    // Beyond the last break both are straight up to the last amount that there is.
    let ends = [Amount::whole(from), Amount::whole(to)];
    let breaks = child.breaks().chain(parent.breaks()).chain(ends);
    breaks
        .filter(|amount| amount.is_within(from, to))
        .filter(|amount| child.at(*amount) < parent.at(*amount))
        .map(Amount::fen)
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(rate_ppm: i64, fixed_fen: i64, min_fen: i64, max_fen: Option<i64>) -> FeeTerms {
        FeeTerms {
            rate_ppm,
            fixed_fen,
            min_fen,
            max_fen,
            ..FeeTerms::default()
        }
    }

    #[test]
    fn a_fee_below_its_parent_is_found_with_the_amount() {
        let cost = terms(3_000, 0, 0, None);
        for (child, to_fen, found) in [
            (terms(3_000, 0, 0, None), None, None),
            (terms(3_800, 0, 0, None), None, None),
            (terms(2_900, 0, 0, None), None, Some(i64::MAX)),
            (terms(2_900, 0, 0, None), Some(9), Some(9)),
            // 2,000 fen are less than 0.3 % from 666,667 fen on.
            (terms(3_800, 0, 0, Some(2_000)), Some(666_666), None),
            (
                terms(3_800, 0, 0, Some(2_000)),
                Some(666_667),
                Some(666_667),
            ),
            (terms(2_900, 1, 0, None), Some(10_000), None),
            (terms(2_900, 1, 0, None), Some(10_001), Some(10_001)),
        ] {
            let below = below_at_fen(&child, &cost, Funding::Balance, 0, to_fen);
            assert_eq!(below, found, "{child:?} up to {to_fen:?}");
        }
        let dear = terms(3_000, 0, 5, None);
        let below = below_at_fen(&cost, &dear, Funding::Balance, 0, None);
        assert_eq!(below, Some(5), "the least fee of the parent");
        assert_eq!(
            below_at_fen(&cost, &dear, Funding::Balance, 1_667, None),
            None
        );
    }

    #[test]
    fn a_card_kind_is_compared_by_itself() {
        let child = terms(3_800, 0, 0, None);
        let parent = FeeTerms {
            credit_extra_ppm: 1_000,
            ..child
        };
        for (funding, found) in [
            (Funding::Debit, None),
            (Funding::Balance, None),
            (Funding::Credit, Some(100)),
            (Funding::Unknown, Some(100)),
        ] {
            assert_eq!(below_at_fen(&child, &parent, funding, 0, Some(100)), found);
        }
    }

    #[test]
    fn breaks_find_whatever_a_walk_over_all_amounts_finds() {
        let mut all = Vec::new();
        for clamp in [Clamp::Last, Clamp::First] {
            for rate_ppm in [0, 3_000, 50_000, 100_000] {
                for (fixed, min, max) in
                    [(0, 0, None), (2, 0, Some(6)), (0, 3, Some(9)), (1, 3, None)]
                {
                    let terms = terms(rate_ppm, fixed, min, max);
                    all.push(FeeTerms { clamp, ..terms });
                }
            }
        }
        for (child, parent) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
            let fee_fen = |terms: &FeeTerms, fen| terms.fee_fen(fen, Funding::Debit);
            let is_below = (0..=400).any(|fen| fee_fen(child, fen) < fee_fen(parent, fen));
            let found = below_at_fen(child, parent, Funding::Debit, 0, Some(400));
            // What is below before rounding need not be below after it; never the other way.
            assert!(found.is_some() || !is_below, "{child:?} {parent:?}");
        }
    }
}
