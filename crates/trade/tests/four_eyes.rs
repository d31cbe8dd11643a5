//! What people of finance do: proposed by one, let pass by another, and then done at once.

use heliu_trade::adjustment::ProposedAdjustment;
use heliu_trade::approval::{
    Approval, ApprovalAction, ApprovalState, Content, NewApproval, canonical,
};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::TradeError;
use heliu_trade::followup::subject::Owner;
use heliu_trade::four_eyes::Action;
use heliu_trade::hold::{self, Hold, HoldAmount, HoldEnd, HoldState};
use heliu_trade::id::{MerchantId, PlatformNo};
use heliu_trade::ledger::Account;
use heliu_trade::record::{Aggregate, Balances, Loaded, Record, RecordChanges};
use heliu_trade::records::{RecordAction, RecordStep, decide};
use heliu_trade::settlement_card::{
    self, CardKind, CardNumber, CardState, OwnerCards, SettlementCard,
};
use heliu_trade::settlement_terms::{Cycle, OwnerTerms, SettlementTerms, TermsVersion};
use heliu_trade::standing::{Standing, StandingLimits};
use heliu_trade::time::Timestamp;
use heliu_trade::withdrawal::{self, Withdrawal, WithdrawalState};
use serde::Serialize;

const NOW: Timestamp = Timestamp::from_ms(1_000_000);
const APPROVAL: PlatformNo = PlatformNo::from_u64(1);
const NEW: PlatformNo = PlatformNo::from_u64(9);

fn owner() -> Owner {
    Owner::Merchant(MerchantId::from("M1"))
}

fn step(action: RecordAction) -> RecordStep {
    RecordStep {
        wants: Vec::new(),
        now: NOW,
        action,
    }
}

fn take(action: RecordAction, loaded: impl Into<Loaded>) -> Result<RecordChanges, TradeError> {
    decide(&step(action), loaded)
}

/// With so much on the owner's accounts, debits less credits.
fn having(fen: &[(Account, i64)]) -> Loaded {
    Loaded {
        records: Vec::new(),
        balances: Some(Balances {
            owner: owner(),
            fen: fen.iter().cloned().collect(),
        }),
    }
}

/// The approval of a content that li proposed.
fn proposed<T: Serialize>(action: ApprovalAction, subject: String, after: &T) -> Record {
    let new = NewApproval {
        approval_no: APPROVAL,
        action,
        subject,
        content: Content::new(canonical(after).expect("text")),
        maker: "li".to_owned(),
    };
    let action = RecordAction::Approval(Action::Propose(Box::new(new)));
    made(&take(action, Vec::new()).expect("proposed"))
}

/// The last record that a step made or changed.
fn made(changes: &RecordChanges) -> Record {
    let last = changes.after.iter().flatten().next_back();
    last.expect("a record").clone()
}

/// wang approves it, with what it is about.
fn approve(approval: &Record, about: Option<&Record>) -> RecordChanges {
    let action = RecordAction::Approval(Action::Approve {
        checker: "wang".to_owned(),
        new_no: NEW,
    });
    let mut loaded = vec![Some(approval.clone())];
    if about.is_some() {
        loaded.push(about.cloned());
    }
    take(action, loaded).expect("decided")
}

fn state(changes: &RecordChanges) -> (ApprovalState, Option<String>) {
    let approval: Approval = read(changes.after[0].as_ref());
    (approval.state, approval.reason)
}

fn read<A: Aggregate>(record: Option<&Record>) -> A {
    record.expect("a record").read().expect("its kind")
}

/// What was booked, as account and amount of the debits.
fn booked(changes: &RecordChanges) -> Vec<(String, i64)> {
    let entries = changes
        .saved
        .iter()
        .map(|saved| &saved.consequences.entries);
    let lines = entries.flatten().flat_map(|entry| &entry.lines);
    lines
        .map(|line| (line.account.name(), line.amount_fen))
        .collect()
}

fn pair(debit: &str, credit: &str, fen: i64) -> Vec<(String, i64)> {
    vec![(debit.to_owned(), fen), (credit.to_owned(), -fen)]
}

