//! One run: the world is built from the seed, troubled for a while, calmed down, and compared.

use std::sync::{Arc, Mutex};

use heliu_ports::channel::Channel;
use heliu_ports::clock::Clock as _;
use heliu_ports::dialect::Dialect;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::{
    App, ChannelAccount, Contract, Merchant, MerchantState, RoutingTerms,
};
use heliu_trade::fee::{FeeTerms, Tariff};
use heliu_trade::id::{AppId, ChannelAccountId, DialectId, MerchantId};
use heliu_trade::money::{ExchangeRate, RateDirection};
use heliu_trade::time::MINUTE_MS;

use super::agents;
use super::channel::{Bank, CHANNELS, Post, SimChannel};
use super::clearing::{Ledger, PayChannel, PayingBank};
use super::clock::{BEGINNING, SimClock};
use super::dialect::{SimDialect, WALLETS, WIRES};
use super::dice::Dice;
use super::house::{House, Plan};
use super::merchant::{Merchants, foreign};
use super::payer::Payers;
use super::receiver::Receivers;
use super::recorder::Recorder;
use super::seller::Seller;
use super::stage::{Stage, wait_ms};
use super::turn::Turn;
use crate::MemoryStore;

/// So long may it take until everything is settled once all is calm, in ms.
const SETTLED_WITHIN_MS: i64 = 20 * 24 * 60 * MINUTE_MS;
/// Pause between two looks whether it is, in ms.
const SETTLING_GAP_MS: i64 = MINUTE_MS;
/// A clock may be as wrong as that, in ms.
const YEAR_MS: i64 = 365 * 24 * 60 * MINUTE_MS;
/// Names of merchants, apps and wires.
pub(super) const SELLERS: [(&str, &str); 2] = [("ant", WIRES[0]), ("bee", WIRES[1])];
/// Names of banks, which are those of their channels and accounts, and whether one call reverses.
pub(super) const BANKS: [(&str, bool); 2] = [(CHANNELS[0], true), (CHANNELS[1], false)];
/// What their accounts say of the money: the first bank pays merchants itself, the second one pays
/// us, and each takes its cost.
const FUNDS: [&[(&str, &str)]; 2] = [
    &[("funds_mode", "direct"), ("cost_wechat", "0.2%")],
    &[("funds_mode", "held"), ("cost_alipay", "0.55%")],
];

/// Plays a seed; the stage holds what happened.
pub(super) async fn play(seed: u64, turn: Arc<Turn>) -> Arc<Stage> {
    let stage = Stage::new(Dice::new(seed), SimClock::new(BEGINNING), &turn);
    let merchants = build(&stage, None).await;
    trouble(&merchants).await;
    settle(&merchants).await;
    merchants.house.crash_all().await;
    stage
}

/// The world of a stage: its house runs, and its merchants may begin. With a bank that `pays` out
/// business dates end there.
pub(super) async fn build(stage: &Arc<Stage>, pays: Option<&Arc<PayingBank>>) -> Arc<Merchants> {
    let recorder = Recorder::new(stage);
    let store = MemoryStore::watched(Arc::clone(&recorder) as _);
    let post = Arc::new(Post::default());
    let banks = BANKS.map(|(name, by_call)| (Bank::new(name, stage, &post), by_call));
    let channels = banks.iter().map(|(bank, by_call)| {
        Arc::new(SimChannel::new(bank, *by_call, &recorder)) as Arc<dyn Channel>
    });
    let sellers = SELLERS.map(|(name, wire)| {
        Arc::new(Seller {
            name: name.to_owned(),
            app_id: AppId::from(name),
            dialect: Arc::new(SimDialect::new(wire, &stage.dice)),
        })
    });
    let dialects = sellers.iter().map(|seller| Arc::clone(&seller.dialect));
    let dialects: Vec<Arc<dyn Dialect>> = dialects.collect();
    let receivers = Receivers::new(stage, &store, &recorder);
    let nodes = stage.dice.weigh(&[(65, 1), (35, 2)]);
    let mut channels: Vec<Arc<dyn Channel>> = channels.collect();
    if let Some(bank) = pays {
        let ledger = Ledger::new(stage, &store, bank);
        channels.push(Arc::new(PayChannel::new(bank, &ledger)));
        recorder.watch_with(ledger);
    }
    let plan = Plan {
        nodes,
        runs_days: pays.is_some(),
        dialects,
        channels,
    };
    let house = House::new(stage, &store, &receivers, plan);
    post.deliver_to(&house);
    enrol(stage, &store).await;
    if let Some(bank) = pays {
        put(&store, bank.account()).await;
    }
    house.start().await;
    Arc::new(Merchants {
        stage: Arc::clone(stage),
        house: Arc::clone(&house),
        recorder: Arc::clone(&recorder),
        payers: Payers {
            stage: Arc::clone(stage),
            banks: banks.into_iter().map(|(bank, _)| bank).collect(),
        },
        sellers: Mutex::new(sellers.into()),
        sales: Mutex::default(),
    })
}

