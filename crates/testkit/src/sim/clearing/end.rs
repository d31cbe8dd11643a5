//! The end: all is calm, days go by until everything that was earned is paid out, and what the bank
//! paid is what the books say.

use std::sync::Arc;

use heliu_engine::HoldEnding;
use heliu_ports::clock::Clock as _;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::StepName;
use heliu_trade::followup::subject::Owner;
use heliu_trade::funds::FundsMode;
use heliu_trade::hold::{Hold, HoldState};
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::Account;
use heliu_trade::order::OrderState;
use heliu_trade::payout::{Payout, PayoutState};
use heliu_trade::settlement::{Settlement, SettlementState};
use heliu_trade::settlement_card::OwnerCards;
use heliu_trade::settlement_terms::SettlementTerms;
use heliu_trade::time::MINUTE_MS;

use super::bank::{NAME, PayingBank};
use super::days;
use super::office::Office;
use super::papers;
use crate::sim::agents;
use crate::sim::stage::wait_ms;

/// So many days may it take until everything is paid out: a long holiday, the days for which a paid
/// bill is watched, and some for bills that come back.
const DAYS_MAX: i64 = 40;
/// So many days the bank goes on doing as it likes after all else is calm.
const UNFAIR_DAYS: i64 = 4;
/// How long the house works on what a date's end brings, in ms: it looks at the clock every half
/// minute. And on what people hand to it.
const WORK_MS: i64 = 35_000;
const SEND_MS: i64 = 5_000;
/// How long what goes on outside is waited for at once before the days go by, in ms, and how often.
const BUSY_MS: i64 = MINUTE_MS;
const BUSY_WAITS_MAX: u32 = 90;
/// How long after the drafts of a date people come to work, in ms.
const COME_MS: i64 = 10 * MINUTE_MS;

/// Accounts of an owner on which nothing stays.
const EMPTY: [Account; 4] = [
    Account::Frozen,
    Account::Reserve,
    Account::PayoutDue,
    Account::InTransit,
];

/// Days go by until everything is paid out.
pub(super) async fn conclude(office: &Arc<Office>, bank: &Arc<PayingBank>) {
    let (stage, house) = (&office.merchants.stage, &office.merchants.house);
    stage.line("all", "is calm", "", "");
    if !house.is_running() {
        house.start().await;
    }
    // A callback that was lost comes again after half an hour.
    for _ in 0..BUSY_WAITS_MAX {
        if !stage.is_busy() {
            break;
        }
        wait_ms(BUSY_MS).await;
    }
    let tomorrow = BusinessDate::of(stage.clock.now()).next();
    for owner in &office.owners {
        office
            .propose_terms(owner, tomorrow, papers::plain_terms())
            .await;
    }
    for day in 0..DAYS_MAX {
        if day == UNFAIR_DAYS {
            bank.become_fair();
        }
        wait_ms(WORK_MS).await;
        if stage.is_broken() {
            return;
        }
        office.clear_desk().await;
        wait_ms(SEND_MS).await;
        if is_settled(office, bank) {
            office.merchants.compare();
            compare(office, bank).await;
            stage.line("all", "is paid out", "", "");
            return;
        }
        let today = BusinessDate::of(stage.clock.now());
        let drafted_at = StepName::Draft.due_at(today);
        days::move_to(stage, drafted_at.plus_ms(COME_MS));
    }
    stage.wrong(format!("not paid out in {DAYS_MAX} days: {}", left(office)));
}

impl Office {
    /// People do all that waits for them, in the order in which one thing leads to the next.
    async fn clear_desk(&self) {
        for hold in self.active_holds() {
            self.end_hold(hold, HoldEnding::Release).await;
        }
        for owner in &self.owners {
            self.withdraw(owner, true).await;
        }
        for bill in self.listed::<Payout>() {
            if bill.awaits_repair() {
                self.repair_for_good(&bill).await;
            }
        }
        self.look_at_batches().await;
        self.let_all_pass().await;
        self.send().await;
    }

