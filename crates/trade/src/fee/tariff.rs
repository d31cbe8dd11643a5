//! 费率: what one version of a schedule asks for a wallet, by speed, card kind and amount.

use serde::{Deserialize, Serialize};

use super::Clamp;
use super::compare::below_at_fen;
use super::place::{CardKind, Place, Speed};
use super::terms::{FeeFault, FeeTerms};
use crate::wallet::Funding;

/// What is asked for some of the payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeLine {
    /// For which.
    pub place: Place,
    /// What is asked.
    pub terms: FeeTerms,
}

/// Why lines are no tariff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffFault {
    /// Terms of one of them are wrong.
    #[error(transparent)]
    Terms(#[from] FeeFault),
    /// A band ends before it begins, or begins below nothing.
    #[error("a band of amounts begins at 0 or above, and ends above where it begins")]
    EmptyBand,
    /// Two lines of one speed and card kind are for the same amounts.
    #[error("two bands of one speed and card kind overlap")]
    Overlap,
    /// Lines for payments of the same day leave some of them out.
    #[error("t0 has lines, but none for all cards and amounts")]
    NoRestOfT0,
}

/// What one version of a schedule asks: one fee for all payments, and others for some of them. Of
/// the lines that a payment fits, one for its card kind goes before one for all cards, and then one
/// for a band of amounts before one for all. Payments of the same day have the same tariff, or one
/// of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Flat", into = "Flat")]
pub struct Tariff {
    /// For payments that no line is for.
    pub base: FeeTerms,
    /// For others, by place.
    pub lines: Vec<FeeLine>,
}

/// A tariff as it is stored: one without lines reads like its terms.
#[derive(Serialize, Deserialize)]
struct Flat {
    rate_ppm: i64,
    #[serde(default)]
    credit_extra_ppm: i64,
    #[serde(default)]
    fixed_fen: i64,
    #[serde(default)]
    min_fen: i64,
    #[serde(default)]
    max_fen: Option<i64>,
    #[serde(default, skip_serializing_if = "Clamp::is_last")]
    clamp: Clamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<FeeLine>,
}

impl From<Flat> for Tariff {
    fn from(flat: Flat) -> Self {
        Self {
            base: FeeTerms {
                rate_ppm: flat.rate_ppm,
                credit_extra_ppm: flat.credit_extra_ppm,
                fixed_fen: flat.fixed_fen,
                min_fen: flat.min_fen,
                max_fen: flat.max_fen,
                clamp: flat.clamp,
            },
            lines: flat.lines,
        }
    }
}

impl From<Tariff> for Flat {
    fn from(Tariff { base, lines }: Tariff) -> Self {
        Self {
            rate_ppm: base.rate_ppm,
            credit_extra_ppm: base.credit_extra_ppm,
            fixed_fen: base.fixed_fen,
            min_fen: base.min_fen,
            max_fen: base.max_fen,
            clamp: base.clamp,
            lines,
        }
    }
}

impl From<FeeTerms> for Tariff {
    fn from(base: FeeTerms) -> Self {
        let lines = Vec::new();
        Self { base, lines }
    }
}

/// Where one tariff is below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BelowAt {
    /// For payments of this speed.
    pub speed: Speed,
    /// By cards of this kind.
    pub card: CardKind,
    /// Of a receivable of so many fen.
    pub amount_fen: i64,
}

impl Tariff {
    /// The same with another fee for some payments; the line for just these goes.
    #[must_use]
    pub fn with(mut self, place: Place, terms: FeeTerms) -> Self {
        if place == Place::default() {
            self.base = terms;
            return self;
        }
        self.lines.retain(|line| line.place != place);
        self.lines.push(FeeLine { place, terms });
        self.lines.sort_by_key(|line| line.place);
        self
    }

