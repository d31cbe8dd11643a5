//! The second part of a run: agents register merchants and sign them in, an office looks at them,
//! and those that pass sell. Its dice are its own, derived from the seed.

mod agent;
mod office;

use std::sync::Arc;

use heliu_trade::record::RecordKind;

use super::clock::{BEGINNING, SimClock};
use super::dice::Dice;
use super::merchant::Merchants;
use super::play::{build, pass_time, send_books_away, set_clock, settle};
use super::stage::Stage;
use super::turn::Turn;
use agent::Agents;
use office::Office;

/// What makes these dice other ones than those of the first part.
const OWN_DICE: u64 = 0x6865_6c69_755f_6170;

/// Plays a seed; the stage holds what happened.
pub(super) async fn play(seed: u64, turn: Arc<Turn>) -> Arc<Stage> {
    let stage = Stage::new(Dice::new(seed ^ OWN_DICE), SimClock::new(BEGINNING), &turn);
    let merchants = build(&stage, None).await;
    let agents = Agents::enrol(&merchants).await;
    let office = Office::new(&merchants);
    trouble(&merchants, &agents, &office).await;
    stage.calm_down();
    if !stage.is_broken() {
        conclude(&merchants, &agents, &office).await;
    }
    merchants.house.crash_all().await;
    stage
}

/// What happens next.
#[derive(Clone, Copy)]
enum Deed {
    Register,
    RegisterAgain,
    AskCode,
    SignInByCode,
    SignInByPassword,
    Decide,
    ShutTrade,
    Sell,
    AfterSale,
    Crash,
    SetClock,
    BooksAway,
}

/// How often what happens, out of a hundred.
const DEEDS: [(i64, Deed); 12] = [
    (16, Deed::Register),
    (9, Deed::RegisterAgain),
    (8, Deed::AskCode),
    (8, Deed::SignInByCode),
    (8, Deed::SignInByPassword),
    (18, Deed::Decide),
    (3, Deed::ShutTrade),
    (14, Deed::Sell),
    (6, Deed::AfterSale),
    (5, Deed::Crash),
    (2, Deed::SetClock),
    (3, Deed::BooksAway),
];

/// The longest pause before what happens next, in ms, and how often it is that, out of a hundred.
const PAUSES: [(i64, i64); 5] = [(25, 0), (35, 100), (25, 3_000), (10, 20_000), (5, 90_000)];

async fn trouble(merchants: &Arc<Merchants>, agents: &Arc<Agents>, office: &Arc<Office>) {
    let (stage, house) = (&merchants.stage, &merchants.house);
    let dice = &stage.dice;
    for _ in 0..dice.between(20, 60) {
        if stage.is_broken() {
            return;
        }
        if !pass_time(stage, house, &PAUSES).await {
            continue;
        }
        match dice.weigh(&DEEDS) {
            Deed::Register => agents.register_someone(),
            Deed::RegisterAgain => agents.register_again(),
            Deed::AskCode => agents.ask_for_a_code(),
            Deed::SignInByCode => agents.sign_in_by_code(),
            Deed::SignInByPassword => agents.sign_in_by_password(),
            Deed::Decide => office.look(),
            Deed::ShutTrade => office.shut_or_open(),
            Deed::Sell => agents.sell(),
            Deed::AfterSale => {
                let what = dice.pick(&[
                    Merchants::query as fn(&_, &_) -> _,
                    Merchants::cancel,
                    Merchants::refund,
                ]);
                merchants.ask_about(what);
            }
            Deed::Crash => house.crash().await,
            Deed::SetClock => set_clock(stage, house.is_alone()),
            Deed::BooksAway => send_books_away(merchants, 10_000),
        }
    }
}

/// All is calm: whoever was not answered asks again, everything is decided, and those who may sell
/// do.
async fn conclude(merchants: &Arc<Merchants>, agents: &Arc<Agents>, office: &Arc<Office>) {
    let (stage, house) = (&merchants.stage, &merchants.house);
    settle(merchants).await;
    agents.register_all_again().await;
    office.decide_all().await;
    agents.sign_all_in().await;
    agents.sell();
    settle(merchants).await;
    let stories = house.store.record_stories(RecordKind::Application);
    let applications = &merchants.recorder.applications;
    applications.check_end(&stories, &house.store.audit_rows());
    stage.line("all", "is decided", "", "");
}
