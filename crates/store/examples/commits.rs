//! How fast the books take payments: two commits each and the log of one exchange.
//!
//! `cargo run --release -p heliu-store --example commits [payments] [merchants] [at once] [folder]`

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::store::Commit;
use heliu_ports::store::prelude::*;
use heliu_store::{SqliteOptions, SqliteStore};
use heliu_trade::attempt::Route;
use heliu_trade::fee::{FeeTerms, ShareTerms, Tariff};
use heliu_trade::id::{AppId, AttemptNo, MerchantId, NotificationNo, OrderNo, PlatformNo};
use heliu_trade::money::Currency;
use heliu_trade::order::OrderDetails;
use heliu_trade::step::{Action, CreateOrder, Step, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Evidence, Verdict};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

/// Numbers of payments start here: some second of 2026.
const FIRST_NO: u64 = 200_000_000 << 23;
const START: Timestamp = Timestamp::from_ms(1_777_836_800_000);

#[expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| match arguments.next() {
        Some(text) => text.parse(),
        None => Ok(default),
    };
    let (payments, merchants, at_once) = (number(100_000)?, number(4)?, number(256)?);
    let parent = arguments
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("heliu-commits-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let store = SqliteStore::open(SqliteOptions {
        path: folder.join("heliu.db"),
        node: 1,
    })?;

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()?;
    let (cpu, watch) = (cpu_us(), now());
    let next = Arc::new(AtomicUsize::new(0));
    let failures = runtime.block_on(async {
        let tasks: Vec<_> = (0..at_once)
            .map(|_| {
                tokio::spawn(run(
                    Arc::clone(&store),
                    Arc::clone(&next),
                    payments,
                    merchants,
                ))
            })
            .collect();
        let mut failures = Vec::new();
        for task in tasks {
            failures.extend(
                task.await
                    .map_err(|error| error.to_string())
                    .and_then(|end| end)
                    .err(),
            );
        }
        failures
    });
    let wall_us = watch.elapsed().as_micros();
    let cpu = cpu_us() - cpu;
    if let Some(failure) = failures.first() {
        return Err(failure.clone().into());
    }
    let count = u128::try_from(payments)?.max(1);
    println!(
        "{payments} payments of {merchants} merchants, {at_once} at once: {} payments/s, \
         {} us each, {} us of processor time each (its callers included)",
        count * 1_000_000 / wall_us.max(1),
        Tenths(wall_us * 10 / count),
        Tenths(u128::from(cpu) * 10 / count),
    );
    let sum = runtime.block_on(store.journal_sum_fen())?;
    println!(
        "journal sum {sum} fen, {} exchange records dropped, peak memory {} KiB",
        store.dropped_exchange_records(),
        peak_kib(),
    );
    drop(store);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

async fn run(
    store: Arc<SqliteStore>,
    next: Arc<AtomicUsize>,
    payments: usize,
    merchants: usize,
) -> Result<(), String> {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= payments {
            return Ok(());
        }
        let merchant = MerchantId::from(format!("88001000000{:04}", index % merchants.max(1)));
        let index = u64::try_from(index).map_err(|error| error.to_string())?;
        pay(&store, merchant, index).await?;
    }
}

