//! Crowds: many orders at once, on the real engine over paused time. Order and counts are asserted;
//! time passes only where the engine waits, so that a gap is a wait that nobody needed.

mod channel;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{BoxFuture, join_all};
use heliu_engine::{Caller, Engine, Parts, Settings};
use heliu_ports::clock::RuntimeClock;
use heliu_ports::dialect::Dialect;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{DirectoryChange, Enrolment, NotificationFilter};
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::command::{Command, Consent, NewOrder, Pay};
use heliu_trade::directory::{
    App, ChannelAccount, Contract, Merchant, MerchantState, RoutingTerms,
};
use heliu_trade::fee::Tariff;
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::goods::SaleTerms;
use heliu_trade::id::{AppId, DialectId, MerchantId, NumberMint};
use heliu_trade::money::Currency;
use heliu_trade::order::Attributes;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{CodePrefixes, WalletKind};
use tokio::time::Instant;

use super::clock::SimClock;
use super::dialect::{HEARD, SimDialect, WIRES};
use super::dice::Dice;
use super::phones::Phones;
use super::stage::{Stage, wait_ms};
use super::turn::Turn;
use super::vault::SimVault;
use crate::MemoryStore;
use channel::{CALL_MS, CrowdChannel, HUNG, QUERY_GAP_MS};

const NOON: Timestamp = Timestamp::from_ms(1_790_000_000_000);
const SHOP: &str = "shop";
/// The account that answers.
const WELL: &str = "well";
/// How long a receiver that answers at once takes, and how long one is waited for that does not, in
/// ms.
const QUICK_MS: i64 = 5;
const DEAD_MS: i64 = 3_000;

/// Receivers: those called `dead` never answer.
#[derive(Default)]
struct Receivers {
    /// What came, in order: when, and where.
    came: Mutex<Vec<(Instant, String)>>,
}

impl Receivers {
    fn came_to(&self, url: &str) -> Vec<Instant> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let to = came.iter().filter(|(_, to)| to == url);
        to.map(|(at, _)| *at).collect()
    }
}

impl Transport for Receivers {
    fn call(
        &self,
        request: OutRequest,
        _: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        let is_dead = request.url.contains("dead");
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.push((Instant::now(), request.url));
        Box::pin(async move {
            wait_ms(if is_dead { DEAD_MS } else { QUICK_MS }).await;
            if is_dead {
                return Err(CallError::NoAnswer("time is up".to_owned()));
            }
            Ok(WireResponse::new(200, "text/plain", HEARD))
        })
    }

    fn check_address(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }
}

/// A house with one shop, which takes WeChat over the account that hangs and Alipay over the one
/// that answers.
struct House {
    engine: Engine,
    dialect: Arc<dyn Dialect>,
    store: Arc<MemoryStore>,
    channel: Arc<CrowdChannel>,
    receivers: Arc<Receivers>,
}

impl House {
    async fn new(pays_at_once: bool) -> Self {
        let store = MemoryStore::new();
        enrol(&store).await;
        let dice = Dice::new(1);
        let dialect: Arc<dyn Dialect> = Arc::new(SimDialect::new(WIRES[0], &dice));
        let channel = CrowdChannel::new(pays_at_once);
        let receivers = Arc::new(Receivers::default());
        let stage = Stage::new(dice, SimClock::new(NOON), &Turn::new(false));
        let engine = Engine::new(Parts {
            store: Arc::clone(&store) as _,
            vault: Arc::new(SimVault(Arc::clone(&stage))),
            transport: Arc::clone(&receivers) as _,
            sms: Phones::new(&stage),
            clock: Arc::new(RuntimeClock::new(NOON, 1)),
            dialects: vec![Arc::clone(&dialect)],
            channels: vec![Arc::clone(&channel) as _],
            mint: NumberMint::new(1, 0),
            settings: Settings {
                public_url: "https://heliu.example".to_owned(),
                terminal_ip: "127.0.0.1".to_owned(),
                code_prefixes: CodePrefixes::default(),
                statements_folder: "no statements here".into(),
                calendar: Calendar::ours(WithoutTable::WeekendsOnly),
            },
        });
        Self {
            engine,
            dialect,
            store,
            channel,
            receivers,
        }
    }

    /// A sale whose till does not wait for the answer.
    async fn sell(&self, number: String, wallet: WalletKind, notify_url: Option<String>) {
        let app_id = AppId::from(SHOP);
        let found = self.engine.find_app(&self.dialect, &app_id).await;
        let caller = Caller {
            profile: found.expect("read").expect("enrolled"),
            received_at: self.engine.clock().now(),
            exchange: None,
            audit: None,
        };
        let order = NewOrder {
            merchant_order_no: number,
            amount_minor: 100,
            currency: Currency::CNY,
            subject: "goods".to_owned(),
            notify_url,
            return_url: None,
            attributes: Attributes::default(),
            terms: SaleTerms::default(),
            is_same_day: false,
        };
        let pay = Command::Pay(Pay {
            order,
            wallet: Some(wallet),
            consent: Consent::Barcode,
            auth_code: "134886863488188613".to_owned(),
        });
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.execute(caller, pay).await });
        tokio::task::yield_now().await;
    }

    fn start(&self) {
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.run_jobs(std::future::pending()).await });
    }
}