    /// Whether it says of every payment what is asked.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn check(&self) -> Result<(), TariffFault> {
        self.base.check()?;
        let mut has_rest = true;
        for (index, FeeLine { place, terms }) in self.lines.iter().enumerate() {
            terms.check()?;
            let ends_before = place.until_fen.is_some_and(|until| until <= place.from_fen);
            if place.from_fen < 0 || ends_before {
                return Err(TariffFault::EmptyBand);
            }
            let mut others = self.lines.iter().skip(index + 1);
            if others.any(|other| place.overlaps(other.place)) {
                return Err(TariffFault::Overlap);
            }
            has_rest &= place.speed != Speed::T0 || self.find(Place::rest(Speed::T0)).is_some();
        }
        has_rest.then_some(()).ok_or(TariffFault::NoRestOfT0)
    }

    /// The terms of just these payments, if a line has some.
    #[must_use]
    pub fn find(&self, place: Place) -> Option<&FeeTerms> {
        if place == Place::default() {
            return Some(&self.base);
        }
        let found = self.lines.iter().find(|line| line.place == place);
        found.map(|line| &line.terms)
    }

    /// What it asks for payments of one speed, as an attempt freezes it: a tariff without speeds.
    #[must_use]
    pub fn at(&self, speed: Speed) -> Self {
        let rest = self.find(Place::rest(speed));
        let (speed, base) = match rest {
            Some(base) => (speed, *base),
            None => (Speed::T1, self.base),
        };
        let of_speed = self.lines.iter().filter(|line| line.place.speed == speed);
        let others = of_speed.filter(|line| line.place != Place::rest(speed));
        let without_speed = |line: &FeeLine| FeeLine {
            place: Place {
                speed: Speed::T1,
                ..line.place
            },
            ..*line
        };
        Self {
            base,
            lines: others.map(without_speed).collect(),
        }
    }

    /// The terms of a payment of the usual speed.
    #[must_use]
    pub fn terms(&self, card: CardKind, receivable_fen: i64) -> &FeeTerms {
        let t1 = self.lines.iter().filter(|line| line.place.speed.is_t1());
        let fitting = t1.filter(|line| line.place.takes(card, receivable_fen));
        let nearest = fitting.max_by_key(|line| (line.place.card, line.place.has_band()));
        nearest.map_or(&self.base, |line| &line.terms)
    }

    /// The fee of a payment of the usual speed, in fen.
    #[must_use]
    pub fn fee_fen(&self, receivable_fen: i64, funding: Funding) -> i64 {
        let terms = self.terms(CardKind::of(funding), receivable_fen);
        terms.fee_fen(receivable_fen, funding)
    }

    /// The rate of a payment of the usual speed, in parts per million, any extra for its card
    /// included.
    #[must_use]
    pub fn rate_ppm(&self, receivable_fen: i64, funding: Funding) -> i64 {
        let terms = self.terms(CardKind::of(funding), receivable_fen);
        terms.rate_with_extra_ppm(funding)
    }

    /// Where it is first found to be below `parent`; `None`: nowhere. Both must have passed
    /// [`Tariff::check`]. Source: R2 of the rules on fees.
    #[must_use]
    pub fn below(&self, parent: &Self) -> Option<BelowAt> {
        let of_speed = |speed: Speed| {
            let (child, parent) = (self.at(speed), parent.at(speed));
            let below = move |card| child.below_for(&parent, card);
            let found = CardKind::ALL.into_iter().find_map(move |card| {
                let amount_fen = below(card)?;
                Some((card, amount_fen))
            });
            found.map(|(card, amount_fen)| BelowAt {
                speed,
                card,
                amount_fen,
            })
        };
        Speed::ALL.into_iter().find_map(of_speed)
    }

    /// The least amount found, band by band, within each of which both have one fee.
    fn below_for(&self, parent: &Self, card: CardKind) -> Option<i64> {
        let places = self.lines.iter().chain(&parent.lines);
        let edges = places.flat_map(|line| [Some(line.place.from_fen), line.place.until_fen]);
        let mut edges: Vec<_> = edges.flatten().chain([0]).collect();
        edges.sort_unstable();
        edges.dedup();
        edges.iter().enumerate().find_map(|(index, from_fen)| {
            let last_fen = edges.get(index + 1).map(|next| next - 1);
            let terms = |of: &Self| *of.terms(card, *from_fen);
            let (child, parent) = (terms(self), terms(parent));
            below_at_fen(&child, &parent, card.funding(), *from_fen, last_fen)
        })
    }
}
