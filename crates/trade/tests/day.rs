//! The steps of a business date: who runs them, how often, and what waits for what.

use std::collections::BTreeMap;

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{
    Action, DayStep, DayStepState, Ending, ItemFailure, StepDone, StepName, digest,
};
use heliu_trade::followup::event::EventKind;
use heliu_trade::id::{NumberMint, PlatformNo};
use heliu_trade::record::{Record, Want};
use heliu_trade::records::{RecordAction, RecordStep, decide};
use heliu_trade::time::{MINUTE_MS, Timestamp};

/// Platform records by their names.
struct Books {
    records: BTreeMap<String, Record>,
    events: Vec<(StepName, EventKind)>,
    date: BusinessDate,
    now: Timestamp,
    mints: [NumberMint; 2],
}

const LEASE_MS: i64 = MINUTE_MS;

impl Books {
    fn open() -> Self {
        let date: BusinessDate = "2026-01-15".parse().expect("a date");
        let mut books = Self {
            records: BTreeMap::new(),
            events: Vec::new(),
            date,
            now: date.end(),
            mints: [NumberMint::new(1, 0), NumberMint::new(2, 0)],
        };
        for _ in 0..2 {
            let numbers = StepName::ALL.map(|_| books.number(0)).into();
            let wants = StepName::ALL.map(|step| DayStep::want(date, step)).into();
            books.take(wants, Action::Open { date, numbers });
        }
        assert_eq!(books.records.len(), StepName::ALL.len(), "each once");
        books
    }

    fn number(&mut self, node: usize) -> PlatformNo {
        self.mints[node].mint(self.now)
    }

    fn take(&mut self, wants: Vec<Want>, action: Action) {
        let key = |want: &Want| match want {
            Want::Named(_, name) => name.text.clone(),
            Want::Numbered(..) => unreachable!("steps are wanted by name"),
        };
        let loaded = wants
            .iter()
            .map(|want| self.records.get(&key(want)).cloned());
        let loaded: Vec<_> = loaded.collect();
        let step = RecordStep {
            wants,
            now: self.now,
            action: RecordAction::Day(action),
        };
        let changes = decide(&step, loaded).expect("a step of the day is never refused");
        for saved in changes.saved {
            let step: DayStep = saved.record.read().expect("a step");
            let kinds = saved.consequences.events.iter().map(|event| event.kind);
            self.events.extend(kinds.map(|kind| (step.step, kind)));
            let name = format!("{}/{}", step.date, step.step.as_str());
            self.records.insert(name, saved.record);
        }
    }

    fn step(&self, step: StepName) -> DayStep {
        let name = format!("{}/{}", self.date, step.as_str());
        self.records[&name].read().expect("a step")
    }

    /// Whether a node may run the step now, which would work on `inputs`; its run.
    fn begin(
        &mut self,
        node: usize,
        step: StepName,
        inputs: &str,
        is_again: bool,
    ) -> Option<PlatformNo> {
        let run_no = self.number(node);
        let needs = step.needs(self.date);
        let needs = needs.iter().map(|(date, step)| DayStep::want(*date, *step));
        let wants = std::iter::once(DayStep::want(self.date, step)).chain(needs);
        let action = Action::Begin {
            run_no,
            inputs: digest([inputs]),
            until: self.now.plus_ms(LEASE_MS),
            is_again,
        };
        self.take(wants.collect(), action);
        self.step(step).is_run_by(run_no).then_some(run_no)
    }

    fn end(&mut self, step: StepName, run_no: PlatformNo, ending: Ending) {
        let wants = vec![DayStep::want(self.date, step)];
        self.take(wants, Action::End { run_no, ending });
    }

    fn finish(&mut self, step: StepName) {
        let run_no = self.begin(0, step, "inputs", false).expect("it may run");
        self.end(step, run_no, Ending::Done(StepDone::all_well(1, "")));
    }

    fn alarms(&self, step: StepName) -> Vec<EventKind> {
        let of_it = self
            .events
            .iter()
            .filter(|(of, kind)| *of == step && kind.is_alarm());
        of_it.map(|(_, kind)| *kind).collect()
    }
}

#[test]
fn of_two_nodes_one_runs_a_step_and_another_follows_when_its_lease_is_over() {
    let mut books = Books::open();
    let first = books.begin(0, StepName::Close, "d", false).expect("free");
    assert_eq!(books.begin(1, StepName::Close, "d", false), None, "held");
    books.now = books.now.plus_ms(LEASE_MS - 1);
    assert_eq!(
        books.begin(1, StepName::Close, "d", true),
        None,
        "still held"
    );
    books.now = books.now.plus_ms(1);
    let second = books.begin(1, StepName::Close, "d", false).expect("over");
    books.end(StepName::Close, first, Ending::Failed("late".to_owned()));
    assert!(
        books.step(StepName::Close).is_run_by(second),
        "the first has it no more"
    );
    books.end(
        StepName::Close,
        second,
        Ending::Done(StepDone::all_well(1, "")),
    );
    assert!(books.step(StepName::Close).is_finished());
}

