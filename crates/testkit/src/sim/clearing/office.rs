//! The office: people who let batches pass or do not, repair bills, change cards and terms, hold
//! money and free it, and ask for what an owner may withdraw.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use heliu_engine::{ApprovalVerdict, Engine, HoldEnding};
use heliu_ports::clock::Clock as _;
use heliu_ports::store::CommitError;
use heliu_trade::approval::{Approval, ApprovalAction, ApprovalState};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::{Hold, HoldAmount, HoldState};
use heliu_trade::id::PlatformNo;
use heliu_trade::ledger::Account;
use heliu_trade::payout::{Payout, PayoutState};
use heliu_trade::payout_batch::{BatchState, PayoutBatch};
use heliu_trade::record::Aggregate;
use heliu_trade::settlement_card::OwnerCards;
use heliu_trade::settlement_terms::{OwnerTerms, SettlementTerms};
use heliu_trade::standing::StandingLimits;

use super::papers;
use crate::sim::agents::AGENTS;
use crate::sim::merchant::Merchants;
use crate::sim::play::SELLERS;
use crate::sim::stage::wait_ms;

/// Who works there.
const PEOPLE: [&str; 3] = ["li", "wang", "zhao"];

/// Nobody proposes fees here, so no state of who pays what counts.
const YES: ApprovalVerdict = ApprovalVerdict::Approve { fee_tree: 0 };

/// Everybody who is paid.
fn owners() -> Vec<Owner> {
    let merchants = SELLERS.iter();
    let merchants = merchants.map(|(name, _)| Owner::Merchant((*name).into()));
    let agents = AGENTS.iter().map(|(name, _)| Owner::Agent((*name).into()));
    merchants.chain(agents).collect()
}

/// The office.
pub(super) struct Office {
    pub(super) merchants: Arc<Merchants>,
    pub(super) owners: Vec<Owner>,
    acts: AtomicU32,
    cards: AtomicU32,
}

impl Office {
    pub(super) fn new(merchants: &Arc<Merchants>) -> Arc<Self> {
        Arc::new(Self {
            merchants: Arc::clone(merchants),
            owners: owners(),
            acts: AtomicU32::new(0),
            cards: AtomicU32::new(0),
        })
    }

    /// All records of a kind, as the office's lists show them.
    pub(super) fn listed<A: Aggregate>(&self) -> Vec<A> {
        let records = self.merchants.house.store.records_of(A::KIND).into_iter();
        records.filter_map(|record| record.read().ok()).collect()
    }

