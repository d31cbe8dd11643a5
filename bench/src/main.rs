//! `make bench`: what the platform carries on this machine, as a table or as JSON lines.
//!
//! Each case runs the platform in a process of its own, so that its processor time and memory are
//! its own, with the load generator beside it on the same cores. The echo is the same HTTP server
//! with the same sizes and threads; ratios to it and processor time are the figures to trust where
//! disks and neighbours vary. The platform is durable: every payment is two synchronised commits.
//!
//! Cases over PostgreSQL run where one is given by `DATABASE_URL` or installed; their processor
//! time and memory are the platform's, without the database's. Their yardstick is pgbench with the
//! bare statements of a payment, one by one, in the same run.
//!
//! `--only day` makes a million orders of one business date and ends it, from its closing to its
//! statements: the time and the peak memory of each step. It takes minutes, and is run only when it
//! is asked for.
#![expect(clippy::float_arithmetic, reason = "figures for people, not money")]
#![expect(clippy::print_stdout, reason = "the figures")]
#![expect(clippy::print_stderr, reason = "what cannot be measured")]

mod day;
mod load;
mod measure;
mod memory_channel;
mod platform;
mod postgres;
mod stub_channel;

use std::path::PathBuf;

use clap::Parser;
use heliu_gateway::worker_threads;

use crate::day::DayFigures;
use crate::measure::{Case, Figures, Kept, sync_cost_us};
use crate::postgres::{CLIENTS, Database};

/// The same allocator as the server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the platform.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    /// How long each case runs
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only cases whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Orders of the business date that `--only day` ends
    #[arg(long, default_value_t = 1_000_000)]
    orders: u64,
    /// Where the books are made, on the disk to be measured
    #[arg(long, default_value = "target/bench-data")]
    data: PathBuf,
    /// Worker threads of the platform; its default if absent
    #[arg(long)]
    workers: Option<usize>,
    /// Serve a case; the bench starts itself with this
    #[arg(long, hide = true)]
    serve: Option<String>,
    /// The database of that case
    #[arg(long, hide = true)]
    database: Option<String>,
    /// The business date of a day's processes, which may run past midnight
    #[arg(long, hide = true)]
    date: Option<String>,
}

/// What is measured.
const CASES: [Case; 10] = [
    Case::new("echo", 256, Kept::Nowhere),
    Case::new("fufu-barcode", 256, Kept::Sqlite),
    Case::new("fufu-barcode-wechat-v2", 256, Kept::Sqlite),
    Case::new("fufu-barcode", 16, Kept::Sqlite),
    Case::new("fufu-barcode", 1, Kept::Sqlite),
    Case::new("pgbench-payment", CLIENTS, Kept::Postgres),
    Case::new("fufu-barcode", 256, Kept::Postgres),
    Case::new("fufu-barcode", CLIENTS, Kept::Postgres),
    Case::new("fufu-barcode", 1, Kept::Postgres),
    Case::new("echo", 1, Kept::Nowhere),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if options.serve.is_some() {
        builder.worker_threads(options.workers.unwrap_or_else(worker_threads));
    }
    let runtime = builder.enable_all().build()?;
    if let Some(case) = &options.serve {
        let database = options.database.as_deref();
        if let Some(part) = case.strip_prefix(day::PREFIX) {
            return runtime.block_on(day::serve(part, &options, database));
        }
        return runtime.block_on(platform::serve(case, &options.data, database));
    }
    std::fs::create_dir_all(&options.data)?;
    let sync_us = sync_cost_us(&options.data)?;
    let mut all = Vec::new();
    let is_wanted = |case: &Case| {
        let only = options.only.as_ref();
        only.is_none_or(|only| case.title().contains(only.as_str()))
    };
    let cases: Vec<Case> = CASES.into_iter().filter(is_wanted).collect();
    let only = options.only.as_deref().unwrap_or_default();
    let days = [Kept::Sqlite, Kept::Postgres];
    let days: Vec<Kept> = days
        .into_iter()
        .filter(|kept| !only.is_empty() && day::title(*kept).starts_with(only))
        .collect();
    let needs_database =
        cases.iter().any(|case| case.kept == Kept::Postgres) || days.contains(&Kept::Postgres);
    let database = if needs_database {
        match Database::find(&options.data) {
            Ok(database) => Some(database),
            Err(why) => {
                eprintln!("without PostgreSQL: {why}");
                None
            }
        }
    } else {
        None
    };
    for case in cases {
        if case.kept == Kept::Postgres && database.is_none() {
            continue;
        }
        let figures = match &database {
            Some(database) if case.name == "pgbench-payment" => {
                let measured = database.pgbench(&options.data, options.seconds)?;
                Figures::of_pgbench(case, measured)
            }
            database => runtime.block_on(measure::run(&options, case, database.as_ref()))?,
        };
        if options.json {
            println!("{}", figures.json(sync_us));
        }
        all.push(figures);
    }
    let mut ended = Vec::new();
    for kept in days {
        if kept == Kept::Postgres && database.is_none() {
            continue;
        }
        let figures = day::run(&options, kept, database.as_ref())?;
        if options.json {
            figures
                .lines(sync_us)
                .iter()
                .for_each(|line| println!("{line}"));
        }
        ended.push(figures);
    }
    drop(database);
    let _ = std::fs::remove_dir_all(&options.data);
    if !options.json {
        println!("one synchronised write of this disk: {sync_us:.0} µs");
        if !all.is_empty() {
            print_table(&all);
        }
        ended.iter().for_each(print_day);
    }
    Ok(())
}

