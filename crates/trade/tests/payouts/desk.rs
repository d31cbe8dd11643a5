//! A desk with one owner's records and balances, to which steps are taken as the books take them.

use std::collections::BTreeMap;

use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::TradeError;
use heliu_trade::followup::consequences::JobChange;
use heliu_trade::followup::job::JobKind;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::four_eyes;
use heliu_trade::hold::{self, Hold, HoldAmount, HoldState};
use heliu_trade::id::{MerchantId, PlatformNo};
use heliu_trade::ledger::{Account, EntryKind};
use heliu_trade::payout::{Action, NewPayout, Payout, RunningRefund};
use heliu_trade::payout_batch::{self, NewBatch, PayoutBatch};
use heliu_trade::record::{Aggregate, Balances, Loaded, Record, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep, decide};
use heliu_trade::settlement::{self, Settlement, SettlementKey, SettlementSums, item_class};
use heliu_trade::settlement_card::{CardKind, CardState, OwnerCards, SettlementCard};
use heliu_trade::settlement_terms::{Cycle, SettlementTerms};
use heliu_trade::standing::{Standing, StandingLimits};
use heliu_trade::time::{MINUTE_MS, Timestamp};
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn, Unknown};
use heliu_trade::withdrawal::{self, Withdrawal, WithdrawalState};

/// The account that pays.
pub(crate) const BANK: &str = "bank1";

pub(crate) fn no(number: u64) -> PlatformNo {
    PlatformNo::from_u64(number)
}

fn now() -> Timestamp {
    let text = "2026-11-30T05:00:00+08:00";
    Timestamp::parse_rfc3339(text).expect("valid")
}

fn owner() -> Owner {
    Owner::Merchant(MerchantId::from("M1"))
}

pub(crate) fn paid() -> PayoutResult {
    PayoutResult::Paid(PayoutEvidence {
        bank_no: "B1".to_owned(),
        paid_at: now(),
        remark: String::new(),
    })
}

pub(crate) fn returned(reason: &str) -> PayoutResult {
    let PayoutResult::Paid(payment) = paid() else {
        unreachable!("it is paid");
    };
    PayoutResult::Returned(PayoutReturn {
        payment,
        returned_at: now(),
        reason: reason.to_owned(),
    })
}

pub(crate) fn failed(reason: &str) -> PayoutResult {
    let reason = reason.to_owned();
    PayoutResult::Failed(PayoutFailure { reason })
}

pub(crate) fn refused(reason: &str) -> PayoutResult {
    let reason = reason.to_owned();
    PayoutResult::Refused(PayoutFailure { reason })
}

pub(crate) fn unknown() -> PayoutResult {
    PayoutResult::Unknown(Unknown::because("a time-out"))
}

pub(crate) fn not_found() -> PayoutResult {
    PayoutResult::NotFound
}

