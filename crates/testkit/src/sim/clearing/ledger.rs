//! Watches money's way out: what every commit left of bills, batches, approvals and steps of the
//! day, against one another, against the journal and against what the bank really did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use heliu_ports::store::RecordCommit;
use heliu_trade::approval::{Approval, ApprovalState};
use heliu_trade::day::{DayStep, DayStepState};
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::Hold;
use heliu_trade::id::{MerchantId, OrderNo, PlatformNo};
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::Account;
use heliu_trade::payout::{self, OwnerPapers, Payout, PayoutState, check_owner, check_requests};
use heliu_trade::payout_batch::{self, PayoutBatch, check_batch};
use heliu_trade::record::{Aggregate, Record, RecordKind};
use heliu_trade::records::RecordAction;
use heliu_trade::withdrawal::Withdrawal;

use super::bank::{Asked, Life, PayingBank};
use crate::MemoryStore;
use crate::memory_store::RecordStory;
use crate::sim::recorder::Follower;
use crate::sim::stage::Stage;

/// How often the house dies in a step of the day, out of a hundred, and after how many calls of the
/// books at most.
const KILLED_PERCENT: i64 = 25;
const KILLED_WITHIN: i64 = 25;

/// What was seen of money's way out.
pub(in crate::sim) struct Ledger {
    stage: Arc<Stage>,
    /// The books hold who watches them.
    store: Weak<MemoryStore>,
    bank: Arc<PayingBank>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    records: BTreeMap<PlatformNo, Record>,
    bills: BTreeMap<PlatformNo, Payout>,
    approvals: BTreeMap<PlatformNo, Approval>,
    /// How many entries each order had.
    entries: BTreeMap<(MerchantId, OrderNo), usize>,
}

impl Ledger {
    pub(in crate::sim) fn new(
        stage: &Arc<Stage>,
        store: &Arc<MemoryStore>,
        bank: &Arc<PayingBank>,
    ) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            store: Arc::downgrade(store),
            bank: Arc::clone(bank),
            seen: Mutex::default(),
        })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Invariants 9 and 10: what goes out to the bank stands in the books, as it goes out.
    pub(super) fn must_know_request(&self, asked: &Asked) {
        let seen = self.seen();
        let mut bills = seen.bills.values();
        let bill = bills.find(|bill| {
            let open = bill.open_request();
            open.is_some_and(|request| request.request_no == asked.request_no)
        });
        let is_it = bill.is_some_and(|bill| {
            bill.state.is_in_transit()
                && bill.amounts.real_fen == asked.amount_fen
                && bill.bill_id().to_string() == asked.remark
        });
        self.stage.must(is_it, || {
            format!("(9) {asked:?} goes out, the books have {bill:?}")
        });
    }
}

impl Follower for Ledger {
    fn committed(&self, commit: &RecordCommit, after: &[RecordStory], audit: &[AuditEntry]) {
        let seen = &mut *self.seen();
        let mut owners = BTreeSet::new();
        let mut changed = 0;
        for story in after {
            let (no, owner) = (story.record.subject.no, &story.record.subject.owner);
            if seen.records.get(&no) == Some(&story.record) {
                continue;
            }
            changed += 1;
            let known = seen.records.insert(no, story.record.clone());
            self.tell(known.as_ref(), story);
            if *owner != Owner::Platform {
                owners.insert(owner.name().into_owned());
            }
            match story.record.kind {
                RecordKind::Approval => self.saw_approval(seen, &story.record),
                RecordKind::Payout => self.saw_bill(seen, &story.record),
                RecordKind::DayStep => self.saw_step(&story.record),
                _ => {}
            }
        }
        // An approval is used in the same commit as its batch passes.
        for story in after {
            if story.record.kind == RecordKind::PayoutBatch {
                self.saw_batch(seen, &story.record);
            }
        }
        self.check_bridge(after);
        self.check_act(commit, changed > 0, audit);
        for owner in owners {
            self.check_owner(&Owner::of_name(&owner));
        }
    }

    fn saw_order(&self, book: &OrderBook) {
        let order = &book.order;
        let key = (order.merchant_id.clone(), order.order_no);
        let count = book.trail.entries.len();
        let before = self.seen().entries.insert(key, count);
        if before.unwrap_or(0) != count {
            self.check_owner(&Owner::Merchant(order.merchant_id.clone()));
        }
    }
}

