//! A business date over many orders, from its closing to its statements.
//!
//! | file | what it does |
//! | --- | --- |
//! | `shops` | merchants whose money is held, below agents at three levels who share in their fees |
//! | `orders` | payments of the date, by the engine's own way |
//! | `steps` | the steps of the date, each with its time and the peak of its memory |
//!
//! Orders and steps have a process of their own each, over the same books, so that the memory of
//! the steps is theirs alone.

mod orders;
mod shops;
mod steps;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use heliu_engine::{Engine, Parts, Settings};
use heliu_ports::clock::{Clock, MovableClock, RuntimeClock, SystemClock};
use heliu_trade::calendar::{BusinessDate, Calendar, WithoutTable};
use heliu_trade::id::NumberMint;
use heliu_trade::wallet::CodePrefixes;
use heliu_vault::{RootKey, SealingVault};
use serde_json::{Value, json};

use crate::Options;
use crate::measure::{Kept, peak_mb};
use crate::platform::{NoSms, NoTransport, books};
use crate::postgres::Database;
use crate::stub_channel::StubChannel;

/// What the names of its processes begin with.
pub(crate) const PREFIX: &str = "day-";
const ORDERS: &str = "orders";
const STEPS: &str = "steps";
/// Both processes seal with it.
const ROOT_KEY: [u8; 32] = [7; 32];
/// Orders of a shop, if there are enough shops.
const ORDERS_PER_SHOP: u64 = 1_000;
const SHOPS_MIN: u64 = 10;
const SHOPS_MAX: u64 = 1_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The case's name for people.
pub(crate) fn title(kept: Kept) -> String {
    match kept {
        Kept::Postgres => format!("day ({})", kept.as_str()),
        Kept::Nowhere | Kept::Sqlite => "day".to_owned(),
    }
}

/// What a step came to.
pub(crate) struct StepFigures {
    pub(crate) step: String,
    /// Pieces that were done.
    pub(crate) done: u64,
    pub(crate) seconds: f64,
    /// Peak memory while it was run, in MB.
    pub(crate) peak_mb: f64,
}

/// What a date came to.
pub(crate) struct DayFigures {
    pub(crate) kept: Kept,
    pub(crate) orders: u64,
    /// The orders' making, and the steps.
    pub(crate) steps: Vec<StepFigures>,
}

impl DayFigures {
    /// All steps together: seconds, and the peak of their memory in MB.
    pub(crate) fn close_to_statements(&self) -> (f64, f64) {
        let steps = self.steps.iter().filter(|step| step.step != ORDERS);
        steps.fold((0.0, 0.0), |(seconds, peak_mb), step| {
            (seconds + step.seconds, step.peak_mb.max(peak_mb))
        })
    }

    /// A line of JSON for each step.
    pub(crate) fn lines(&self, sync_us: f64) -> Vec<String> {
        let line = |step: &StepFigures| {
            let figures = json!({
                "case": "day",
                "store": self.kept.as_str(),
                "orders": self.orders,
                "step": step.step,
                "done": step.done,
                "seconds": step.seconds,
                "peak_mb": step.peak_mb.round(),
                "disk_sync_us": sync_us.round(),
            });
            figures.to_string()
        };
        self.steps.iter().map(line).collect()
    }
}

/// Makes the orders and ends their date, in two processes.
pub(crate) fn run(
    options: &Options,
    kept: Kept,
    database: Option<&Database>,
) -> Outcome<DayFigures> {
    let folder = format!("day-{}-{}", kept.as_str(), std::process::id());
    let folder = options.data.join(folder);
    std::fs::create_dir_all(&folder)?;
    let database = database.filter(|_| kept == Kept::Postgres);
    let url = database.map(|database| database.url("bench_day"));
    let url = url.transpose()?.map(|url| format!("--database={url}"));
    let date = BusinessDate::of(SystemClock.now()).to_string();
    let mut steps = Vec::new();
    for part in [ORDERS, STEPS] {
        let ended = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .arg(format!("{PREFIX}{part}"))
            .arg("--data")
            .arg(&folder)
            .args(["--orders", &options.orders.to_string()])
            .args(["--date", &date])
            .args(&url)
            .stderr(Stdio::inherit())
            .output()?;
        if !ended.status.success() {
            return Err(format!("{part} of the date: {}", ended.status).into());
        }
        for line in String::from_utf8(ended.stdout)?.lines() {
            steps.push(read(line)?);
        }
    }
    Ok(DayFigures {
        kept,
        orders: options.orders,
        steps,
    })
}

/// What a process tells of a step.
fn tell(step: &str, done: u64, seconds: f64) {
    let peak_mb = peak_mb("self");
    let figures = json!({ "step": step, "done": done, "seconds": seconds, "peak_mb": peak_mb });
    println!("{figures}");
}

fn read(line: &str) -> Outcome<StepFigures> {
    let told: Value = serde_json::from_str(line)?;
    let number = |name: &str| told[name].as_f64().unwrap_or(0.0);
    Ok(StepFigures {
        step: told["step"].as_str().unwrap_or_default().to_owned(),
        done: told["done"].as_u64().unwrap_or(0),
        seconds: number("seconds"),
        peak_mb: number("peak_mb"),
    })
}

/// One of the two processes.
pub(crate) async fn serve(part: &str, options: &Options, database: Option<&str>) -> Outcome<()> {
    let date = options.date.as_deref().ok_or("of which date?")?;
    let today: BusinessDate = date.parse()?;
    let shops = (options.orders / ORDERS_PER_SHOP).clamp(SHOPS_MIN, SHOPS_MAX);
    let origin = match part {
        ORDERS => today.start().plus_ms(orders::BEGIN_MS),
        _ => today.end().plus_ms(steps::BEGIN_MS),
    };
    let clock = MovableClock::new(Arc::new(RuntimeClock::new(origin, 1)), 0);
    let engine = engine(&options.data, database, Arc::new(clock.clone())).await?;
    if part == ORDERS {
        shops::open(&engine, shops).await?;
        orders::make(&engine, &clock, options.orders, shops).await?;
    } else {
        steps::run(&engine, today).await?;
    }
    engine.store().close().await;
    Ok(())
}

async fn engine(data: &Path, database: Option<&str>, clock: Arc<dyn Clock>) -> Outcome<Engine> {
    let (store, node, high_water_s) = books(data, database).await?;
    let bank = heliu_channels::find(shops::BANK).ok_or("no such channel")?;
    Ok(Engine::new(Parts {
        store,
        vault: Arc::new(SealingVault::new(RootKey::from_bytes(ROOT_KEY))),
        transport: Arc::new(NoTransport),
        sms: Arc::new(NoSms),
        clock,
        dialects: heliu_dialects::all(),
        channels: vec![Arc::new(StubChannel), bank],
        mint: NumberMint::new(node, high_water_s),
        settings: Settings {
            public_url: "http://127.0.0.1".to_owned(),
            terminal_ip: "127.0.0.1".to_owned(),
            code_prefixes: CodePrefixes::default(),
            statements_folder: data.join("statements"),
            calendar: Calendar::ours(WithoutTable::WeekendsOnly),
        },
    }))
}