/// The records and balances of one owner.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    records: BTreeMap<PlatformNo, Record>,
    balances: BTreeMap<Account, i64>,
    settlements: Vec<PlatformNo>,
    holds: Vec<PlatformNo>,
    running: Vec<RunningRefund>,
    newest: Option<PlatformNo>,
    numbers: u64,
    /// When jobs of records are due.
    jobs: BTreeMap<(PlatformNo, JobKind), Timestamp>,
    /// How much later than five in the morning it is, in ms.
    pub(crate) later_ms: i64,
    items_fen: i64,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self {
            numbers: 100,
            ..Self::default()
        };
        desk.change_card();
        desk
    }

    /// With closed settlements that come to so much.
    pub(crate) fn with_settlements(nets_fen: &[i64]) -> Self {
        let mut desk = Self::new();
        for net_fen in nets_fen {
            desk.add_settlement(*net_fen);
        }
        desk
    }

    /// With a withdrawal of all that is available.
    pub(crate) fn with_withdrawal(amount_fen: i64) -> Self {
        let mut desk = Self::new();
        let withdrawal_no = desk.mint();
        let asked = Withdrawal {
            withdrawal_no,
            owner: owner(),
            amount_fen,
            asked_by: "li".to_owned(),
            state: WithdrawalState::Asked,
            bill_id: None,
        };
        desk.balances.insert(Account::Available, -amount_fen);
        let action = RecordAction::Withdrawal(withdrawal::Action::Ask(Box::new(asked)));
        desk.step(action, &[]).expect("asked");
        desk.balances.insert(Account::Available, amount_fen);
        desk.balances.insert(Account::PayoutDue, -amount_fen);
        desk.settlements.push(withdrawal_no);
        desk
    }

    pub(crate) fn mint(&mut self) -> PlatformNo {
        self.numbers += 1;
        no(self.numbers)
    }

    pub(crate) fn add_settlement(&mut self, net_fen: i64) {
        let settlement_no = self.mint();
        let key = SettlementKey {
            owner: owner(),
            trade_date: BusinessDate::of(now()).previous(),
            cycle: Cycle::T1,
            window: u32::try_from(self.settlements.len()).expect("few"),
        };
        let new = Box::new(Settlement::open(settlement_no, key.clone()));
        let open = RecordAction::Settlement(settlement::Action::Open(new));
        self.step(open, &[key.want()]).expect("open");
        let mut sums = SettlementSums::default();
        sums.add(EntryKind::PaymentReceived, 1, net_fen);
        let close = RecordAction::Settlement(settlement::Action::Close(sums));
        let want = self.numbered(settlement_no);
        self.step(close, &[want]).expect("closed");
        self.settlements.push(settlement_no);
    }

    pub(crate) fn place_hold(&mut self, amount: HoldAmount) {
        let hold = Hold {
            hold_no: self.mint(),
            owner: owner(),
            amount,
            filled_fen: 0,
            reason: "a complaint".to_owned(),
            placed_by: "li".to_owned(),
            state: HoldState::Active,
        };
        self.holds.push(hold.hold_no);
        let place = RecordAction::Hold(hold::Action::Place(Box::new(hold)));
        self.step(place, &[]).expect("placed");
    }

    pub(crate) fn running_refund(
        &mut self,
        refund_no: PlatformNo,
        amount_fen: i64,
        filled_fen: i64,
    ) {
        self.running.push(RunningRefund {
            refund_no,
            amount_fen,
            filled_fen,
        });
    }

    /// The owner's card becomes another one.
    pub(crate) fn change_card(&mut self) {
        let card_no = self.mint();
        let card = SettlementCard {
            card_no,
            holder_sealed: "sealed".to_owned(),
            holder_digest: "holder".to_owned(),
            holder_masked: "*试法人".to_owned(),
            kind: CardKind::Private,
            number_sealed: "sealed".to_owned(),
            number_digest: format!("digest{card_no}"),
            number_masked: "620000*********0018".to_owned(),
            clearing_number: "102584000010".to_owned(),
            bank_branch: "演示银行深圳支行".to_owned(),
            state: CardState::Active,
            approval_no: no(1),
            created_at: now(),
        };
        let cards = OwnerCards {
            owner: owner(),
            record_no: no(2),
            cards: vec![card],
        };
        let record = Record {
            subject: cards.subject(),
            kind: RecordKind::SettlementCards,
            state: cards.state().to_owned(),
            created_at: now(),
            changed_at: now(),
            counts: heliu_trade::followup::consequences::Counts::default(),
            body: serde_json::to_string(&cards).expect("text"),
        };
        self.records.insert(no(2), record);
    }

    /// People have let payouts pass up to these limits.
    pub(crate) fn stand(&mut self, per_payout_fen: i64, per_day_fen: i64) {
        let standing = Standing {
            record_no: no(4),
            limits: StandingLimits {
                per_payout_fen,
                per_day_fen,
                until: BusinessDate::of(now()),
            },
            approval_no: no(5),
            used_on: None,
            used_fen: 0,
        };
        let record = Record {
            subject: standing.subject(),
            kind: RecordKind::Standing,
            state: standing.state().to_owned(),
            created_at: now(),
            changed_at: now(),
            counts: heliu_trade::followup::consequences::Counts::default(),
            body: serde_json::to_string(&standing).expect("text"),
        };
        self.records.insert(no(4), record);
    }

    pub(crate) fn pass_standing(&mut self, batch: &PayoutBatch) -> Result<(), TradeError> {
        let mut wants = batch.wants();
        wants.push(self.numbered(no(4)));
        let approve = RecordAction::PayoutBatch(payout_batch::Action::ApproveStanding);
        self.step(approve, &wants)
    }

    /// How much of the standing approval is used, in fen.
    pub(crate) fn used_fen(&self) -> i64 {
        let standing: Standing = self.records[&no(4)].read().expect("it stands");
        standing.used_fen
    }

    /// The bill of all settlements, if there is one.
    pub(crate) fn draft(&mut self, terms: &SettlementTerms) -> Option<Payout> {
        let wanted = self.settlements.iter().chain(&self.holds);
        let wants: Vec<Want> = wanted.map(|no| self.numbered(*no)).collect();
        let new = self.new_payout(Cycle::T1, terms);
        self.make(Action::Draft(Box::new(new)), wants)
    }

    /// The bill of the withdrawal, if there is one.
    pub(crate) fn withdraw(&mut self, terms: &SettlementTerms) -> Option<Payout> {
        let wants = vec![self.numbered(self.settlements[0])];
        let new = self.new_payout(Cycle::Manual, terms);
        self.make(Action::Withdraw(Box::new(new)), wants)
    }

    fn new_payout(&mut self, cycle: Cycle, terms: &SettlementTerms) -> NewPayout {
        NewPayout {
            payout_no: self.mint(),
            owner: owner(),
            cycle,
            channel_account_id: BANK.into(),
            terms: terms.clone(),
            settlements: self.settlements.len(),
            holds: self.holds.len(),
            running_refunds: self.running.clone(),
        }
    }

    fn make(&mut self, action: Action, mut wants: Vec<Want>) -> Option<Payout> {
        wants.push(self.numbered(no(2)));
        self.newest = None;
        self.step(RecordAction::Payout(action), &wants)
            .expect("decided");
        self.newest.map(|_| self.newest())
    }

    /// Two people let the bill pass, and its batch is about to be sent.
    pub(crate) fn release(&mut self, bill: &Payout) {
        let batch = self.form(bill);
        self.submit(&batch).expect("submitted");
        self.pass(&batch).expect("let pass");
        self.start(&batch, None).expect("started");
    }

    pub(crate) fn start(
        &mut self,
        batch: &PayoutBatch,
        sha256: Option<&str>,
    ) -> Result<(), TradeError> {
        let sha256 = sha256.map(str::to_owned);
        let start = RecordAction::PayoutBatch(payout_batch::Action::Start { sha256 });
        self.step(start, &batch.wants())
    }

    pub(crate) fn form(&mut self, bill: &Payout) -> PayoutBatch {
        let batch_no = self.mint();
        let new = NewBatch {
            batch_no,
            date: BusinessDate::of(now()),
            cycle: bill.cycle,
            channel_account_id: BANK.into(),
        };
        let form = RecordAction::PayoutBatch(payout_batch::Action::Form(Box::new(new)));
        let want = self.want(bill);
        self.step(form, &[want]).expect("formed");
        self.records[&batch_no].read().expect("a batch")
    }

    pub(crate) fn batch(&self, batch: &PayoutBatch) -> PayoutBatch {
        self.records[&batch.batch_no].read().expect("a batch")
    }

    pub(crate) fn submit(&mut self, batch: &PayoutBatch) -> Result<(), TradeError> {
        let submit = payout_batch::Action::Submit {
            approval_no: self.mint(),
            maker: "li".to_owned(),
        };
        self.step(RecordAction::PayoutBatch(submit), &batch.wants())
    }

    /// wang approves it, and the approval is used.
    pub(crate) fn pass(&mut self, batch: &PayoutBatch) -> Result<(), TradeError> {
        let batch = self.batch(batch);
        let approval = self.numbered(batch.approval_no.expect("submitted"));
        let approve = RecordAction::Approval(four_eyes::Action::Approve {
            checker: "wang".to_owned(),
            new_no: no(3),
        });
        self.step(
            approve,
            &[approval.clone(), PayoutBatch::want(batch.batch_no)],
        )?;
        let mut wants = batch.wants();
        wants.push(approval);
        let approve = RecordAction::PayoutBatch(payout_batch::Action::Approve);
        self.step(approve, &wants)
    }

    pub(crate) fn begin(&mut self, bill: &Payout, request_no: u64) {
        self.try_begin(bill, request_no).expect("begun");
    }

    pub(crate) fn try_begin(&mut self, bill: &Payout, request_no: u64) -> Result<(), TradeError> {
        let batch_no = self.bill(bill).batch_no;
        let batch = batch_no.map(|batch_no| self.numbered(batch_no));
        let wants: Vec<_> = std::iter::once(self.want(bill)).chain(batch).collect();
        let request_no = no(request_no);
        self.step(
            RecordAction::PayoutBatch(payout_batch::Action::Send { request_no }),
            &wants,
        )
    }

    /// What the bank says.
    pub(crate) fn record(&mut self, bill: &Payout, result: PayoutResult) {
        let next_no = self.mint();
        let want = self.want(bill);
        self.take(Action::Record { result, next_no }, &[want])
            .expect("recorded");
    }

    /// A step about bills; the owner's cards are wanted behind.
    pub(crate) fn take(&mut self, action: Action, wants: &[Want]) -> Result<(), TradeError> {
        let mut wants = wants.to_vec();
        wants.push(self.numbered(no(2)));
        self.step(RecordAction::Payout(action), &wants)
    }

    pub(crate) fn numbered(&self, no: PlatformNo) -> Want {
        let record = &self.records[&no];
        Want::Numbered(record.kind, record.subject.clone())
    }

    pub(crate) fn want(&self, bill: &Payout) -> Want {
        self.numbered(bill.payout_no)
    }

    pub(crate) fn bill(&self, bill: &Payout) -> Payout {
        self.records[&bill.payout_no].read().expect("a bill")
    }

    /// The bill that was made last.
    pub(crate) fn newest(&self) -> Payout {
        let no = self.newest.expect("a bill was made");
        self.records[&no].read().expect("a bill")
    }

    pub(crate) fn step(&mut self, action: RecordAction, wants: &[Want]) -> Result<(), TradeError> {
        let step = RecordStep {
            wants: wants.to_vec(),
            now: now().plus_ms(self.later_ms),
            action,
        };
        let found = |want: &Want| match want {
            Want::Numbered(_, Subject { no, .. }) => self.records.get(no).cloned(),
            Want::Named(..) => None,
        };
        let loaded = Loaded {
            records: wants.iter().map(found).collect(),
            balances: Some(Balances {
                owner: owner(),
                fen: self.balances.clone(),
            }),
        };
        let changes = decide(&step, loaded)?;
        for saved in changes.saved {
            for entry in &saved.consequences.entries {
                let is_item = item_class(entry.kind).is_some();
                for line in &entry.lines {
                    if is_item && line.account == owner().balance() {
                        self.items_fen -= line.amount_fen;
                    }
                    *self.balances.entry(line.account.clone()).or_default() += line.amount_fen;
                }
            }
            for change in &saved.consequences.jobs {
                let (key, due_at) = match change {
                    JobChange::Put(job) => (&job.key, Some(job.due_at)),
                    JobChange::Drop(key) => (key, None),
                };
                let key = (key.subject.no, key.kind);
                match due_at {
                    Some(due_at) => self.jobs.insert(key, due_at),
                    None => self.jobs.remove(&key),
                };
            }
            let number = saved.record.subject.no;
            let is_new = self.records.insert(number, saved.record.clone()).is_none();
            if is_new && saved.record.kind == RecordKind::Payout {
                self.newest = Some(number);
            }
        }
        Ok(())
    }

    /// How long after five in the morning a job of a record is due, in minutes.
    pub(crate) fn job_min(&self, no: PlatformNo, kind: JobKind) -> Option<i64> {
        let due_at = self.jobs.get(&(no, kind));
        due_at.map(|due_at| due_at.since_ms(now()) / MINUTE_MS)
    }

    /// Nothing more of a batch is sent by itself.
    pub(crate) fn leave_alone(&mut self, batch: &PayoutBatch) {
        let approval_no = self.batch(batch).approval_no;
        let approval = approval_no.map(|no| self.numbered(no));
        let mut wants = vec![PayoutBatch::want(batch.batch_no)];
        wants.extend(approval);
        let leave = RecordAction::PayoutBatch(payout_batch::Action::LeaveAlone);
        self.step(leave, &wants).expect("left alone");
    }

    /// What stands on the accounts on which something does, in fen.
    pub(crate) fn balances(&self) -> BTreeMap<Account, i64> {
        let standing = self.balances.iter().filter(|(_, fen)| **fen != 0);
        standing
            .map(|(account, fen)| (account.clone(), *fen))
            .collect()
    }

    /// What was booked that the next settlement gathers, in fen.
    pub(crate) const fn items_fen(&self) -> i64 {
        self.items_fen
    }

    pub(crate) fn expect(&self, expected: &[(Account, i64)]) {
        assert_eq!(self.balances(), expected.iter().cloned().collect());
    }
}