#[test]
fn a_node_that_started_anew_takes_up_its_own_step_at_once() {
    let mut books = Books::open();
    let before = books.begin(0, StepName::Close, "d", false).expect("free");
    let after = books
        .begin(0, StepName::Close, "d", false)
        .expect("its own");
    assert_ne!(before, after);
    assert_eq!((before.node(), books.step(StepName::Close).runs), (1, 2));
}

#[test]
fn a_step_waits_for_those_that_it_needs() {
    let mut books = Books::open();
    assert_eq!(books.begin(0, StepName::RollUp, "d", false), None);
    books.finish(StepName::Close);
    let run_no = books
        .begin(0, StepName::RollUp, "d", false)
        .expect("it may");
    assert_eq!(
        books.begin(0, StepName::Sweep, "d", false),
        None,
        "not yet done"
    );
    books.end(StepName::RollUp, run_no, Ending::Failed("why".to_owned()));
    assert_eq!(
        books.begin(0, StepName::Sweep, "d", true),
        None,
        "it failed"
    );
    assert_eq!(books.step(StepName::Sweep).state, DayStepState::Waiting);
}

#[test]
fn what_is_done_stays_done_and_other_inputs_are_an_alarm_once() {
    let mut books = Books::open();
    books.finish(StepName::Close);
    let done = books.step(StepName::Close);
    for (inputs, is_again, alarms) in [
        ("inputs", false, 0),
        ("inputs", true, 0),
        ("others", false, 1),
        ("others", true, 1),
        ("inputs", false, 1),
    ] {
        assert_eq!(
            books.begin(1, StepName::Close, inputs, is_again),
            None,
            "{inputs}"
        );
        let told = books.alarms(StepName::Close);
        assert_eq!(told, vec![EventKind::InputsChanged; alarms], "{inputs}");
        assert_eq!(books.step(StepName::Close).done_at, done.done_at);
    }
}

#[test]
fn what_failed_is_run_again_by_people_only() {
    for (ending, state) in [
        (Ending::Failed("a disk".to_owned()), DayStepState::Failed),
        (
            Ending::Done(StepDone {
                done: 7,
                failed: vec![ItemFailure {
                    what: "merchant:M1".to_owned(),
                    why: "no card".to_owned(),
                }],
                message: String::new(),
            }),
            DayStepState::Done,
        ),
    ] {
        let mut books = Books::open();
        let run_no = books.begin(0, StepName::Close, "d", false).expect("free");
        books.end(StepName::Close, run_no, ending);
        assert_eq!(books.step(StepName::Close).state, state);
        assert_eq!(books.alarms(StepName::Close), [EventKind::StepFailed]);
        assert_eq!(
            books.begin(1, StepName::Close, "d", false),
            None,
            "{state:?}"
        );
        let again = books
            .begin(1, StepName::Close, "d", true)
            .expect("a person wants it");
        books.end(
            StepName::Close,
            again,
            Ending::Done(StepDone::all_well(8, "")),
        );
        assert!(books.step(StepName::Close).is_finished());
    }
}

/// One merchant's failure stops nobody who needs the step.
#[test]
fn parts_that_failed_stop_no_other_step() {
    let mut books = Books::open();
    let run_no = books.begin(0, StepName::Close, "d", false).expect("free");
    let failure = |index| ItemFailure {
        what: format!("merchant:{index}"),
        why: "why".to_owned(),
    };
    let done = StepDone {
        done: 1,
        failed: (0..1_000).map(failure).collect(),
        message: String::new(),
    };
    books.end(StepName::Close, run_no, Ending::Done(done));
    let stands = books.step(StepName::Close);
    assert_eq!(
        (stands.failed, stands.of, stands.failures.len()),
        (1_000, 1_001, 50)
    );
    assert!(books.begin(0, StepName::RollUp, "d", false).is_some());
}

/// What is due on the same day is settled by the hour, from the next full one on; of a date that is
/// over nothing is left for its hours.
#[test]
fn a_date_has_a_job_for_its_hours_until_it_is_over() {
    let date: BusinessDate = "2026-01-15".parse().expect("a date");
    let mut mint = NumberMint::new(1, 0);
    let hour = 60 * MINUTE_MS;
    for (ms, due_ms) in [
        (5_000, Some(hour)),
        (14 * hour + 1, Some(15 * hour)),
        (24 * hour - 1, Some(24 * hour)),
        (24 * hour, None),
    ] {
        let now = date.start().plus_ms(ms);
        let open = Action::Open {
            date,
            numbers: StepName::ALL.map(|_| mint.mint(now)).into(),
        };
        let wants: Vec<_> = StepName::ALL.map(|step| DayStep::want(date, step)).into();
        let loaded = vec![None; wants.len()];
        let step = RecordStep {
            wants,
            now,
            action: RecordAction::Day(open),
        };
        let changes = decide(&step, loaded).expect("opened");
        let due = changes.saved.iter().flat_map(|saved| {
            let step: DayStep = saved.record.read().expect("a step");
            let due_at = saved.consequences.next_job_at();
            due_at.map(|due_at| (step.step, due_at.since_ms(date.start())))
        });
        let expected = due_ms.map(|due_ms| (StepName::Settle, due_ms));
        assert_eq!(due.collect::<Vec<_>>(), Vec::from_iter(expected), "{ms}");
    }
}