/// Writes merchants, contracts and accounts, however often the books are away.
async fn enrol(stage: &Stage, store: &MemoryStore) {
    let accounts = BANKS.iter().zip(FUNDS);
    let accounts = accounts.map(|((name, _), settings)| DirectoryChange::PutChannelAccount {
        account: ChannelAccount {
            channel_account_id: ChannelAccountId::from(*name),
            channel_id: (*name).into(),
            settings: settings
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        },
        keys: Vec::new(),
    });
    let merchants = SELLERS.map(|(name, wire)| {
        let merchant_id = MerchantId::from(name);
        let contract = |(wallet, (bank, _)): (_, (&str, bool))| Contract {
            merchant_id: merchant_id.clone(),
            wallet,
            channel_account_id: ChannelAccountId::from(bank),
            sub_merchant_id: name.to_owned(),
            sub_app_id: None,
            fee: Tariff::from(FeeTerms {
                rate_ppm: stage.dice.between(0, 10_000),
                fixed_fen: stage.dice.between(0, 2),
                ..FeeTerms::default()
            }),
            routing: RoutingTerms::default(),
        };
        let enrolment = Enrolment {
            merchant: Merchant {
                merchant_id: merchant_id.clone(),
                name: name.to_owned(),
                short_name: String::new(),
                state: MerchantState::Enabled,
            },
            apps: vec![App {
                app_id: AppId::from(name),
                merchant_id: merchant_id.clone(),
                dialect_id: DialectId::from(wire),
                agent_id: agents::agent_of(name),
                partners: Vec::new(),
                settings: std::collections::BTreeMap::new(),
            }],
            contracts: WALLETS.into_iter().zip(BANKS).map(contract).collect(),
        };
        DirectoryChange::Enrol {
            enrolment,
            keys: Vec::new(),
        }
    });
    let rate = ExchangeRate::parse("0.2028", RateDirection::CnyPerUnit);
    let rates = rate.map(|rate| DirectoryChange::PutRate(foreign(), Some(rate)));
    let brought = SELLERS
        .iter()
        .filter(|(name, _)| agents::agent_of(name).is_some());
    let agents = brought.flat_map(|(_, wire)| agents::changes(wire));
    for change in accounts.chain(agents).chain(merchants).chain(rates) {
        put(store, change).await;
    }
}

/// Changes the directory, however often the books are away.
async fn put(store: &MemoryStore, change: DirectoryChange) {
    while store.change_directory(change.clone()).await.is_err() {
        wait_ms(10).await;
    }
}

/// What happens next.
#[derive(Clone, Copy)]
enum Deed {
    Sell,
    SellAgain,
    Query,
    Cancel,
    Close,
    Refund,
    QueryRefund,
    Crash,
    SetClock,
    BooksAway,
}

