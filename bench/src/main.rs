//! `make bench`: what the platform carries on this machine, as a table or as JSON lines.
//!
//! Each case runs the platform in a process of its own, so that its processor time and memory are its
//! own, with the load generator beside it on the same cores. The echo is the same HTTP server with the
//! same sizes and threads; ratios to it and processor time are the figures to trust where disks and
//! neighbours vary. The platform is durable: every payment is two synchronised commits.
#![expect(clippy::float_arithmetic, reason = "figures for people, not money")]
#![expect(clippy::print_stdout, reason = "the figures")]

mod load;
mod measure;
mod memory_channel;
mod platform;
mod stub_channel;

use std::path::PathBuf;

use clap::Parser;
use heliu_gateway::worker_threads;

use crate::measure::{Figures, sync_cost_us};

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
    /// Where the books are made, on the disk to be measured
    #[arg(long, default_value = "target/bench-data")]
    data: PathBuf,
    /// Worker threads of the platform; its default if absent
    #[arg(long)]
    workers: Option<usize>,
    /// Serve a case; the bench starts itself with this
    #[arg(long, hide = true)]
    serve: Option<String>,
}

/// What is measured: name, connections.
const CASES: [(&str, usize); 6] = [
    ("echo", 256),
    ("fufu-barcode", 256),
    ("fufu-barcode-wechat-v2", 256),
    ("fufu-barcode", 16),
    ("fufu-barcode", 1),
    ("echo", 1),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if options.serve.is_some() {
        builder.worker_threads(options.workers.unwrap_or_else(worker_threads));
    }
    let runtime = builder.enable_all().build()?;
    if let Some(case) = &options.serve {
        return runtime.block_on(platform::serve(case, &options.data));
    }
    std::fs::create_dir_all(&options.data)?;
    let sync_us = sync_cost_us(&options.data)?;
    let mut all = Vec::new();
    for (case, connections) in CASES {
        if options
            .only
            .as_ref()
            .is_some_and(|only| !case.contains(only.as_str()))
        {
            continue;
        }
        let figures = runtime.block_on(measure::run(&options, case, connections))?;
        if options.json {
            println!("{}", figures.json(sync_us));
        }
        all.push(figures);
    }
    let _ = std::fs::remove_dir_all(&options.data);
    if !options.json {
        print_table(&all, sync_us);
    }
    Ok(())
}

fn print_table(all: &[Figures], sync_us: f64) {
    println!("one synchronised write of this disk: {sync_us:.0} µs");
    println!(
        "{:<24} {:>5} {:>10} {:>9} {:>9} {:>9} {:>8} {:>8}",
        "case", "conns", "per second", "p50 ms", "p99 ms", "cpu µs", "peak MB", "of echo"
    );
    for figures in all {
        let echo = all
            .iter()
            .find(|other| other.case == "echo" && other.connections == figures.connections);
        let ratio = echo.map_or(String::new(), |echo| {
            format!("{:.2}", figures.per_second / echo.per_second)
        });
        println!(
            "{:<24} {:>5} {:>10.0} {:>9.3} {:>9.3} {:>9.1} {:>8.0} {:>8}",
            figures.case,
            figures.connections,
            figures.per_second,
            figures.p50_ms,
            figures.p99_ms,
            figures.cpu_us,
            figures.peak_mb,
            ratio
        );
    }
}
