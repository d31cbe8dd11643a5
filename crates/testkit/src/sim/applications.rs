//! What the books may hold of applications: the rules of each commit, and those of what agents are
//! told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliu_ports::store::{CommitError, DirectoryChange, RecordCommit, RecordsCommitted};
use heliu_trade::application::{Action, Application, ApplicationState as State, Decision};
use heliu_trade::directory::MerchantState;
use heliu_trade::followup::audit::{AuditEntry, AuditLink};
use heliu_trade::followup::event::EventKind;
use heliu_trade::id::{MerchantId, PlatformNo};
use heliu_trade::login_code::{Action as CodeAction, LoginCode};
use heliu_trade::record::{Aggregate as _, Name, RecordKind};
use heliu_trade::records::RecordAction;

use super::stage::Stage;
use crate::memory_store::RecordStory;

/// How long a commit's answer may be under way, in ms: until then the node that waits for it may
/// tell what was before.
const ANSWER_MS: i64 = 100;
/// How long a node may know a merchant as it was before, in ms: as long as a request lasts that
/// had read the directory already.
const KNOWN_FOR_MS: i64 = 1_000;

/// What was seen of applications.
pub(super) struct Applications {
    stage: Arc<Stage>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    known: BTreeMap<PlatformNo, Known>,
    names: BTreeMap<Name, PlatformNo>,
    /// Each merchant's states, since when in ms of true time.
    merchants: BTreeMap<MerchantId, Vec<(i64, MerchantState)>>,
    /// The last code of each number, and whether it was used.
    codes: BTreeMap<PlatformNo, (String, bool)>,
    /// The office's acts that took effect, in order.
    acts: Vec<String>,
    chain: AuditLink,
    /// Merchants whose trade somebody shut.
    shut: BTreeSet<MerchantId>,
}

struct Known {
    application: Application,
    events: Vec<EventKind>,
}

