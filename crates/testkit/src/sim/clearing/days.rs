//! Days go by: somebody who is in a hurry moves the clock forward, to just before something that
//! the plan of the day has, or before midnight.

use heliu_ports::clock::Clock as _;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::StepName;
use heliu_trade::time::Timestamp;

use crate::sim::merchant::Merchants;
use crate::sim::stage::Stage;

/// So close before its place the clock is set at most, in ms.
const BEFORE_MS: i64 = 20_000;
/// How long the nodes of a house may take until nothing is under way, in ms, and the pause between
/// two looks.
const QUIET_WITHIN_MS: i64 = 240_000;
const LOOK_MS: i64 = 8_000;

/// Moves the clock to a stop, the next one or one of those behind it, and lets the house feel that.
pub(super) async fn hurry(merchants: &Merchants) {
    let (stage, house) = (&merchants.stage, &merchants.house);
    let stops = stops(stage.clock.now());
    let index = stage.dice.weigh(&[(30, 0), (20, 1), (20, 3), (30, 7)]);
    let Some(stop) = stops.get(index) else { return };
    if !house.is_alone() && !comes_to_rest(merchants).await {
        return;
    }
    let at = stop.plus_ms(-stage.dice.between(0, BEFORE_MS));
    move_to(stage, at);
    if stage.wait_for_doom(stage.dice.between(1_000, 40_000)).await {
        house.crash().await;
    }
}

/// Moves the clock forward; never back.
pub(super) fn move_to(stage: &Stage, at: Timestamp) {
    let by_ms = at.since_ms(stage.clock.now());
    if by_ms > 0 {
        stage.clock.set_by(by_ms);
        stage.line("clock", "is moved", "", &format!("by {by_ms} ms"));
    }
}

/// What comes next: the ends of dates, and when their steps are due.
fn stops(now: Timestamp) -> Vec<Timestamp> {
    let yesterday = BusinessDate::of(now).previous();
    let dates = [yesterday, yesterday.next(), yesterday.plus_days(2)];
    let stops = dates.into_iter().flat_map(|date| {
        let due = StepName::ALL.into_iter().map(move |step| step.due_at(date));
        due.chain([date.end()])
    });
    let mut stops: Vec<_> = stops.filter(|at| *at > now.plus_ms(BEFORE_MS)).collect();
    stops.sort();
    stops
}

/// Nodes over the same books must not find each other's leases over because the clock was moved:
/// nothing may be under way. Whether it came to that.
async fn comes_to_rest(merchants: &Merchants) -> bool {
    let (stage, house) = (&merchants.stage, &merchants.house);
    let until_ms = stage.clock.passed_ms() + QUIET_WITHIN_MS;
    while !house.is_quiet() {
        if stage.clock.passed_ms() > until_ms {
            return false;
        }
        if stage.wait_for_doom(LOOK_MS).await {
            house.crash().await;
        }
    }
    true
}
