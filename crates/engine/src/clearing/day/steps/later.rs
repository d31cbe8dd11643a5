//! A step that has a place in the plan and no work yet.

use heliu_trade::day::StepDone;

/// Says so.
pub(super) fn run(awaited: &str) -> StepDone {
    StepDone::all_well(0, format!("without work until {awaited} is built"))
}