    fn picked<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| self.merchants.stage.dice.pick(of))
    }

    /// Somebody does something: an act, and what an engine makes of it. `None`: nobody was there,
    /// or it was refused.
    async fn act<T, F>(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        deed: impl FnOnce(Engine, NewAudit) -> F,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, TradeError>> + Send + 'static,
    {
        let stage = &self.merchants.stage;
        let act = self.acts.fetch_add(1, Ordering::SeqCst);
        let audit = NewAudit {
            audit_id: format!("act-{act}"),
            at: stage.clock.now(),
            actor: actor.to_owned(),
            system_user: "office".to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            before: None,
            after: None,
        };
        stage.line("office", action, subject, actor);
        let was_calm = stage.is_calm();
        let answer = self.merchants.house.run(|engine| deed(engine, audit)).await;
        match answer? {
            Ok(done) => Some(done),
            Err(error) => {
                let is_fair = match error.code {
                    ErrorCode::Internal => false,
                    ErrorCode::BooksUnavailable => !was_calm,
                    _ => true,
                };
                let told = format!("{:?}: {}", error.code, error.message);
                stage.line("office", "is refused", subject, &told);
                stage.must(is_fair, || format!("{action} {subject}: {told}"));
                None
            }
        }
    }

    /// Somebody proposes that a batch passes.
    pub(super) async fn submit(&self, batch: &PayoutBatch) {
        let (no, maker) = (batch.batch_no, self.person());
        let deed = move |engine: Engine, audit| async move {
            engine.submit_batch(no, maker, |_| audit).await
        };
        self.act(maker, "batches.submit", &no.to_string(), deed)
            .await;
    }

    /// Somebody says yes or no to a proposal. Their own one they cannot let pass.
    pub(super) async fn decide(&self, approval: &Approval, verdict: ApprovalVerdict) {
        let (no, checker) = (approval.approval_no, self.person());
        let action = match &verdict {
            ApprovalVerdict::Approve { .. } => "approvals.approve",
            ApprovalVerdict::Reject(_) => "approvals.reject",
        };
        let deed = move |engine: Engine, audit| async move {
            decided(&engine, no, checker, verdict, audit).await
        };
        self.act(checker, action, &no.to_string(), deed).await;
    }

    /// Somebody who did not propose it lets a proposal pass.
    pub(super) async fn let_pass(&self, approval: &Approval) {
        let no = approval.approval_no;
        let mut others = PEOPLE.into_iter().filter(|name| *name != approval.maker);
        let Some(checker) = others.next() else { return };
        let deed = move |engine: Engine, audit| async move {
            decided(&engine, no, checker, YES, audit).await
        };
        self.act(checker, "approvals.approve", &no.to_string(), deed)
            .await;
    }

    pub(super) async fn let_all_pass(&self) {
        let now = self.merchants.stage.clock.now();
        for approval in self.listed::<Approval>() {
            if approval.state_at(now) == ApprovalState::Proposed {
                self.let_pass(&approval).await;
            }
        }
    }

    /// Sends what was let pass, before the day does.
    pub(super) async fn send(&self) {
        let deed = |engine: Engine, _| async move { engine.send_payouts().await };
        let sent = self.act("li", "payouts.send", "", deed).await;
        let failed = sent.map(|run| run.failed).unwrap_or_default();
        self.merchants.stage.must(failed.is_empty(), || {
            format!("what was let pass is not sent: {failed:?}")
        });
    }

    /// A bill that failed or came back is sent again.
    pub(super) async fn repair(&self, bill: &Payout) {
        let id = bill.bill_id();
        let deed =
            move |engine: Engine, audit| async move { engine.repair_payout(id, audit).await };
        self.act("li", "payouts.repair", &id.to_string(), deed)
            .await;
    }

    /// A bill is undone for good.
    pub(super) async fn void(&self, bill: &Payout) {
        let id = bill.bill_id();
        let deed = move |engine: Engine, audit| async move {
            engine.void_payout(id, "a mistake".to_owned(), audit).await
        };
        self.act("li", "payouts.void", &id.to_string(), deed).await;
    }

    /// Somebody proposes a card of the owner at a place.
    pub(super) async fn propose_card(&self, place: usize, is_bad: bool) {
        let owner = &self.owners[place];
        let serial = self.cards.fetch_add(1, Ordering::SeqCst);
        let (card, maker) = (papers::card(owner, place, is_bad, serial), self.person());
        let deed = move |engine: Engine, audit| async move {
            engine.propose_card(card, maker, audit).await
        };
        self.act(maker, "cards.add", &owner.to_string(), deed).await;
    }

    /// Somebody proposes terms of an owner.
    pub(super) async fn propose_terms(
        &self,
        owner: &Owner,
        from: BusinessDate,
        terms: SettlementTerms,
    ) {
        let standing = self.terms_of(owner);
        let next = standing.as_ref().map_or(1, OwnerTerms::next_version);
        let version = papers::version(owner.clone(), next, from, terms);
        let deed = move |engine: Engine, audit| async move {
            engine.propose_terms(version, None, "wang", audit).await
        };
        self.act("wang", "terms.set", &owner.to_string(), deed)
            .await;
    }

    pub(super) fn terms_of(&self, owner: &Owner) -> Option<OwnerTerms> {
        let mut terms = self.listed::<OwnerTerms>().into_iter();
        terms.find(|terms| terms.owner == *owner)
    }

    pub(super) fn has_card(&self, owner: &Owner) -> bool {
        let mut cards = self.listed::<OwnerCards>().into_iter();
        cards.any(|cards| cards.owner == *owner && cards.active().is_some())
    }

    /// Payouts up to a limit are let pass beforehand.
    pub(super) async fn propose_standing(&self) {
        let dice = &self.merchants.stage.dice;
        let limits = StandingLimits {
            per_payout_fen: *dice.pick(&[5_000, 1_000_000]),
            per_day_fen: *dice.pick(&[20_000, 10_000_000]),
            until: BusinessDate::of(self.merchants.stage.clock.now()).plus_days(2),
        };
        let deed = move |engine: Engine, audit| async move {
            engine.propose_standing(&limits, "zhao", audit).await
        };
        self.act("zhao", "standing.set", "", deed).await;
    }

    /// Somebody holds money of an owner's.
    pub(super) async fn hold(&self) {
        let dice = &self.merchants.stage.dice;
        let owner = dice.pick(&self.owners).clone();
        let fen = dice.between(1, 20_000);
        let amount = *dice.pick(&[HoldAmount::Fen(fen), HoldAmount::Fen(fen), HoldAmount::All]);
        let subject = owner.to_string();
        let deed = move |engine: Engine, audit| async move {
            let reason = "a complaint".to_owned();
            engine.place_hold(owner, amount, reason, "li", audit).await
        };
        self.act("li", "holds.place", &subject, deed).await;
    }

    /// Somebody proposes that a hold ends.
    pub(super) async fn end_hold(&self, hold: Hold, ending: HoldEnding) {
        let subject = hold.hold_no.to_string();
        let deed = move |engine: Engine, audit| async move {
            let reason = "it was settled".to_owned();
            let proposed = engine.propose_hold_end(&hold, ending, reason, "li", audit);
            proposed.await
        };
        self.act("li", "holds.end", &subject, deed).await;
    }

    /// An owner withdraws all or a part of what it may.
    pub(super) async fn withdraw(&self, owner: &Owner, takes_all: bool) {
        let (stage, store) = (&self.merchants.stage, &self.merchants.house.store);
        let available_fen = -store.balance_fen(owner, &Account::Available);
        if available_fen <= 0 {
            return;
        }
        let amount_fen = match takes_all {
            true => available_fen,
            false => stage.dice.between(1, available_fen + 100),
        };
        let subject = owner.to_string();
        let owner = owner.clone();
        let deed = move |engine: Engine, audit| async move {
            engine.ask_withdrawal(owner, amount_fen, "li", audit).await
        };
        self.act("li", "withdrawals.ask", &subject, deed).await;
    }

    fn person(&self) -> &'static str {
        self.merchants.stage.dice.pick::<&str>(&PEOPLE)
    }

    /// People let pass what was drafted, and perhaps send it before the day does.
    pub(super) async fn work(&self) {
        self.look_at_batches().await;
        self.look_at_proposals().await;
        if self.merchants.stage.dice.happens(40) {
            self.send().await;
        }
    }

    /// Somebody looks at batches: what is drafted is submitted.
    pub(super) async fn look_at_batches(&self) {
        for batch in self.listed::<PayoutBatch>() {
            if batch.state == BatchState::Drafted {
                self.submit(&batch).await;
            }
        }
    }

    /// Somebody looks at what others proposed, and says yes or no.
    pub(super) async fn look_at_proposals(&self) {
        let stage = &self.merchants.stage;
        for approval in self.listed::<Approval>() {
            if approval.state != ApprovalState::Proposed || stage.dice.happens(10) {
                continue;
            }
            let verdict = match stage.dice.happens(85) {
                true => YES,
                false => ApprovalVerdict::Reject("it looks odd".to_owned()),
            };
            // A card that is refused is proposed again; without any nobody is paid.
            let is_card = approval.action == ApprovalAction::Card;
            match (is_card, verdict) {
                (true, _) => self.let_pass(&approval).await,
                (false, verdict) => self.decide(&approval, verdict).await,
            }
        }
    }

    /// Somebody looks at bills that failed or came back, or undoes one.
    pub(super) async fn look_at_bills(&self) {
        let dice = &self.merchants.stage.dice;
        let bills = self.listed::<Payout>();
        let waiting: Vec<_> = bills.iter().filter(|bill| bill.awaits_repair()).collect();
        if let Some(bill) = self.picked(&waiting) {
            match dice.happens(85) {
                true => self.repair(bill).await,
                false => self.void(bill).await,
            }
        } else if dice.happens(25) {
            let is_unsent =
                |bill: &&Payout| matches!(bill.state, PayoutState::Drafted | PayoutState::Approved);
            let unsent: Vec<_> = bills.iter().filter(is_unsent).collect();
            if let Some(bill) = self.picked(&unsent) {
                self.void(bill).await;
            }
        }
    }

    /// Somebody looks at holds, and proposes that one ends.
    pub(super) async fn look_at_holds(&self) {
        let dice = &self.merchants.stage.dice;
        let holds = self.active_holds();
        if let Some(hold) = self.picked(&holds) {
            let ending = match dice.happens(80) {
                true => HoldEnding::Release,
                false => HoldEnding::Seize(None),
            };
            self.end_hold(hold.clone(), ending).await;
        }
    }

    pub(super) fn active_holds(&self) -> Vec<Hold> {
        let mut holds = self.listed::<Hold>();
        holds.retain(|hold| hold.state == HoldState::Active);
        holds
    }

    /// Everybody who is paid has terms and a card, whatever happens meanwhile.
    pub(super) async fn open(&self) {
        let (stage, house) = (&self.merchants.stage, &self.merchants.house);
        let from = BusinessDate::of(stage.clock.now()).previous();
        let terms: Vec<_> = self
            .owners
            .iter()
            .map(|_| papers::any_terms(&stage.dice))
            .collect();
        loop {
            let mut misses = false;
            for (place, owner) in self.owners.iter().enumerate() {
                if !self.has_card(owner) {
                    misses = true;
                    self.propose_card(place, stage.dice.happens(15)).await;
                }
                if self.terms_of(owner).is_none() {
                    misses = true;
                    self.propose_terms(owner, from, terms[place].clone()).await;
                }
            }
            if !misses {
                return;
            }
            self.let_all_pass().await;
            wait_ms(100).await;
            if !house.is_running() {
                house.start().await;
            }
        }
    }
}

/// What an engine makes of somebody's word about a proposal.
async fn decided(
    engine: &Engine,
    no: PlatformNo,
    checker: &str,
    verdict: ApprovalVerdict,
    audit: NewAudit,
) -> Result<Approval, TradeError> {
    let decided = engine.decide_approval(no, checker, verdict, audit).await;
    decided.map_err(|error| match error {
        CommitError::Rejected(error) => error,
        CommitError::Store(error) => {
            TradeError::new(ErrorCode::BooksUnavailable, error.to_string())
        }
    })
}