impl Applications {
    pub(super) fn new(stage: &Arc<Stage>) -> Self {
        Self {
            stage: Arc::clone(stage),
            seen: Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit of records ended.
    pub(super) fn committed(
        &self,
        commit: &RecordCommit,
        result: &Result<RecordsCommitted, CommitError>,
        after: &[RecordStory],
        audit: &[AuditEntry],
    ) {
        let what = word(&commit.step.action);
        if let Err(error) = result {
            let more = format!("refused: {error:?}");
            self.stage.line("books", what, "", &more);
        }
        let seen = &mut *self.seen();
        for story in after {
            // Others are the ledger's.
            let kind = story.record.kind;
            if !matches!(kind, RecordKind::Application | RecordKind::LoginCode) {
                continue;
            }
            let no = story.record.subject.no;
            let events = story.trail.events.iter().map(|event| event.kind.as_str());
            let events: Vec<_> = events.collect();
            let more = format!("{} => {}", story.record.state, events.join(" "));
            self.stage.line("books", what, &no.to_string(), &more);
            match kind {
                RecordKind::Application => self.saw_application(seen, commit, story),
                _ => self.saw_code(seen, commit, story),
            }
        }
        self.check_audit(seen, audit);
    }

    /// The directory was changed beside records: by who opens or shuts a merchant's trade.
    pub(super) fn directory_changed(&self, change: &DirectoryChange) {
        if let DirectoryChange::SetMerchantState(merchant_id, state) = change {
            let seen = &mut *self.seen();
            match state {
                MerchantState::Enabled => seen.shut.remove(merchant_id),
                _ => seen.shut.insert(merchant_id.clone()),
            };
            seen.note(merchant_id, self.stage.clock.passed_ms(), *state);
            let more = state.as_str();
            let who = merchant_id.as_str();
            self.stage.line("books", "merchant state", who, more);
        }
    }

    /// The rules of one application, as a commit left it.
    fn saw_application(&self, seen: &mut Seen, commit: &RecordCommit, story: &RecordStory) {
        let no = story.record.subject.no;
        let Some(is) = self.read::<Application>(story) else {
            return;
        };
        let RecordAction::Application(action) = &commit.step.action else {
            self.stage
                .wrong(format!("application {no} was changed by another step"));
            return;
        };
        for name in is.names() {
            let holder = *seen.names.entry(name.clone()).or_insert(no);
            self.stage.must(holder == no, || {
                format!("applications {holder} and {no} have the same {name:?}")
            });
        }
        let (was, mut events) = match seen.known.remove(&no) {
            None => (None, Vec::new()),
            Some(known) => (Some(known.application), known.events),
        };
        let is_new = was.is_none();
        let has_moved = was.as_ref().is_none_or(|was| was.state != is.state);
        events.extend(self.moved(was.as_ref(), &is, action));
        let decided = has_moved && matches!(action, Action::Decide(_));
        if decided {
            let act = commit.audit.as_ref().map(|audit| audit.audit_id.clone());
            self.stage.must(act.is_some(), || {
                format!("application {no} was decided by nobody")
            });
            seen.acts.extend(act);
            if is.state == State::Passed {
                seen.shut.remove(&is.merchant_id);
            }
        }
        let written: Vec<_> = story.trail.events.iter().map(|event| event.kind).collect();
        let in_order = (0..).zip(&story.trail.events);
        let is_in_order = in_order
            .into_iter()
            .all(|(index, event)| event.index == index);
        self.stage.must(written == events && is_in_order, || {
            format!("application {no} went through {events:?}, its trail has {written:?}")
        });
        let state = story.merchant.as_ref().map(|merchant| merchant.state);
        self.must_trade_rightly(seen, &is, state);
        if let (Some(state), true) = (state, is_new || has_moved) {
            seen.note(&is.merchant_id, self.stage.clock.passed_ms(), state);
        }
        let known = Known {
            application: is,
            events,
        };
        seen.known.insert(no, known);
    }

    /// What an application's change must have written into its timeline.
    fn moved(
        &self,
        was: Option<&Application>,
        is: &Application,
        action: &Action,
    ) -> Vec<EventKind> {
        let no = is.application_no;
        let Some(was) = was else {
            return match is.state {
                State::Auditing => vec![EventKind::Submitted],
                State::Passed => vec![EventKind::Submitted, EventKind::Passed],
                State::Rejected => {
                    self.stage
                        .wrong(format!("application {no} begins rejected"));
                    Vec::new()
                }
            };
        };
        let expected = Application {
            password_sealed: is.password_sealed.clone(),
            members_sealed: is.members_sealed.clone(),
            state: is.state,
            reason: is.reason.clone(),
            ..was.clone()
        };
        self.stage.must(*is == expected, || {
            format!("application {no} became another one: {was:?}, {is:?}")
        });
        let has_reason = is.reason.is_some();
        self.stage
            .must(has_reason == (is.state == State::Rejected), || {
                format!(
                    "application {no} is {:?} with reason {:?}",
                    is.state, is.reason
                )
            });
        match (was.state, is.state, action) {
            (before, now, _) if before == now => {
                let is_same = was == is;
                self.stage.must(is_same, || {
                    format!("a repeat changed application {no}: {was:?}, {is:?}")
                });
                Vec::new()
            }
            (State::Rejected, State::Auditing, Action::Submit(_)) => vec![EventKind::Submitted],
            // Somebody of the office may think again.
            (State::Auditing | State::Rejected, State::Passed, Action::Decide(Decision::Pass)) => {
                vec![EventKind::Passed]
            }
            (State::Auditing, State::Rejected, Action::Decide(Decision::Reject(_))) => {
                vec![EventKind::Rejected]
            }
            (before, now, action) => {
                self.stage.wrong(format!(
                    "application {no} goes from {before:?} to {now:?} by {action:?}"
                ));
                Vec::new()
            }
        }
    }

    /// A merchant may trade exactly when its application has passed and nobody shut its trade.
    fn must_trade_rightly(&self, seen: &Seen, is: &Application, state: Option<MerchantState>) {
        let is_open = state == Some(MerchantState::Enabled);
        let is_shut = seen.shut.contains(&is.merchant_id);
        let may_trade = is.state == State::Passed && !is_shut;
        self.stage
            .must(state.is_some() && is_open == may_trade, || {
                let no = is.application_no;
                format!(
                    "application {no} is {:?}, shut: {is_shut}, its merchant is {state:?}",
                    is.state
                )
            });
    }

    /// A code is good once, and only the last one.
    fn saw_code(&self, seen: &mut Seen, commit: &RecordCommit, story: &RecordStory) {
        let no = story.record.subject.no;
        let Some(code) = self.read::<LoginCode>(story) else {
            return;
        };
        match &commit.step.action {
            RecordAction::LoginCode(CodeAction::Send { code_digest, .. }) => {
                seen.codes.insert(no, (code_digest.clone(), false));
            }
            RecordAction::LoginCode(CodeAction::Try { code_digest }) => {
                let known = seen.codes.get_mut(&no);
                let Some((last, is_used)) = known.filter(|_| code.was_right) else {
                    return;
                };
                self.stage.must(last == code_digest && !*is_used, || {
                    format!("code {no} was good though it was used, or not the last")
                });
                *is_used = true;
            }
            _ => {
                self.stage
                    .wrong(format!("code {no} was changed by another step"));
            }
        }
    }

    /// One row for each act that took effect, in their order, in a sound chain.
    fn check_audit(&self, seen: &mut Seen, audit: &[AuditEntry]) {
        let written = usize::try_from(seen.chain.seq).unwrap_or(usize::MAX);
        let rows = audit
            .iter()
            .filter(|row| row.act.action.starts_with("applications."));
        let ids: Vec<&str> = rows.map(|row| row.act.audit_id.as_str()).collect();
        self.stage.must(ids == seen.acts, || {
            format!(
                "these acts took effect: {:?}; written down: {ids:?}",
                seen.acts
            )
        });
        for row in audit.iter().skip(written) {
            if let Err(broken) = seen.chain.advance(row) {
                self.stage.wrong(format!("the office's record: {broken}"));
            }
        }
    }

    fn read<A: heliu_trade::record::Aggregate>(&self, story: &RecordStory) -> Option<A> {
        let read = story.record.read::<A>();
        if let Err(cause) = &read {
            self.stage
                .wrong(format!("a record cannot be read: {cause}"));
        }
        read.ok()
    }

    /// The end: all applications as the books have them are those that were seen, and each is
    /// decided.
    pub(super) fn check_end(&self, stories: &[RecordStory], audit: &[AuditEntry]) {
        let seen = &mut *self.seen();
        self.check_audit(seen, audit);
        self.stage.must(stories.len() == seen.known.len(), || {
            "applications came or went beside every commit".to_owned()
        });
        for story in stories {
            let no = story.record.subject.no;
            let Some(is) = self.read::<Application>(story) else {
                continue;
            };
            let known = seen.known.get(&no).map(|known| &known.application);
            self.stage.must(known == Some(&is), || {
                format!("application {no} is {is:?}, and was left as {known:?}")
            });
            self.stage.must(is.state != State::Auditing, || {
                format!("application {no} was never decided")
            });
            let state = story.merchant.as_ref().map(|merchant| merchant.state);
            self.must_trade_rightly(seen, &is, state);
        }
    }

    /// What an agent was told of a merchant stood in the books since it asked.
    pub(super) fn must_be_told(&self, app_id: &str, told: MerchantState, since_ms: i64) {
        let was = self.states_since(app_id, since_ms - ANSWER_MS);
        self.stage.must(was.contains(&told), || {
            format!("an agent was told that {app_id} is {told:?}; meanwhile it was {was:?}")
        });
    }

    /// A merchant of an application that was refused as not enabled was not, since it asked.
    pub(super) fn must_have_been_shut(&self, app_id: &str, since_ms: i64) {
        let was = self.states_since(app_id, since_ms - ANSWER_MS);
        let is_right = was.iter().any(|state| *state != MerchantState::Enabled);
        self.stage.must(is_right, || {
            format!("{app_id} was refused as not enabled; meanwhile it was {was:?}")
        });
    }

    /// A merchant of an application that makes an order may do so, or might a moment ago.
    pub(super) fn must_have_been_open(&self, merchant_id: &MerchantId) {
        let since_ms = self.stage.clock.passed_ms() - KNOWN_FOR_MS;
        let was = self.states_since(merchant_id.as_str(), since_ms);
        let is_registered = self.seen().merchants.contains_key(merchant_id);
        let is_right = !is_registered || was.contains(&MerchantState::Enabled);
        self.stage.must(is_right, || {
            format!("{merchant_id} made an order; meanwhile it was {was:?}")
        });
    }

    /// Everything that a merchant was since then. Its number on the wire and its id are the same.
    fn states_since(&self, merchant: &str, since_ms: i64) -> Vec<MerchantState> {
        let seen = self.seen();
        let states = seen.merchants.get(&MerchantId::from(merchant));
        let states = states.map_or(&[][..], Vec::as_slice);
        let until = states.iter().skip(1).map(|(at, _)| *at);
        let until = until.chain([i64::MAX]);
        let during = states.iter().zip(until);
        during
            .filter(|(_, until)| *until >= since_ms)
            .map(|((_, state), _)| *state)
            .collect()
    }
}

impl Seen {
    fn note(&mut self, merchant_id: &MerchantId, at_ms: i64, state: MerchantState) {
        let states = self.merchants.entry(merchant_id.clone()).or_default();
        states.push((at_ms, state));
    }
}

/// The word for a step in the log.
const fn word(action: &RecordAction) -> &'static str {
    match action {
        RecordAction::Application(Action::Submit(_)) => "submit",
        RecordAction::Application(Action::Decide(Decision::Pass)) => "pass",
        RecordAction::Application(Action::Decide(Decision::Reject(_))) => "reject",
        RecordAction::LoginCode(CodeAction::Send { .. }) => "send code",
        RecordAction::LoginCode(CodeAction::Try { .. }) => "try code",
        _ => "another",
    }
}
