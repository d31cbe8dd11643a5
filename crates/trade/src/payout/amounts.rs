//! What a bill pays (rules R6 and R7). Pure arithmetic, in fen.

use serde::{Deserialize, Serialize};

use crate::settlement_terms::SettlementTerms;

/// A rate of one, in ppm.
const WHOLE_PPM: i64 = 1_000_000;

/// What a bill pays, in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// What is due to the owner: its settlements less the fee.
    pub plan_fen: i64,
    /// What of it is held back.
    pub suspend_fen: i64,
    /// What is sent: plan less suspend.
    pub real_fen: i64,
    /// What the bill costs its owner; already taken off the plan. Zero where it replaces another.
    pub fee_fen: i64,
    /// The part of what is held back that is a reserve (保证金).
    pub reserve_fen: i64,
}

/// What comes of an owner's settlements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// No bill: the next one takes them along (结转).
    CarriedOn(Carry),
    /// A bill, and what it fills of each hold.
    Bill {
        /// What it pays.
        amounts: Amounts,
        /// For each hold, in its order, what is taken for it, in fen.
        fills_fen: Vec<i64>,
    },
}

/// Why there is no bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carry {
    /// The settlements come to nothing, or to a debt.
    NothingDue,
    /// Less than the owner's terms ask for.
    BelowMinimum,
    /// What the holds leave does not pay the bill's fee.
    FeeNotCovered,
}

impl Carry {
    /// The word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingDue => "nothing is due",
            Self::BelowMinimum => "below the minimum",
            Self::FeeNotCovered => "what holds leave does not pay the fee",
        }
    }
}

/// Plans the bill of settlements that come to `net_fen`. `wanted_fen` is what each hold still
/// wants, oldest first; [`i64::MAX`] takes all there is.
#[must_use]
pub fn plan(net_fen: i64, terms: &SettlementTerms, wanted_fen: &[i64]) -> Plan {
    let plan_fen = net_fen - terms.payout_fee_fen;
    if plan_fen <= 0 {
        return Plan::CarriedOn(Carry::NothingDue);
    }
    if plan_fen < terms.minimum_fen {
        return Plan::CarriedOn(Carry::BelowMinimum);
    }
    let with_fee = held_back(plan_fen, terms, wanted_fen);
    if with_fee.0.real_fen > 0 {
        let (amounts, fills_fen) = with_fee;
        let fee_fen = terms.payout_fee_fen;
        let amounts = Amounts { fee_fen, ..amounts };
        return Plan::Bill { amounts, fills_fen };
    }
    // A bill that sends nothing is frozen, and costs nothing.
    let (amounts, fills_fen) = held_back(net_fen, terms, wanted_fen);
    if amounts.real_fen > 0 {
        return Plan::CarriedOn(Carry::FeeNotCovered);
    }
    Plan::Bill { amounts, fills_fen }
}

/// What of a plan is held back: for the holds in their order, then as a reserve, never more than
/// there is.
fn held_back(plan_fen: i64, terms: &SettlementTerms, wanted_fen: &[i64]) -> (Amounts, Vec<i64>) {
    let mut left_fen = plan_fen;
    let mut take = |wanted_fen: i64| {
        let taken_fen = wanted_fen.clamp(0, left_fen);
        left_fen -= taken_fen;
        taken_fen
    };
    let fills_fen = wanted_fen.iter().map(|wanted| take(*wanted)).collect();
    let reserve_fen = take(reserve_fen(plan_fen, terms.reserve_ppm));
    let amounts = Amounts {
        plan_fen,
        suspend_fen: plan_fen - left_fen,
        real_fen: left_fen,
        fee_fen: 0,
        reserve_fen,
    };
    (amounts, fills_fen)
}