async fn enrol(store: &MemoryStore) {
    let merchant_id = MerchantId::from(SHOP);
    let contract = |wallet, account: &str| Contract {
        merchant_id: merchant_id.clone(),
        wallet,
        channel_account_id: account.into(),
        sub_merchant_id: SHOP.to_owned(),
        sub_app_id: None,
        fee: Tariff::default(),
        routing: RoutingTerms::default(),
    };
    let account = |name: &str| DirectoryChange::PutChannelAccount {
        account: ChannelAccount {
            channel_account_id: name.into(),
            channel_id: "crowds".into(),
            settings: BTreeMap::new(),
        },
        keys: Vec::new(),
    };
    let shop = DirectoryChange::Enrol {
        enrolment: Enrolment {
            merchant: Merchant {
                merchant_id: merchant_id.clone(),
                name: SHOP.to_owned(),
                short_name: String::new(),
                state: MerchantState::Enabled,
            },
            apps: vec![App {
                app_id: AppId::from(SHOP),
                merchant_id: merchant_id.clone(),
                dialect_id: DialectId::from(WIRES[0]),
                agent_id: None,
                partners: Vec::new(),
                settings: Default::default(),
            }],
            contracts: vec![
                contract(WalletKind::Wechat, HUNG),
                contract(WalletKind::Alipay, WELL),
            ],
        },
        keys: Vec::new(),
    };
    for change in [account(HUNG), account(WELL), shop] {
        store.change_directory(change).await.expect("written");
    }
}

#[tokio::test(start_paused = true)]
async fn with_700_orders_of_a_hung_account_another_accounts_order_is_asked_about_in_its_time() {
    let house = House::new(false).await;
    house.start();
    join_all((0..700).map(|at| house.sell(format!("h-{at}"), WalletKind::Wechat, None))).await;
    let sold_at = Instant::now();
    house.sell("w".to_owned(), WalletKind::Alipay, None).await;
    wait_ms(QUERY_GAP_MS * 5 + 1).await;
    let gaps = house.channel.asked(WELL);
    let gaps: Vec<_> = gaps.iter().map(|at| (*at - sold_at).as_millis()).collect();
    let gap = u128::from(QUERY_GAP_MS.unsigned_abs());
    assert_eq!(gaps, [gap, gap * 2, gap * 3, gap * 4, gap * 5]);
    // The hung one is asked, and the less the longer it is silent.
    let hung = house.channel.asked(HUNG);
    let first = hung
        .iter()
        .filter(|at| **at - sold_at < ms(QUERY_GAP_MS + CALL_MS));
    assert!(first.count() <= 64 + 4, "{}", hung.len());
    assert!((64..100).contains(&hung.len()), "{}", hung.len());
}

#[tokio::test(start_paused = true)]
async fn a_burst_to_one_that_answers_at_once_goes_without_a_pause_beside_a_thousand_dead_ones() {
    let house = House::new(true).await;
    let (good, count) = ("https://good.example/n", 300);
    for at in 0..1_000 {
        let dead = format!("https://dead-{at}.example/n");
        let wallet = WalletKind::Alipay;
        house.sell(format!("d-{at}"), wallet, Some(dead)).await;
    }
    for at in 0..count {
        let wallet = WalletKind::Alipay;
        house
            .sell(format!("g-{at}"), wallet, Some(good.to_owned()))
            .await;
    }
    let began = Instant::now();
    house.start();
    wait_ms(DEAD_MS * 2).await;
    let came = house.receivers.came_to(good);
    assert_eq!(came.len(), count, "each once");
    // One, two, four, then ever more side by side: nobody waited for anything but a place.
    assert!(came[count - 1] - began < ms(QUICK_MS) * 30);
    let heard = NotificationFilter {
        state: Some(NotificationState::Acknowledged),
        limit: 2_000,
        ..NotificationFilter::default()
    };
    let heard = house.store.list_notifications(heard).await.expect("read");
    assert_eq!(heard.len(), count);
    assert!(heard.iter().all(|notice| notice.tries == 1));
    let dead = house.receivers.came_to("https://dead-999.example/n");
    assert_eq!(
        dead.first(),
        Some(&began),
        "the dead ones were tried at once too"
    );
}

fn ms(ms: i64) -> std::time::Duration {
    std::time::Duration::from_millis(ms.unsigned_abs())
}