// Terms.

fn version(number: u32, from: &str, cycle: Cycle) -> TermsVersion {
    TermsVersion {
        owner: owner(),
        version: number,
        from: from.parse().expect("a date"),
        terms: SettlementTerms {
            cycle,
            ..SettlementTerms::default()
        },
    }
}

fn terms_proposed(version: &TermsVersion) -> Record {
    proposed(ApprovalAction::SettlementTerms, version.subject(), version)
}

#[test]
fn terms_hold_from_their_day_on_and_the_last_approved_ones_win() {
    let first = version(1, "2026-01-10", Cycle::D1);
    let begun = approve(&terms_proposed(&first), None);
    assert_eq!(state(&begun), (ApprovalState::Used, None));
    let terms = made(&begun);
    let later = version(2, "2026-01-20", Cycle::Manual);
    let changed = approve(&terms_proposed(&later), Some(&terms));
    let terms: OwnerTerms = read(changed.after[1].as_ref());
    let cycle = |date: &str| {
        let date: BusinessDate = date.parse().expect("a date");
        terms.at(date).map(|version| version.terms.cycle)
    };
    assert_eq!(cycle("2026-01-09"), None);
    assert_eq!(cycle("2026-01-10"), Some(Cycle::D1));
    assert_eq!(cycle("2026-01-19"), Some(Cycle::D1));
    assert_eq!(cycle("2026-01-20"), Some(Cycle::Manual));
}

#[test]
fn terms_that_were_made_up_for_others_than_now_stand_are_void() {
    let first = terms_proposed(&version(1, "2026-01-10", Cycle::D1));
    let terms = made(&approve(&first, None));
    let rival = approve(&first, Some(&terms));
    let why = "other terms were approved meanwhile".to_owned();
    assert_eq!(state(&rival), (ApprovalState::Void, Some(why)));
    assert_eq!(rival.after[1].as_ref(), Some(&terms));
}

#[test]
fn terms_that_cannot_hold_are_told() {
    let with = |change: fn(&mut SettlementTerms)| {
        let mut terms = SettlementTerms::default();
        change(&mut terms);
        terms.check().map_err(|problem| problem.to_string())
    };
    assert_eq!(with(|_| {}), Ok(()));
    let whole = with(|terms| (terms.reserve_ppm, terms.reserve_days) = (1_000_000, 30));
    assert_eq!(whole, Ok(()));
    for (told, expected) in [
        (with(|terms| terms.minimum_fen = -1), "minimum"),
        (with(|terms| terms.payout_fee_fen = -1), "payout fee"),
        (with(|terms| terms.debt_limit_fen = -1), "debt limit"),
        (with(|terms| terms.reserve_ppm = 1_000_001), "the whole"),
        (with(|terms| terms.reserve_ppm = 1), "1 to 3650 days"),
        (with(|terms| terms.reserve_days = 1), "1 to 3650 days"),
    ] {
        let told = told.expect_err(expected);
        assert!(told.contains(expected), "{told}");
    }
}

// Cards.

fn card(no: u64, digest: &str) -> SettlementCard {
    let number = CardNumber::parse("6217001210000001238").expect("a number");
    SettlementCard {
        card_no: PlatformNo::from_u64(no),
        holder_sealed: "sealed".to_owned(),
        holder_digest: "holder".to_owned(),
        holder_masked: "*三".to_owned(),
        kind: CardKind::Private,
        number_sealed: "sealed".to_owned(),
        number_digest: digest.to_owned(),
        number_masked: number.masked(),
        clearing_number: "105100000017".to_owned(),
        bank_branch: "建行".to_owned(),
        state: CardState::Checking,
        approval_no: PlatformNo::from_u64(no + 100),
        created_at: NOW,
    }
}

