//! Story: whoever tries the platform finds three days behind them, which are closed, settled and
//! told to agents by themselves. A second start adds nothing.

use crate::harness::{Json, Setup, done, eventually, rows};

const DAYS: usize = 3;
/// Payments of a day, and those of them of which a part went back.
const SALES: usize = 18;
const REFUNDS: usize = 2;
/// The last of the days; it is ten in the morning after it.
const LAST: &str = "2026-01-14";

/// How many rows a list has.
fn count(setup: &Setup, noun: &str) -> usize {
    rows(setup, &[noun, "list", "--all"]).len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_demonstration_has_three_days_behind_it() {
    let setup = Setup::new("history", 1).with("HELIU_HISTORY_DAYS", "3");
    let demo = setup.start().await;
    let clock = done(&setup, &["clock", "show"]);
    assert!(clock.starts_with("2026-01-15T10:"), "{clock}");
    assert_eq!(count(&setup, "orders"), DAYS * SALES);
    assert_eq!(count(&setup, "refunds"), DAYS * REFUNDS);
    eventually("the last day is told to agents", async || {
        let listed = setup.run(&["day", "show", LAST, "--output", "json"]);
        let steps = Json::parse(&String::from_utf8_lossy(&listed.stdout)).ok()?;
        let mut steps = steps.list().iter();
        let statements = steps.find(|step| step.str("step") == "statements")?;
        (statements.str("state") == "done").then_some(())
    })
    .await;
    for step in rows(&setup, &["day", "show", LAST]) {
        assert_eq!(step.int("failed"), 0, "{step}");
    }
    let bills = rows(&setup, &["payouts", "list"]);
    let drafted = bills.iter().filter(|bill| bill.str("state") == "drafted");
    assert!(drafted.count() >= DAYS, "{bills:?}");
    assert!(count(&setup, "statements") >= DAYS, "files of each day");
    let checked = done(&setup, &["books", "check"]);
    assert!(
        checked.contains("business dates as they were closed: 3"),
        "{checked}"
    );

    demo.kill();
    let _demo = setup.start().await;
    assert_eq!(count(&setup, "orders"), DAYS * SALES);
    let clock = done(&setup, &["clock", "show"]);
    assert!(clock.starts_with("2026-01-15T10:"), "{clock}");
}