/// What of a plan is kept back for a time: rounded down.
#[must_use]
pub fn reserve_fen(plan_fen: i64, reserve_ppm: u32) -> i64 {
    let exact = i128::from(plan_fen) * i128::from(reserve_ppm) / i128::from(WHOLE_PPM);
    i64::try_from(exact).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn terms(fee_fen: i64, minimum_fen: i64, reserve_ppm: u32) -> SettlementTerms {
        SettlementTerms {
            minimum_fen,
            payout_fee_fen: fee_fen,
            reserve_ppm,
            ..SettlementTerms::default()
        }
    }

    fn bill(plan_fen: i64, suspend_fen: i64, fee_fen: i64, reserve_fen: i64) -> Amounts {
        Amounts {
            plan_fen,
            suspend_fen,
            real_fen: plan_fen - suspend_fen,
            fee_fen,
            reserve_fen,
        }
    }

    #[test]
    fn bills_are_as_the_rules_say() {
        for (net, terms, wanted, expected, fills) in [
            // The table "Held" of back-half.md, section 3.
            (
                8_977,
                terms(100, 0, 0),
                vec![500],
                bill(8_877, 500, 100, 0),
                vec![500],
            ),
            // R7.
            (
                8_877,
                terms(0, 0, 100_000),
                vec![],
                bill(8_877, 887, 0, 887),
                vec![],
            ),
            // Holds come before the reserve, the oldest first.
            (
                1_000,
                terms(0, 0, 500_000),
                vec![300, 400],
                bill(1_000, 1_000, 0, 300),
                vec![300, 400],
            ),
            // Nothing is left to send: no fee, and all of it is held.
            (
                600,
                terms(100, 0, 0),
                vec![i64::MAX],
                bill(600, 600, 0, 0),
                vec![600],
            ),
            (
                600,
                terms(100, 0, 0),
                vec![600, 50],
                bill(600, 600, 0, 0),
                vec![600, 0],
            ),
            (500, terms(0, 500, 0), vec![], bill(500, 0, 0, 0), vec![]),
        ] {
            let planned = plan(net, &terms, &wanted);
            let expected = Plan::Bill {
                amounts: expected,
                fills_fen: fills,
            };
            assert_eq!(planned, expected, "{net} {terms:?} {wanted:?}");
        }
    }

    #[test]
    fn what_is_too_little_is_carried_on() {
        for (net, terms, wanted, why) in [
            (0, terms(0, 0, 0), vec![], Carry::NothingDue),
            (-4_981, terms(0, 0, 0), vec![], Carry::NothingDue),
            (100, terms(100, 0, 0), vec![], Carry::NothingDue),
            (599, terms(100, 500, 0), vec![], Carry::BelowMinimum),
            (600, terms(100, 0, 0), vec![550], Carry::FeeNotCovered),
        ] {
            assert_eq!(plan(net, &terms, &wanted), Plan::CarriedOn(why), "{net}");
        }
    }

    proptest! {
        #[test]
        fn a_bill_pays_out_exactly_what_it_takes(
            net in -10_000_000_000_i64..10_000_000_000_000,
            fee in 0_i64..10_000,
            minimum in 0_i64..100_000,
            ppm in 0_u32..=1_000_000,
            wanted in vec(prop_oneof![0_i64..5_000_000_000, Just(i64::MAX)], 0..5),
        ) {
            let terms = terms(fee, minimum, ppm);
            let Plan::Bill { amounts, fills_fen } = plan(net, &terms, &wanted) else {
                return Ok(());
            };
            let filled: i64 = fills_fen.iter().sum();
            prop_assert_eq!(amounts.plan_fen + amounts.fee_fen, net);
            prop_assert_eq!(amounts.suspend_fen, filled + amounts.reserve_fen);
            prop_assert_eq!(amounts.real_fen, amounts.plan_fen - amounts.suspend_fen);
            prop_assert!(amounts.real_fen >= 0 && amounts.suspend_fen >= 0);
            prop_assert!(amounts.plan_fen >= minimum);
            let fee_due = if amounts.real_fen == 0 { 0 } else { fee };
            prop_assert_eq!(amounts.fee_fen, fee_due);
            for (fill, wanted) in fills_fen.iter().zip(&wanted) {
                prop_assert!((0..=*wanted).contains(fill));
            }
            // R6: suspend = min(plan, holds + reserve).
            let reserve = amounts.plan_fen / 1_000_000 * i64::from(ppm)
                + amounts.plan_fen % 1_000_000 * i64::from(ppm) / 1_000_000;
            let all = wanted.iter().fold(reserve, |sum, hold| sum.saturating_add(*hold));
            prop_assert_eq!(amounts.suspend_fen, all.min(amounts.plan_fen));
            prop_assert!(amounts.reserve_fen <= reserve);
        }
    }
}