impl Ledger {
    /// A line of what became of a record: what is new in its timeline and its journal.
    fn tell(&self, known: Option<&Record>, story: &RecordStory) {
        let record = &story.record;
        let counts = known.map(|known| (known.counts.events, known.counts.entries));
        let (events, entries) = counts.unwrap_or_default();
        let events = story.trail.events.iter().filter(|it| it.index >= events);
        let events = events.map(|event| format!("{} {}", event.kind.as_str(), event.detail));
        let entries = story.trail.entries.iter().filter(|it| it.index >= entries);
        let entries = entries.map(|entry| entry.kind.as_str().to_owned());
        let more: Vec<_> = events.chain(entries).collect();
        // Of the steps of a date that was opened there is nothing to tell.
        if !more.is_empty() {
            let more = format!(
                "{} {} => {}",
                record.subject.owner,
                record.state,
                more.join(", ")
            );
            let no = record.subject.no.to_string();
            self.stage.line("books", record.kind.as_str(), &no, &more);
        }
    }

    /// Invariant 19.
    fn check_owner(&self, owner: &Owner) {
        let Some(store) = self.store.upgrade() else {
            return;
        };
        let standing = store.owner_standing(owner);
        let papers = OwnerPapers {
            bills: self.papers::<Payout>(&store, owner),
            holds: self.papers::<Hold>(&store, owner),
            withdrawals: self.papers::<Withdrawal>(&store, owner),
        };
        for violation in check_owner(&standing, &papers) {
            self.stage
                .wrong(format!("({}) {}", violation.invariant, violation.message));
        }
    }

    fn papers<A: Aggregate>(&self, store: &MemoryStore, owner: &Owner) -> Vec<A> {
        let of_owner = store.records_of_owner(A::KIND, owner);
        of_owner
            .iter()
            .filter_map(|record| self.read(record))
            .collect()
    }

    fn saw_approval(&self, seen: &mut Seen, record: &Record) {
        let Some(approval) = self.read::<Approval>(record) else {
            return;
        };
        // One's own proposal one may take back.
        let may_pass = matches!(
            approval.state,
            ApprovalState::Approved | ApprovalState::Used
        );
        let is_of_two = !may_pass || approval.checker.as_ref() != Some(&approval.maker);
        self.stage.must(is_of_two, || {
            format!(
                "(10) {} let their own proposal pass: {approval:?}",
                approval.maker
            )
        });
        seen.approvals.insert(approval.approval_no, approval);
    }

    fn saw_batch(&self, seen: &Seen, record: &Record) {
        let Some(batch) = self.read::<PayoutBatch>(record) else {
            return;
        };
        let approval = batch.approval_no.and_then(|no| seen.approvals.get(&no));
        for violation in check_batch(&batch, approval) {
            self.stage
                .wrong(format!("({}) {}", violation.invariant, violation.message));
        }
    }

    fn saw_bill(&self, seen: &mut Seen, record: &Record) {
        let Some(bill) = self.read::<Payout>(record) else {
            return;
        };
        let before = seen.bills.insert(bill.payout_no, bill.clone());
        self.check_course(before.as_ref(), &bill);
        self.check_truth(&bill);
        let mut numbers = BTreeSet::new();
        for violation in seen
            .bills
            .values()
            .flat_map(|bill| check_requests(bill, &mut numbers))
        {
            self.stage
                .wrong(format!("({}) {}", violation.invariant, violation.message));
        }
    }

    /// Where a bill may go from where it stands.
    fn check_course(&self, before: Option<&Payout>, bill: &Payout) {
        use PayoutState as S;
        let (was, is) = (before.map(|bill| bill.state), bill.state);
        let may_be = match (was, is) {
            (None, S::Drafted | S::Frozen) => true,
            (Some(was), is) if was == is => true,
            (Some(S::Drafted), S::Approved | S::Voided)
            | (Some(S::Approved), S::Drafted | S::Sending | S::Voided)
            | (Some(S::Sending), S::Unknown | S::Paid | S::Failed | S::Returned)
            | (Some(S::Unknown), S::Paid | S::Failed | S::Returned)
            | (Some(S::Paid), S::Returned)
            | (Some(S::Failed | S::Returned), S::Drafted | S::Voided) => true,
            _ => false,
        };
        let is_same = before
            .is_none_or(|before| (before.amounts, &before.owner) == (bill.amounts, &bill.owner));
        self.stage.must(may_be && is_same, || {
            format!("(10) a bill goes from {before:?} to {bill:?}")
        });
    }