async fn pay(store: &SqliteStore, merchant: MerchantId, index: u64) -> Result<(), String> {
    let app = AppId::from(merchant.as_str());
    // A number for the order, one for the exchange, one for the notification.
    let order_no = OrderNo::from_u64(FIRST_NO + 4 * index);
    let exchange_no = PlatformNo::from_u64(FIRST_NO + 4 * index + 1);
    let notification_no = NotificationNo::from_u64(FIRST_NO + 4 * index + 2);
    let merchant_order_no = format!("T2026011510{index:010}");
    let create = Step {
        merchant_id: merchant.clone(),
        target: Target::NewOrder {
            app_id: app.clone(),
            merchant_order_no: merchant_order_no.clone(),
        },
        now: START,
        action: Action::CreateOrder(Box::new(create(order_no, &app, merchant_order_no.clone()))),
    };
    let request = ExchangeRequest {
        exchange_no,
        at: START,
        dialect_id: "example".into(),
        app_id: Some(app),
        path: "/gateway/pay/order".to_owned(),
        query: String::new(),
        body: format!(
            "{{\"mch\":\"{merchant}\",\"no\":\"{merchant_order_no}\",\"code\":\"28************4755\",\
             \"amount\":\"8888\",\"subject\":\"coffee\",\"nonce\":\"c3ab8ff13720e8ad9047dd39466b3c89\",\
             \"sign\":\"0A1B2C3D4E5F60718293A4B5C6D7E8F9\"}}"
        ),
        peer: "127.0.0.1".to_owned(),
    };
    let commit = Commit {
        step: create,
        exchange: Some(request),
        audit: None,
    };
    store
        .commit(commit)
        .await
        .map_err(|error| error.to_string())?;

    let verdict = Action::RecordVerdict {
        attempt_no: AttemptNo(order_no.0),
        verdict: Verdict::Paid(evidence(index)),
        notification_no,
    };
    let step = Step {
        merchant_id: merchant,
        target: Target::Order(order_no),
        now: START.plus_ms(5),
        action: verdict,
    };
    store
        .commit(Commit {
            step,
            exchange: None,
            audit: None,
        })
        .await
        .map_err(|error| error.to_string())?;
    store.record(ExchangeRecord::Answer(ExchangeAnswer {
        exchange_no,
        app_id: None,
        status: 200,
        body: "{\"result\":\"SUCCESS\",\"state\":\"1\",\"no\":\"1677721600000000\",\"amount\":\"8888\",\
               \"sign\":\"0A1B2C3D4E5F60718293A4B5C6D7E8F9\"}"
            .to_owned(),
        outcome: "ok".to_owned(),
        reading: Some("as documented"),
        signing: None,
        order_no: Some(order_no),
        duration_ms: 5,
    }));
    Ok(())
}

fn create(order_no: OrderNo, app: &AppId, merchant_order_no: String) -> CreateOrder {
    CreateOrder {
        order_no,
        app_id: app.clone(),
        merchant_order_no,
        scene: Scene::Barcode,
        wallet: Some(WalletKind::Alipay),
        amount_minor: 8888,
        currency: Currency::CNY,
        rate: None,
        route: Some(Arc::new(Route {
            channel_id: "example".into(),
            channel_account_id: "example_main".into(),
            wallet: WalletKind::Alipay,
            scene: Scene::Barcode,
            sub_merchant_id: "2088123412341234".to_owned(),
            sub_app_id: None,
            provider_merchant_no: None,
            provider_app_id: None,
            payer_id: None,
            payer_login: None,
            api: "pay".to_owned(),
            fee: Tariff::from(FeeTerms {
                rate_ppm: 3_800,
                ..FeeTerms::default()
            }),
            shares: ShareTerms::default(),
            funds: heliu_trade::funds::FundsTerms::default(),
            query_gap_ms: 3_000,
            reverse_after_ms: 15_000,
            refund_gap_ms: 60_000,
            refund_count_max: 50,
            reverses_by_call: true,
        })),
        received_at: START,
        life_ms: None,
        horizon_ms: Some(75_000),
        details: Arc::new(OrderDetails {
            subject: "coffee".to_owned(),
            auth_code_sealed: Some("v1.5Vf0m1Qm3tH0mW8m1Yw2m0a6mXk3s1Qp9c7b".to_owned()),
            attributes: [
                ("remark", "table 7"),
                ("operator", "0012"),
                ("terminal", "T-88"),
            ]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
            fingerprint: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                .to_owned(),
            ..OrderDetails::default()
        }),
    }
}

fn evidence(index: u64) -> Evidence {
    Evidence {
        payable_fen: 8888,
        cash_fen: 8888,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: format!("2026011522001{index:015}"),
        payer_order_no: format!("2026011522001{index:015}"),
        payer_id: Some("2088001122334455".to_owned()),
        funding: Funding::Balance,
        paid_at: START,
        notes: None,
    }
}

/// A number of tenths, printed with its point.
struct Tenths(u128);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement of the wall clock itself"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// Processor time of this process, in µs; 0 where the system does not say. Ticks are hundredths.
fn cpu_us() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let times = after_name.split_whitespace().skip(11).take(2);
    times
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum::<u64>()
        * 10_000
}

/// Peak memory of this process, in KiB.
fn peak_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