/// A business date, step by step.
fn print_day(figures: &DayFigures) {
    let orders = figures.orders;
    println!("{}: a date of {orders} orders", day::title(figures.kept));
    println!(
        "{:<16} {:>10} {:>10} {:>8}",
        "step", "done", "seconds", "peak MB"
    );
    for step in &figures.steps {
        println!(
            "{:<16} {:>10} {:>10.2} {:>8.0}",
            step.step, step.done, step.seconds, step.peak_mb
        );
    }
    let (seconds, peak_mb) = figures.close_to_statements();
    println!(
        "{:<16} {:>10} {seconds:>10.2} {peak_mb:>8.0}",
        "from close on", ""
    );
}

fn print_table(all: &[Figures]) {
    println!(
        "{:<32} {:>5} {:>10} {:>9} {:>9} {:>9} {:>8} {:>8}",
        "case", "conns", "per second", "p50 ms", "p99 ms", "cpu µs", "peak MB", "of echo"
    );
    let or_dash = |figure: Option<f64>, places: usize| {
        figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.places$}"))
    };
    for figures in all {
        let connections = figures.case.connections;
        let echo = all
            .iter()
            .find(|other| other.case.name == "echo" && other.case.connections == connections);
        let ratio = echo.map_or(String::new(), |echo| {
            format!("{:.2}", figures.per_second / echo.per_second)
        });
        println!(
            "{:<32} {:>5} {:>10.0} {:>9.3} {:>9} {:>9} {:>8} {:>8}",
            figures.case.title(),
            connections,
            figures.per_second,
            figures.p50_ms,
            or_dash(figures.p99_ms, 3),
            or_dash(figures.cpu_us, 1),
            or_dash(figures.peak_mb, 0),
            ratio
        );
    }
    print_yardstick(all);
}

/// Payments over PostgreSQL against bare statements in it, in the same run.
fn print_yardstick(all: &[Figures]) {
    let bare = all
        .iter()
        .find(|figures| figures.case.name == "pgbench-payment");
    let ours = all.iter().filter(|figures| {
        figures.case.name == "fufu-barcode" && figures.case.kept == Kept::Postgres
    });
    let best = ours.map(|figures| figures.per_second).reduce(f64::max);
    if let (Some(bare), Some(best)) = (bare, best) {
        println!(
            "signed payments over PostgreSQL: {:.2} of pgbench's bare statements",
            best / bare.per_second
        );
    }
}