    /// What the books say of a bill is what the bank did: it is paid only once the payee has it,
    /// and never called failed while the payee has it or may get it.
    fn check_truth(&self, bill: &Payout) {
        for (index, request) in bill.requests.iter().enumerate() {
            let is_last = index + 1 == bill.requests.len();
            let life = self.bank.life_of(&request.request_no);
            let is_true = match &request.end {
                None => is_last,
                Some(payout::RequestEnd::Paid(_)) => {
                    matches!(life, Some(Life::Paid | Life::Returned))
                }
                Some(payout::RequestEnd::Failed(_)) => life == Some(Life::Failed),
                Some(payout::RequestEnd::Returned(_)) => life == Some(Life::Returned),
            };
            self.stage.must(is_true, || {
                format!(
                    "(10) bill {} says of request {} {:?}, at the bank it is {life:?}",
                    bill.bill_id(),
                    request.request_no,
                    request.end
                )
            });
        }
    }

    /// A step of the day comes through, with all its pieces. Now and then the house dies in it.
    fn saw_step(&self, record: &Record) {
        let Some(step) = self.read::<DayStep>(record) else {
            return;
        };
        let has_failed = step.state == DayStepState::Failed || step.failed > 0;
        self.stage.must(!has_failed, || {
            format!(
                "(17) step {} of {} failed: {step:?}",
                step.step.as_str(),
                step.date
            )
        });
        self.stage.must(step.other_inputs.is_none(), || {
            format!("(17) a step that is done would work on something else: {step:?}")
        });
        let begins = step.state == DayStepState::Running && (step.done, step.of) == (0, 0);
        if begins && self.stage.trouble(KILLED_PERCENT) {
            self.stage
                .doom_in(self.stage.dice.between(1, KILLED_WITHIN));
        }
    }

    /// Invariant 11: what leaves one book by the bridge arrives in another one at once.
    fn check_bridge(&self, after: &[RecordStory]) {
        let swept = after
            .iter()
            .filter(|story| story.record.kind == RecordKind::Sweep);
        let entries = swept.flat_map(|story| &story.trail.entries);
        let lines = entries.flat_map(|entry| &entry.lines);
        let bridge = lines.filter(|line| line.account == Account::Bridge);
        let both_sides = after.len() != 1;
        let sum_fen: i64 = bridge.map(|line| line.amount_fen).sum();
        self.stage.must(!both_sides || sum_fen == 0, || {
            format!("(11) {sum_fen} fen stay on the bridge between books")
        });
    }

    /// Invariant 12: what somebody does and what changes by it is written down in the same commit.
    fn check_act(&self, commit: &RecordCommit, has_changed: bool, audit: &[AuditEntry]) {
        let needs = match &commit.step.action {
            RecordAction::Approval(_)
            | RecordAction::SettlementCard(_)
            | RecordAction::Hold(_)
            | RecordAction::Withdrawal(_)
            | RecordAction::PayoutBatch(payout_batch::Action::Submit { .. })
            | RecordAction::Payout(
                payout::Action::Repair | payout::Action::Void { .. } | payout::Action::End(_),
            ) => has_changed,
            _ => false,
        };
        let act = commit.audit.as_ref().map(|act| &act.audit_id);
        let rows = audit.iter().filter(|row| Some(&row.act.audit_id) == act);
        let count = rows.count();
        let is_right = match (needs, act) {
            (true, _) => count == 1,
            (false, Some(_)) => count <= 1,
            (false, None) => true,
        };
        self.stage.must(is_right, || {
            format!(
                "(12) {:?} is written down {count} times",
                commit.step.action
            )
        });
    }

    fn read<A: Aggregate>(&self, record: &Record) -> Option<A> {
        let read = record.read::<A>();
        if let Err(cause) = &read {
            self.stage
                .wrong(format!("a record cannot be read: {cause}"));
        }
        read.ok()
    }
}
