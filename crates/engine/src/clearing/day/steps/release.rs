//! 解冻: what is kept back until a day becomes free.

use heliu_trade::day::StepDone;

/// Nothing is left for the day to do: each bill has jobs that free its reserve on its day, and what
/// a refund had held once that ends.
pub(super) fn run() -> StepDone {
    let message =
        "reserves are freed by jobs of their bills, what refunds had held by the refunds' ends";
    StepDone::all_well(0, message)
}