    /// To a card to which the bank pays.
    async fn repair_for_good(&self, bill: &Payout) {
        let place = self.owners.iter().position(|owner| *owner == bill.owner);
        let Some(place) = place else { return };
        let mut cards = self.listed::<OwnerCards>().into_iter();
        let active = cards.find(|cards| cards.owner == bill.owner);
        let active = active.and_then(|cards| Some(cards.active()?.card_no));
        if active == Some(bill.card.card_no) {
            self.propose_card(place, false).await;
            self.let_all_pass().await;
        }
        self.repair(bill).await;
    }
}

/// Whether nothing is under way and nothing waits for anybody.
fn is_settled(office: &Office, bank: &PayingBank) -> bool {
    let (stage, store) = (&office.merchants.stage, &office.merchants.house.store);
    let owes_nothing = office.owners.iter().all(|owner| {
        let stays = EMPTY
            .iter()
            .map(|account| store.balance_fen(owner, account));
        let is_empty = stays.into_iter().all(|fen| fen == 0);
        let owed_fen = -store.balance_fen(owner, &owner.balance());
        is_empty
            && owed_fen <= carried_fen(office, owner)
            && store.balance_fen(owner, &Account::Available) >= 0
            && unswept_fen(office, owner) == 0
    });
    let has_jobs = store.earliest_job_at().is_some();
    owes_nothing && !has_jobs && !stage.is_busy() && !bank.has_pending()
}

/// So much of what is owed to an owner waits for more to come: by the terms of the day of its
/// newest settlement that no bill pays, what does not pay the bill's fee or is below the minimum.
fn carried_fen(office: &Office, owner: &Owner) -> i64 {
    let settlements = office.listed::<Settlement>().into_iter();
    let closed = settlements
        .filter(|it| it.key.owner == *owner && it.state == SettlementState::Closed)
        .map(|it| it.key.trade_date);
    let Some(date) = closed.max() else { return 0 };
    let terms = office.terms_of(owner);
    let terms = terms.as_ref().and_then(|terms| terms.at(date));
    terms.map_or(0, |version| {
        let SettlementTerms {
            minimum_fen,
            payout_fee_fen,
            ..
        } = version.terms;
        payout_fee_fen + (minimum_fen - 1).max(0)
    })
}

/// What stands where, for whoever looks why nothing moves.
fn left(office: &Office) -> String {
    let store = &office.merchants.house.store;
    let bills = office.listed::<Payout>();
    let bills = bills
        .iter()
        .filter(|bill| !bill.state.has_ended() || bill.awaits_repair());
    let bills: Vec<_> = bills.collect();
    let accounts = office.owners.iter().map(|owner| {
        let balance_fen = store.balance_fen(owner, &owner.balance());
        let stays = EMPTY
            .iter()
            .map(|account| store.balance_fen(owner, account));
        let stays: Vec<_> = stays.collect();
        let available_fen = store.balance_fen(owner, &Account::Available);
        let unswept_fen = unswept_fen(office, owner);
        format!("{owner} {balance_fen} {available_fen} {stays:?} {unswept_fen}")
    });
    let accounts: Vec<_> = accounts.collect();
    let settlements = office.listed::<Settlement>().into_iter();
    let closed = settlements.filter(|it| it.state == SettlementState::Closed);
    let closed = closed.map(|it| {
        let terms = office.terms_of(&it.key.owner);
        let terms = terms.as_ref().and_then(|terms| terms.at(it.key.trade_date));
        let terms = terms.map(|version| version.terms.clone());
        format!("{:?} {} fen, by {terms:?}", it.key, it.sums.net_fen())
    });
    let closed: Vec<_> = closed.collect();
    let job_at = store.earliest_job_at();
    format!("{accounts:?}, next job at {job_at:?}, {bills:?}, no bill pays {closed:#?}")
}

/// What an agent earned that is still in the merchants' books, debits less credits.
fn unswept_fen(office: &Office, owner: &Owner) -> i64 {
    let Owner::Agent(party_id) = owner else {
        return 0;
    };
    let account = Account::AgentAccrued(party_id.clone());
    let store = &office.merchants.house.store;
    let merchants = office.owners.iter();
    let merchants = merchants.filter(|owner| matches!(owner, Owner::Merchant(_)));
    merchants
        .map(|owner| store.balance_fen(owner, &account))
        .sum()
}

