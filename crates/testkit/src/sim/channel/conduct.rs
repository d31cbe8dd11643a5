//! How a channel behaves in one simulation: how often it does what it should not.

use crate::sim::dice::Dice;

/// Each in times out of a hundred.
pub(in crate::sim) struct Conduct {
    /// A request never arrives.
    pub(super) loses_requests: i64,
    /// The work is done, the answer is lost.
    pub(super) loses_answers: i64,
    /// A request or an answer takes longer than anybody waits.
    pub(super) is_slow: i64,
    /// "System error", whatever it did.
    pub(super) answers_nonsense: i64,
    /// A query sees the state of a while ago, or nothing at all.
    pub(in crate::sim) lags: i64,
    /// An answer names another amount.
    pub(super) misstates_amounts: i64,
    /// A payment succeeds although the channel had called it closed, reversed or declined.
    pub(super) pays_late: i64,
    /// A reversal is confirmed, and the money stays.
    pub(super) keeps_money: i64,
    /// A callback is lost on its way.
    pub(super) loses_callbacks: i64,
    /// A callback comes again although it was acknowledged.
    pub(super) repeats_callbacks: i64,
    /// A refund is refused at once.
    pub(super) refuses_refunds: i64,
    /// A refusal of a refund is forgotten: its number is as good as new.
    pub(super) forgets_refusals: i64,
    /// A refund that is under way fails in the end.
    pub(super) fails_refunds: i64,
    /// A refund is not finished at once.
    pub(super) defers_refunds: i64,
    /// After so many ms a payment is not reversed any more.
    pub(super) reverses_within_ms: i64,
}

impl Conduct {
    /// A channel of this seed's: fair in most things, bad at some, very bad at a few.
    pub(in crate::sim) fn new(dice: &Dice) -> Self {
        let rate = || {
            let (least, most) = dice.weigh(&[(55, (0, 2)), (30, (3, 15)), (15, (20, 60))]);
            dice.between(least, most)
        };
        Self {
            loses_requests: rate(),
            loses_answers: rate(),
            is_slow: rate(),
            answers_nonsense: rate(),
            lags: rate(),
            misstates_amounts: rate() / 2,
            pays_late: rate(),
            keeps_money: 10 + rate(),
            loses_callbacks: 20 + rate(),
            repeats_callbacks: rate(),
            refuses_refunds: rate(),
            forgets_refusals: *dice.pick(&[0, 50, 100]),
            fails_refunds: rate(),
            defers_refunds: 20 + rate(),
            reverses_within_ms: *dice.pick(&[20_000, 120_000, 86_400_000]),
        }
    }
}