/// How often what happens, out of a hundred.
const DEEDS: [(i64, Deed); 10] = [
    (30, Deed::Sell),
    (6, Deed::SellAgain),
    (13, Deed::Query),
    (10, Deed::Cancel),
    (8, Deed::Close),
    (18, Deed::Refund),
    (5, Deed::QueryRefund),
    (5, Deed::Crash),
    (3, Deed::SetClock),
    (2, Deed::BooksAway),
];

/// The longest pause before what happens next, in ms, and how often it is that, out of a hundred.
const PAUSES: [(i64, i64); 5] = [(15, 0), (35, 100), (30, 3_000), (15, 20_000), (5, 200_000)];

async fn trouble(merchants: &Arc<Merchants>) {
    let (stage, house) = (&merchants.stage, &merchants.house);
    let dice = &stage.dice;
    for _ in 0..dice.between(30, 90) {
        if stage.is_broken() {
            return;
        }
        if !pass_time(stage, house, &PAUSES).await {
            continue;
        }
        match dice.weigh(&DEEDS) {
            Deed::Sell => merchants.sell(),
            Deed::SellAgain => merchants.sell_again(),
            Deed::Query => merchants.ask_about(Merchants::query),
            Deed::Cancel => merchants.ask_about(Merchants::cancel),
            Deed::Close => merchants.ask_about(Merchants::close),
            Deed::Refund => merchants.ask_about(Merchants::refund),
            Deed::QueryRefund => merchants.ask_about(Merchants::query_refund),
            Deed::Crash => house.crash().await,
            Deed::SetClock => set_clock(stage, house.is_alone()),
            Deed::BooksAway => send_books_away(merchants, 20_000),
        }
    }
}

/// Lets time pass, and may start a house that has crashed. `false`: it was doomed meanwhile, and
/// has just crashed.
pub(super) async fn pass_time(stage: &Stage, house: &House, pauses: &[(i64, i64)]) -> bool {
    let dice = &stage.dice;
    let longest_ms = dice.weigh(pauses);
    if longest_ms == 0 {
        tokio::task::yield_now().await;
    } else if stage.wait_for_doom(dice.between(1, longest_ms)).await {
        house.crash().await;
        return false;
    }
    if !house.is_running() && dice.happens(70) {
        house.start().await;
    }
    true
}

/// The books are away for a while, at most so long.
pub(super) fn send_books_away(merchants: &Merchants, most_ms: i64) {
    let stage = &merchants.stage;
    let ms = stage.dice.between(10, most_ms);
    stage.line("books", "go away", "", &format!("{ms} ms"));
    merchants.recorder.send_away(ms);
}

/// Somebody sets the clock forward or back, a little or much. Nodes over the same books must have
/// about the same time, since a lease that has ended is anybody's: theirs are set a little only.
pub(super) fn set_clock(stage: &Stage, is_alone: bool) {
    let most_ms = match is_alone {
        true => *stage.dice.pick(&[2_000, 60_000, 3_600_000, YEAR_MS]),
        false => 2_000,
    };
    let by_ms = stage.dice.between(-most_ms, most_ms);
    stage.clock.set_by(by_ms);
    stage.excuse((-by_ms).max(0));
    stage.line("clock", "is set", "", &format!("by {by_ms} ms"));
}

/// All is calm: nothing may be left to do after a while, and the books must be the channels'.
pub(super) async fn settle(merchants: &Arc<Merchants>) {
    let (stage, house) = (&merchants.stage, &merchants.house);
    stage.calm_down();
    stage.line("all", "is calm", "", "");
    if !house.is_running() {
        house.start().await;
    }
    let until_ms = stage.clock.passed_ms() + SETTLED_WITHIN_MS;
    while stage.is_busy() || house.store.earliest_job_at().is_some() {
        if stage.is_broken() {
            return;
        }
        if stage.clock.passed_ms() > until_ms {
            stage.wrong(format!(
                "not settled, now {}: {:?}",
                stage.clock.now().beijing_spaced(),
                house.store.earliest_job_at()
            ));
            break;
        }
        wait_ms(SETTLING_GAP_MS).await;
    }
    merchants.compare();
    stage.line("all", "is settled", "", "");
}
