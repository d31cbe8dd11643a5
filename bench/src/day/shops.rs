//! Shops whose money is held and paid out on the next day, below agents at three levels, each of
//! which has its part of their fees.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use heliu_engine::Engine;
use heliu_office::Office;
use heliu_office::actor::Actor;
use heliu_office::agents::{self, NewAgent, NewWire};
use heliu_office::cards::{self, NewCard};
use heliu_office::fees::{self, NewFees};
use heliu_office::merchants::{self, NewApp, NewContract, NewMerchant};
use heliu_office::terms::{self, NewTerms};
use heliu_ports::store::DirectoryChange;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::funds::{AccountFunds, FundsMode};

use super::Outcome;

pub(super) const DIALECT: &str = "leshua";
/// The channel that pays out. Nothing is sent: nobody lets a batch pass.
pub(super) const BANK: &str = "sandbox_bank";
const ACCOUNT: &str = "bench";
/// Trees of agents.
const TREES: u64 = 10;
/// What the agents of a tree pay, from the top; shops pay more.
const COSTS: [&str; 3] = ["0.25%", "0.28%", "0.3%"];
const FEE: &str = "0.38%";
const CARD: &str = "6200000000000000018";
/// Shops whose terms and cards are entered at the same time.
const AT_ONCE: usize = 16;

/// A shop's number on the wire.
pub(super) fn app_id(shop: u64) -> String {
    (9_700_000_000 + shop).to_string()
}

/// An agent's number: its tree, and its level from the top.
fn agent_id(tree: u64, level: usize) -> String {
    format!("{}", 1_000 + tree * 10 + u64::try_from(level).unwrap_or(0))
}

/// Opens them.
pub(super) async fn open(engine: &Engine, shops: u64) -> Outcome<()> {
    accounts(engine).await?;
    let office = Office::new(engine.clone());
    let (maker, checker) = (Actor::platform("bench"), Actor::platform("bench-checker"));
    for tree in 0..TREES {
        plant(&office, &maker, tree).await?;
    }
    // One after the other: each looks at what stands above it, which an entry beside it changes.
    for shop in 0..shops {
        enter(&office, &maker, shop).await?;
    }
    let opening = stream::iter(0..shops).map(|shop| pay_out(&office, &maker, &checker, shop));
    opening.buffer_unordered(AT_ONCE).try_collect::<()>().await
}

/// An account whose money comes to the platform, and one that pays out.
async fn accounts(engine: &Engine) -> Outcome<()> {
    let held = FundsMode::Held.as_str().to_owned();
    let held = BTreeMap::from([(AccountFunds::MODE.to_owned(), held)]);
    let accounts = [(ACCOUNT, "stub", held), (BANK, BANK, BTreeMap::new())];
    for (id, channel, settings) in accounts {
        let account = ChannelAccount {
            channel_account_id: id.into(),
            channel_id: channel.into(),
            settings,
        };
        let keys = Vec::new();
        let put = DirectoryChange::PutChannelAccount { account, keys };
        engine.store().change_directory(put).await?;
    }
    Ok(())
}

/// Agents of a tree, each below the one before.
async fn plant(office: &Office, actor: &Actor, tree: u64) -> Outcome<()> {
    let mut parent_id = None;
    for (level, rate) in COSTS.into_iter().enumerate() {
        let agent_id = agent_id(tree, level);
        let new = NewAgent {
            party_id: None,
            parent_id: parent_id.replace(agent_id.clone()),
            name: format!("agent {agent_id}"),
            wire: NewWire {
                agent_id: agent_id.clone(),
                dialect: DIALECT.to_owned(),
                keys: BTreeMap::new(),
                settings: BTreeMap::new(),
                mini_programs: BTreeMap::new(),
            },
        };
        agents::add(office, actor, new).await?;
        let cost = NewFees {
            owner: format!("agent:{agent_id}"),
            wallet: "wechat".to_owned(),
            rate: rate.to_owned(),
            ..NewFees::default()
        };
        fees::set(office, actor, cost).await?;
    }
    Ok(())
}

fn merchant_id(shop: u64) -> String {
    format!("M{}", app_id(shop))
}

async fn enter(office: &Office, actor: &Actor, shop: u64) -> Outcome<()> {
    let merchant = NewMerchant {
        merchant_id: merchant_id(shop),
        name: format!("shop {shop}"),
        app: NewApp {
            dialect: DIALECT.to_owned(),
            app_id: app_id(shop),
            agent_id: Some(agent_id(shop % TREES, COSTS.len() - 1)),
            ..NewApp::default()
        },
        contracts: vec![NewContract {
            wallet: "wechat".to_owned(),
            channel_account_id: ACCOUNT.to_owned(),
            sub_merchant_id: "1900000109".to_owned(),
            sub_app_id: None,
            fee: FEE.to_owned(),
        }],
        ..NewMerchant::default()
    };
    merchants::sow(office, actor, merchant).await?;
    Ok(())
}

/// Terms, and a card to which it is paid.
async fn pay_out(office: &Office, maker: &Actor, checker: &Actor, shop: u64) -> Outcome<()> {
    let owner = format!("merchant:{}", merchant_id(shop));
    let terms = NewTerms {
        owner: owner.clone(),
        cycle: Some("D1".to_owned()),
        ..NewTerms::default()
    };
    terms::sow(office, maker, checker, terms).await?;
    let card = NewCard {
        owner,
        number: CARD.to_owned(),
        holder: format!("shop {shop}"),
        kind: "private".to_owned(),
        clearing_number: "000000000001".to_owned(),
        bank_branch: "bench".to_owned(),
    };
    cards::sow(office, maker, checker, card).await?;
    Ok(())
}