/// What everybody earned, by the orders, is what the bank paid them and what is left, by the
/// journal; and dates that are closed are what they were.
async fn compare(office: &Office, bank: &PayingBank) {
    let (stage, house) = (&office.merchants.stage, &office.merchants.house);
    let (store, orders) = (&house.store, house.store.all_books());
    let bills = office.listed::<Payout>();
    let mut paid_fen = 0;
    for (place, owner) in office.owners.iter().enumerate() {
        let earned_fen: i64 = orders.iter().map(|book| earned_fen(book, owner)).sum();
        let kept_fen = bank.kept_fen(place);
        let fees_fen = fees_fen(&bills, owner);
        let seized_fen = seized_fen(office, owner);
        let left_fen = -store.balance_fen(owner, &owner.balance())
            - store.balance_fen(owner, &Account::Available);
        paid_fen += kept_fen;
        stage.must(earned_fen == kept_fen + fees_fen + seized_fen + left_fen, || {
            format!(
                "(19) {owner} earned {earned_fen} fen, got {kept_fen}, paid fees of {fees_fen}, \
                 lost {seized_fen}, and {left_fen} are left"
            )
        });
        let account = Account::Bank(NAME.into());
        let booked_fen = -store.balance_fen(owner, &account);
        stage.must(booked_fen == kept_fen, || {
            format!("(19) {owner} was paid {kept_fen} fen, the books say {booked_fen}")
        });
    }
    let is_open = |bill: &&Payout| !bill.state.has_ended() || bill.awaits_repair();
    let open: Vec<_> = bills.iter().filter(is_open).collect();
    stage.must(open.is_empty(), || format!("bills have no end: {open:?}"));
    let deed = |engine: heliu_engine::Engine| async move { engine.check_closed_dates().await };
    let faults = match house.run(deed).await {
        Some(Ok(found)) => found.faults,
        other => vec![format!("{other:?}")],
    };
    stage.must(faults.is_empty(), || format!("closed dates: {faults:?}"));
    let more = format!("{paid_fen} fen by {} bills", bills.len());
    stage.line("all", "is compared", "", &more);
}

/// What an order left its merchant, or an agent, in fen; of a merchant's only what we are paid for
/// it.
fn earned_fen(book: &OrderBook, owner: &Owner) -> i64 {
    let order = &book.order;
    let merchant_id = match owner {
        Owner::Merchant(merchant_id) => merchant_id,
        Owner::Agent(party_id) => return agents::shared_fen(book, party_id),
        Owner::Platform => return 0,
    };
    let payment = order.payment.as_ref();
    let payment = payment.filter(|_| order.state == OrderState::Paid);
    let Some(payment) = payment.filter(|_| order.merchant_id == *merchant_id) else {
        return 0;
    };
    let mut attempts = book.attempts.iter();
    let paying = attempts.find(|attempt| attempt.attempt_no == payment.attempt_no);
    if paying.is_none_or(|attempt| attempt.route.funds.mode != FundsMode::Held) {
        return 0;
    }
    let fee_fen = payment.fee_fen - order.fee_returned_fen;
    payment.evidence.receivable_fen() - order.refunded.receivable_fen - fee_fen
}

/// The first bill of a chain costs; one that is undone for good gives that back.
fn fees_fen(bills: &[Payout], owner: &Owner) -> i64 {
    let its = bills.iter().filter(|bill| bill.owner == *owner);
    let fees = its.map(|bill| {
        let is_first = bill.previous.is_none();
        let is_undone = bill.state == PayoutState::Voided && bill.replaced_by.is_none();
        (i64::from(is_first) - i64::from(is_undone)) * bill.amounts.fee_fen
    });
    fees.sum()
}

fn seized_fen(office: &Office, owner: &Owner) -> i64 {
    let holds = office.listed::<Hold>().into_iter();
    let seized = holds.filter(|hold| hold.owner == *owner && hold.state == HoldState::Seized);
    seized.map(|hold| hold.filled_fen).sum()
}
