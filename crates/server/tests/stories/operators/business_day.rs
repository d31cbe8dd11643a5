//! Story: a business date ends. It is closed, rolled up, swept and checked, once, however often it
//! is run.

use crate::harness::{
    Demo, Json, PayWay, Setup, XmlTill, done, eventually, refused, rows, spoken, xml_number,
};

/// Slow, so that what the scheduler does by itself does not come before what is done by hand.
pub(super) const FACTOR: u64 = 1;
pub(super) const DATE: &str = "2026-01-15";
const MERCHANT: &str = "merchant:M9605000011";
pub(super) const STEPS: usize = 13;

/// Agents above a merchant, and a payment in whose fee they share.
pub(super) async fn a_day(setup: &Setup, demo: &Demo) {
    let add = [
        "agents",
        "add",
        "77",
        "--dialect",
        "leshua",
        "--name",
        "总代理",
        "--party",
        "top",
    ];
    done(setup, &add);
    done(setup, &["agents", "edit", "10", "--parent", "top"]);
    for (owner, rate) in [("agent:10", "0.3%"), ("agent:top", "0.25%")] {
        let set = ["fees", "set", owner, "--wallet", "wechat", "--rate", rate];
        done(setup, &set);
    }
    let till = XmlTill::of(demo);
    let number = xml_number("day");
    let code = PayWay::Wechat.code("00");
    let paid = till.pay(&number, 12_345, &code, &[]).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    eventually("nothing is left to do", async || {
        setup.has_no_job(&number).filter(|is_settled| *is_settled)
    })
    .await;
}

/// What stands on an owner's accounts, in yuan.
pub(super) fn balances(setup: &Setup, owner: &str) -> Vec<String> {
    let rows = rows(setup, &["books", "show", owner]);
    let pair = |row: &Json| format!("{} {}", row.str("account"), row.str("balance_yuan"));
    rows.iter().map(pair).collect()
}

fn assert_has(balances: &[String], expected: &[&str]) {
    for line in expected {
        assert!(
            balances.iter().any(|found| found == line),
            "{line}: {balances:?}"
        );
    }
}

pub(super) fn assert_swept(setup: &Setup) {
    assert_has(
        &balances(setup, MERCHANT),
        &[
            "agent_accrued:10 0.00",
            "agent_accrued:top 0.00",
            "bridge -0.16",
        ],
    );
    assert_has(
        &balances(setup, "agent:10"),
        &["agent_balance -0.10", "bridge 0.10"],
    );
    assert_has(
        &balances(setup, "agent:top"),
        &["agent_balance -0.06", "bridge 0.06"],
    );
    let check = done(setup, &["books", "check"]);
    assert!(
        check.contains("business dates as they were closed: 1"),
        "{check}"
    );
}

pub(super) fn steps(setup: &Setup) -> Vec<Json> {
    let steps = rows(setup, &["day", "show", DATE]);
    assert_eq!(steps.len(), STEPS);
    steps
}

async fn a_date_is_run_twice(setup: &Setup) {
    let demo = setup.start().await;
    a_day(setup, &demo).await;
    for (words, said) in [
        (["day", "run", DATE], "is not over"),
        (
            ["day", "run", "2026-01-32"],
            "is no date such as 2026-11-29",
        ),
        (
            ["day", "run", "2026-01-01"],
            "the first date that these books can run is 2026-01-15",
        ),
        (["day", "show", "2026-01-01"], "has no steps yet"),
        (["clock", "move", "2026-01-14"], "forward only"),
    ] {
        refused(setup, &words, &[said]);
    }
    done(setup, &["clock", "move", "2026-01-16 00:00:30"]);
    refused(
        setup,
        &["day", "rerun", DATE, "sleep"],
        &["sleep is no step", "roll_up"],
    );
    let before = balances(setup, MERCHANT);
    assert_has(
        &before,
        &["agent_accrued:10 -0.10", "agent_accrued:top -0.06"],
    );

    done(setup, &["day", "run", DATE]);
    for step in steps(setup) {
        assert_eq!(step.str("state"), "done", "{}", step.str("step"));
        assert_eq!(step.get("failed").and_then(Json::number), Some(0));
    }
    assert_swept(setup);
    let after = balances(setup, MERCHANT);

    let again = setup.run(&["day", "run", DATE]);
    let said = spoken(&again);
    assert!(again.status.success(), "{said}");
    assert_eq!(said.matches("done before").count(), STEPS, "{said}");
    assert_eq!(balances(setup, MERCHANT), after, "nothing was booked twice");
    assert_swept(setup);
    let acts = rows(setup, &["audit", "list", "--action", "day.run"]);
    assert_eq!(acts.len(), STEPS, "each step was begun by somebody once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_that_is_run_twice_is_run_once() {
    a_date_is_run_twice(&Setup::new("day-twice", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_so_it_is_in_a_postgresql() {
    a_date_is_run_twice(&Setup::on_postgres("day-twice-postgres", FACTOR)).await;
}
