//! Story: a business date ends although the process dies. Nobody serves, and `heliu day run` works
//! on the books by itself, so that it comes to the same crash points whenever it is run. It dies
//! before and after each of its commits, on a copy of the books each time, and is run again; and it
//! dies again and again on one set of books. In the end all is as if it had never died.

use std::collections::BTreeMap;
use std::fs;
use std::thread;

use super::business_day::{DATE, FACTOR, STEPS, a_day, assert_swept, balances, steps};
use crate::harness::{Json, Live, Setup, done, rows, spoken};

/// Two points for its beginning and two for its end come with each step.
const POINTS_MIN: usize = 4 * STEPS;
const POINTS_MAX: u32 = 400;
/// How many copies of the books are under way at a time.
const ABREAST: usize = 4;
const OWNERS: [&str; 3] = ["merchant:M9605000011", "agent:10", "agent:top"];
const RUN: [&str; 3] = ["day", "run", DATE];

/// All that the date leaves behind and that bears no number or time of a run.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    balances: Vec<Vec<String>>,
    settlements: Vec<String>,
    bills: Vec<String>,
    batches: Vec<String>,
    /// What agents fetch of the trade, by name; files of payouts carry the bills' numbers.
    files: BTreeMap<String, Vec<u8>>,
}

impl Left {
    fn of(setup: &Setup) -> Left {
        assert!(steps(setup).iter().all(|step| step.str("state") == "done"));
        setup.assert_books_balance();
        let mut files = published(setup);
        files.retain(|name, _| !name.contains("_remit_"));
        Left {
            balances: OWNERS.map(|owner| balances(setup, owner)).into(),
            settlements: told(
                setup,
                "settlements",
                &["owner", "state", "items", "net_yuan"],
            ),
            bills: told(
                setup,
                "payouts",
                &["owner", "state", "real_yuan", "replaced_by"],
            ),
            batches: told(setup, "batches", &["state", "bills", "sum_yuan"]),
            files,
        }
    }
}

/// These members of each row of a list.
fn told(setup: &Setup, noun: &str, members: &[&str]) -> Vec<String> {
    let member = |row: &Json, name: &str| row.get(name).map(Json::to_string).unwrap_or_default();
    let rows = rows(setup, &[noun, "list"]);
    rows.iter()
        .map(|row| {
            let members = members.iter().map(|name| member(row, name));
            members.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// The files that agents fetch, by agent and name.
pub(super) fn published(setup: &Setup) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for agent in fs::read_dir(setup.file("statements")).unwrap() {
        let folder = agent.unwrap().path();
        if folder.ends_with("building") {
            continue;
        }
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(setup.file("statements")).unwrap();
                files.insert(name.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Books of a day that is over, and of which no step was begun; nobody serves them.
async fn a_day_that_is_over(story: &str) -> Setup {
    let setup = Setup::new(story, FACTOR);
    let demo = setup.start().await;
    a_day(&setup, &demo).await;
    assert!(demo.stop().await.success());
    done(&setup, &["clock", "move", "2026-01-16 09:00:00"]);
    setup
}

/// The command dies at a point, and is run again; whether there is such a point.
fn dies_at(setup: &Setup, point: u32, undisturbed: &Left) -> bool {
    let twin = setup.twin(&format!("day-killed-{point}"));
    let has_died = twin.run_dying_at(point, &RUN).is_none();
    done(&twin, &RUN);
    assert_eq!(Left::of(&twin), *undisturbed, "it died at point {point}");
    has_died
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_dies_at_any_commit_of_a_day_ends_it_when_it_is_run_again() {
    let setup = a_day_that_is_over("day-killed").await;
    let twin = setup.twin("day-undisturbed");
    done(&twin, &RUN);
    assert_swept(&twin);
    let undisturbed = Left::of(&twin);
    assert_eq!(undisturbed.bills.len(), 1, "{undisturbed:?}");

    let points: Vec<u32> = (1..=POINTS_MAX).collect();
    let mut deaths = 0;
    for wave in points.chunks(ABREAST) {
        let died: Vec<bool> = thread::scope(|scope| {
            let begin = |point: &u32| {
                let (point, setup, undisturbed) = (*point, &setup, &undisturbed);
                scope.spawn(move || dies_at(setup, point, undisturbed))
            };
            let lives: Vec<_> = wave.iter().map(begin).collect();
            let ends = lives.into_iter().map(|life| life.join().unwrap());
            ends.collect()
        });
        deaths += died.iter().filter(|has_died| **has_died).count();
        if died.contains(&false) {
            assert!(deaths >= POINTS_MIN, "only {deaths} crash points");
            return;
        }
    }
    panic!("it died at each of {deaths} points");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_dies_again_and_again_ends_the_day_all_the_same() {
    let setup = a_day_that_is_over("day-killed-again").await;
    let twin = setup.twin("day-undisturbed");
    done(&twin, &RUN);

    let mut lives = (1..=POINTS_MAX).map(|point| setup.run_dying_at(point, &RUN));
    let deaths = lives.by_ref().take_while(Option::is_none).count();
    assert!(deaths > STEPS, "only {deaths} deaths");
    assert_eq!(Left::of(&setup), Left::of(&twin));

    let before = published(&setup);
    let again = done(&setup, &["statements", "publish", DATE]);
    assert_eq!(again.matches("unchanged").count(), before.len(), "{again}");
    assert_eq!(published(&setup), before, "byte by byte");
    let said = spoken(&setup.run(&RUN));
    assert_eq!(said.matches("done before").count(), STEPS, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_books_are_not_opened_with_a_crash_point() {
    let mut live = Live::start("crash-live", &[]).await;
    live.enter_merchants();
    live.kill();
    for variable in ["HELIU_CRASH_AT", "HELIU_TIME_FACTOR"] {
        let mut command = live.command();
        let list = command.env(variable, "1").args(["merchants", "list"]);
        let said = spoken(&list.output().unwrap());
        assert!(said.contains("are for the sandbox only"), "{said}");
    }
    live.done(&["merchants", "list"]);
}