/// The owner's cards and the approval, after one was proposed.
fn card_proposed(
    cards: Option<&Record>,
    card: &SettlementCard,
) -> Result<(Record, Record), TradeError> {
    let action = RecordAction::SettlementCard(settlement_card::Action::Propose {
        owner: owner(),
        record_no: NEW,
        card: Box::new(card.clone()),
        maker: "li".to_owned(),
    });
    let changes = take(action, vec![cards.cloned()])?;
    let mut saved = changes.saved.into_iter().map(|saved| saved.record);
    let cards = saved.next().expect("the cards");
    Ok((cards, saved.next().expect("the approval")))
}

fn states(changes: &RecordChanges) -> Vec<CardState> {
    let cards: OwnerCards = read(changes.after[1].as_ref());
    cards.cards.iter().map(|card| card.state).collect()
}

#[test]
fn an_approved_card_takes_the_place_of_the_one_before() {
    let (cards, approval) = card_proposed(None, &card(1, "a")).expect("proposed");
    let first = approve(&approval, Some(&cards));
    assert_eq!(states(&first), [CardState::Active]);
    let active = first.after[1].as_ref();
    card_proposed(active, &card(2, "a")).expect_err("the very same card");
    let (cards, approval) = card_proposed(active, &card(2, "b")).expect("proposed");
    let second = approve(&approval, Some(&cards));
    assert_eq!(states(&second), [CardState::Retired, CardState::Active]);
    assert_eq!(state(&second), (ApprovalState::Used, None));
}

#[test]
fn a_card_that_is_not_what_was_looked_at_is_not_paid_to() {
    let (cards, approval) = card_proposed(None, &card(1, "a")).expect("proposed");
    for (is, was) in [
        ("\"a\"", "\"b\""),
        (":\"holder\"", ":\"another\""),
        ("105100000017", "1"),
    ] {
        let mut altered = cards.clone();
        altered.body = altered.body.replace(is, was);
        let decided = approve(&approval, Some(&altered));
        assert_eq!(state(&decided).0, ApprovalState::Void, "{was}");
        assert_eq!(states(&decided), [CardState::Checking], "{was}");
    }
}

#[test]
fn what_the_checker_reads_of_a_card_is_masked_and_a_refused_one_stays_so() {
    let (cards, approval) = card_proposed(None, &card(1, "a")).expect("proposed");
    assert!(approval.body.contains("621700*********1238"));
    assert!(!approval.body.contains("sealed"));
    let reject = RecordAction::Approval(Action::Reject {
        checker: "wang".to_owned(),
        reason: "another holder".to_owned(),
    });
    let rejected = take(reject, vec![Some(approval), Some(cards)]).expect("rejected");
    assert_eq!(states(&rejected), [CardState::Refused]);
    assert_eq!(state(&rejected).0, ApprovalState::Rejected);
}

// Holds.

fn new_hold(amount: HoldAmount) -> Hold {
    Hold {
        hold_no: PlatformNo::from_u64(5),
        owner: owner(),
        amount,
        filled_fen: 0,
        reason: "a complaint".to_owned(),
        placed_by: "li".to_owned(),
        state: HoldState::Active,
    }
}

fn placed(amount: HoldAmount) -> Result<RecordChanges, TradeError> {
    let action = RecordAction::Hold(hold::Action::Place(Box::new(new_hold(amount))));
    take(action, Vec::new())
}

/// A hold for which bills have taken so much.
fn that_took(amount: HoldAmount, filled_fen: i64) -> Record {
    let mut record = made(&placed(amount).expect("placed"));
    let hold = Hold {
        filled_fen,
        ..new_hold(amount)
    };
    record.body = serde_json::to_string(&hold).expect("text");
    record
}

#[test]
fn a_hold_takes_nothing_until_a_bill_is_drafted() {
    for amount in [HoldAmount::Fen(500), HoldAmount::All] {
        let changes = placed(amount).expect("placed");
        assert_eq!(booked(&changes), []);
        let hold: Hold = read(changes.after.last().and_then(Option::as_ref));
        assert_eq!(hold, new_hold(amount));
    }
    placed(HoldAmount::Fen(0)).expect_err("nothing to hold");
}

fn end_of(filled_fen: i64) -> HoldEnd {
    HoldEnd {
        owner: owner(),
        hold_no: PlatformNo::from_u64(5),
        filled_fen,
        taken_by: None,
        reason: "settled".to_owned(),
    }
}

