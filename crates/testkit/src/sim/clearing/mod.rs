//! The third part of a run, which one seed in five plays: merchants sell over some business dates,
//! and their money and their agents' is settled and paid out by a bank that lies, while people let
//! batches pass and repair bills, and the house dies in the steps of the day. Its dice are its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `bank`, `channel` | the bank that pays out, and our way to it |
//! | `papers` | terms and cards |
//! | `office` | people |
//! | `days` | the clock is moved from one thing that the day has to the next |
//! | `ledger` | the rules, after every commit |
//! | `end` | everything is paid out, and compared with what the bank did |

mod bank;
mod channel;
mod days;
mod end;
mod ledger;
mod office;
mod papers;

use std::sync::Arc;

use heliu_trade::time::MINUTE_MS;

use super::clock::{BEGINNING, SimClock};
use super::dice::Dice;
use super::merchant::Merchants;
use super::play::{build, pass_time, send_books_away, set_clock};
use super::stage::Stage;
use super::turn::Turn;
use office::Office;

pub(super) use bank::PayingBank;
pub(super) use channel::PayChannel;
pub(super) use ledger::Ledger;

/// What makes these dice other ones than those of the other parts.
const OWN_DICE: u64 = 0x6865_6c69_755f_6461;
/// One seed in so many plays it.
const ONE_IN: i64 = 5;
/// These found something in it when one in four did.
const ALSO: [u64; 2] = [32, 113];
/// The longest time after the beginning of other parts at which it begins, in ms: two weeks, with
/// holidays in them.
const BEGINS_WITHIN_MS: i64 = 14 * 24 * 60 * MINUTE_MS;
/// The longest that a refund is under way at a bank, in ms: half an hour, in which the clock may be
/// moved by days.
const REFUNDS_WITHIN_MS: i64 = 30 * MINUTE_MS;

/// Whether a seed plays it.
pub(super) fn is_played(seed: u64) -> bool {
    ALSO.contains(&seed) || Dice::new(!(seed ^ OWN_DICE)).between(1, ONE_IN) == 1
}

/// Plays a seed; the stage holds what happened.
pub(super) async fn play(seed: u64, turn: Arc<Turn>) -> Arc<Stage> {
    let dice = Dice::new(seed ^ OWN_DICE);
    let begins = BEGINNING.plus_ms(dice.between(0, BEGINS_WITHIN_MS));
    let stage = Stage::new(dice, SimClock::new(begins), &turn);
    stage.end_refunds_within(REFUNDS_WITHIN_MS);
    let bank = PayingBank::new(&stage);
    let merchants = build(&stage, Some(&bank)).await;
    let office = Office::new(&merchants);
    office.open().await;
    trouble(&merchants, &office).await;
    stage.calm_down();
    if !stage.is_broken() {
        end::conclude(&office, &bank).await;
    }
    merchants.house.crash_all().await;
    stage
}

/// What happens next.
#[derive(Clone, Copy)]
enum Deed {
    Sell,
    AfterSale,
    Hurry,
    Work,
    LookAtProposals,
    LookAtBills,
    LookAtHolds,
    Hold,
    Withdraw,
    ChangeCard,
    Stand,
    Crash,
    SetClock,
    BooksAway,
}

/// How often what happens, out of a hundred.
const DEEDS: [(i64, Deed); 14] = [
    (18, Deed::Sell),
    (8, Deed::AfterSale),
    (28, Deed::Hurry),
    (20, Deed::Work),
    (5, Deed::LookAtProposals),
    (7, Deed::LookAtBills),
    (1, Deed::LookAtHolds),
    (1, Deed::Hold),
    (3, Deed::Withdraw),
    (2, Deed::ChangeCard),
    (1, Deed::Stand),
    (3, Deed::Crash),
    (1, Deed::SetClock),
    (2, Deed::BooksAway),
];

/// The longest pause before what happens next, in ms, and how often it is that, out of a hundred.
const PAUSES: [(i64, i64); 4] = [(30, 0), (35, 100), (25, 3_000), (10, 20_000)];

async fn trouble(merchants: &Arc<Merchants>, office: &Arc<Office>) {
    let (stage, house) = (&merchants.stage, &merchants.house);
    let dice = &stage.dice;
    for _ in 0..dice.between(50, 120) {
        if stage.is_broken() {
            return;
        }
        if !pass_time(stage, house, &PAUSES).await {
            continue;
        }
        let people = Arc::clone(office);
        match dice.weigh(&DEEDS) {
            Deed::Sell => (0..dice.between(1, 3)).for_each(|_| merchants.sell()),
            Deed::AfterSale => {
                let what = dice.pick(&[
                    Merchants::query as fn(&_, &_) -> _,
                    Merchants::cancel,
                    Merchants::refund,
                    Merchants::refund,
                ]);
                merchants.ask_about(what);
            }
            Deed::Hurry => days::hurry(merchants).await,
            Deed::Work => stage.begin(async move { people.work().await }),
            Deed::LookAtProposals => stage.begin(async move { people.look_at_proposals().await }),
            Deed::LookAtBills => stage.begin(async move { people.look_at_bills().await }),
            Deed::LookAtHolds => stage.begin(async move { people.look_at_holds().await }),
            Deed::Hold => stage.begin(async move { people.hold().await }),
            Deed::Withdraw => {
                let owner = dice.pick(&office.owners).clone();
                stage.begin(async move { people.withdraw(&owner, false).await });
            }
            Deed::ChangeCard => {
                let place = usize::try_from(dice.between(0, 3)).unwrap_or(0);
                let is_bad = dice.happens(40);
                stage.begin(async move { people.propose_card(place, is_bad).await });
            }
            Deed::Stand => stage.begin(async move { people.propose_standing().await }),
            Deed::Crash => house.crash().await,
            // Its engines read their leases by it.
            Deed::SetClock => set_clock(stage, false),
            Deed::BooksAway => send_books_away(merchants, 10_000),
        }
    }
}