#[test]
fn a_hold_ends_by_four_eyes_and_moves_what_it_took() {
    for (action, debited, credited, ended) in [
        (
            ApprovalAction::HoldRelease,
            "frozen",
            "merchant_balance",
            HoldState::Released,
        ),
        (
            ApprovalAction::HoldSeizure,
            "frozen",
            "suspense",
            HoldState::Seized,
        ),
    ] {
        let hold = that_took(HoldAmount::Fen(500), 500);
        let approval = proposed(action, end_of(500).subject(), &end_of(500));
        let changes = approve(&approval, Some(&hold));
        assert_eq!(booked(&changes), pair(debited, credited, 500));
        let after: Hold = read(changes.after[1].as_ref());
        assert_eq!(after.state, ended);
        let again = approve(&approval, changes.after[1].as_ref());
        assert_eq!(state(&again).0, ApprovalState::Void);
        assert_eq!(booked(&again), []);
    }
}

#[test]
fn a_hold_that_took_more_since_its_end_was_proposed_holds_on() {
    let hold = that_took(HoldAmount::All, 600);
    let action = ApprovalAction::HoldRelease;
    let approval = proposed(action, end_of(500).subject(), &end_of(500));
    let changes = approve(&approval, Some(&hold));
    assert_eq!(state(&changes).0, ApprovalState::Void);
    assert_eq!(booked(&changes), []);
}

// Limits, adjustments and withdrawals.

#[test]
fn standing_limits_take_the_place_of_those_before_and_what_was_used_stays_used() {
    let limits = |fen| StandingLimits {
        per_payout_fen: fen,
        per_day_fen: fen,
        until: "2026-02-01".parse().expect("a date"),
    };
    let propose = |fen| {
        let subject = StandingLimits::SUBJECT.to_owned();
        proposed(ApprovalAction::Standing, subject, &limits(fen))
    };
    let mut first = made(&approve(&propose(500), None));
    first.body = first.body.replace("\"used_fen\":0", "\"used_fen\":300");
    let changes = approve(&propose(900), Some(&first));
    assert_eq!(state(&changes).0, ApprovalState::Used);
    let standing: Standing = read(changes.after[1].as_ref());
    assert_eq!((standing.limits, standing.used_fen), (limits(900), 300));
}

#[test]
fn an_adjustment_is_booked_when_it_is_approved() {
    for amount_fen in [100, -100] {
        let adjustment = ProposedAdjustment {
            owner: owner(),
            amount_fen,
            evidence: "letter 12".to_owned(),
        };
        let action = ApprovalAction::Adjustment;
        let changes = approve(&proposed(action, adjustment.subject(), &adjustment), None);
        assert_eq!(state(&changes).0, ApprovalState::Used);
        assert_eq!(
            booked(&changes),
            pair("loss", "merchant_balance", amount_fen)
        );
    }
}

#[test]
fn an_owner_withdraws_what_is_available_and_no_more() {
    let ask = |amount_fen: i64, available_fen: i64| {
        let withdrawal = Withdrawal {
            withdrawal_no: PlatformNo::from_u64(6),
            owner: owner(),
            amount_fen,
            asked_by: "li".to_owned(),
            state: WithdrawalState::Asked,
            bill_id: None,
        };
        let action = RecordAction::Withdrawal(withdrawal::Action::Ask(Box::new(withdrawal)));
        take(action, having(&[(Account::Available, -available_fen)]))
    };
    let changes = ask(500, 500).expect("all of it");
    assert_eq!(booked(&changes), pair("available", "payout_due", 500));
    for (amount_fen, available_fen, expected) in [
        (501, 500, "may withdraw 5.00, which is less than 5.01"),
        (1, 0, "may withdraw 0.00"),
        (1, -100, "may withdraw 0.00"),
        (0, 500, "above zero"),
        (-1, 500, "above zero"),
    ] {
        let told = ask(amount_fen, available_fen).expect_err(expected).message;
        assert!(told.contains(expected), "{told}");
    }
}
