//! One case: start the platform's process, load it, read its processor time and memory.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use crate::Options;
use crate::load::{self, Sample};
use crate::postgres::Database;

/// Time before the measurement begins, in seconds: connections, caches and files are made.
const WARM_UP_S: u64 = 1;
/// Synchronised writes that are timed.
const SYNC_SAMPLES: u32 = 100;
/// Ticks of the processor-time counters per second (`getconf CLK_TCK` on Linux).
const TICKS_PER_S: f64 = 100.0;

/// Where a case keeps its books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Nowhere,
    Sqlite,
    Postgres,
}

impl Kept {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Nowhere => "none",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
    pub(crate) kept: Kept,
}

impl Case {
    pub(crate) const fn new(name: &'static str, connections: usize, kept: Kept) -> Self {
        Self {
            name,
            connections,
            kept,
        }
    }

    /// Its name for people.
    pub(crate) fn title(&self) -> String {
        match self.kept {
            Kept::Postgres => format!("{} ({})", self.name, self.kept.as_str()),
            Kept::Nowhere | Kept::Sqlite => self.name.to_owned(),
        }
    }
}

/// What a case came to.
pub(crate) struct Figures {
    pub(crate) case: Case,
    pub(crate) per_second: f64,
    /// The median; of pgbench the mean.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: Option<f64>,
    /// Processor time of the platform for each request, in µs.
    pub(crate) cpu_us: Option<f64>,
    /// Peak memory of the platform, in MB.
    pub(crate) peak_mb: Option<f64>,
}

impl Figures {
    /// Of payments a second and the mean time of one, in ms.
    pub(crate) const fn of_pgbench(case: Case, (per_second, mean_ms): (f64, f64)) -> Self {
        Self {
            case,
            per_second,
            p50_ms: mean_ms,
            p99_ms: None,
            cpu_us: None,
            peak_mb: None,
        }
    }

    pub(crate) fn json(&self, sync_us: f64) -> String {
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        serde_json::json!({
            "case": self.case.name,
            "store": self.case.kept.as_str(),
            "connections": self.case.connections,
            "per_second": self.per_second.round(),
            "p50_ms": round(self.p50_ms),
            "p99_ms": self.p99_ms.map(round),
            "cpu_us": self.cpu_us.map(round),
            "peak_mb": self.peak_mb.map(round),
            "disk_sync_us": sync_us.round(),
        })
        .to_string()
    }
}

/// Mean time of a synchronised write of one page, in µs.
pub(crate) fn sync_cost_us(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("sync-probe");
    let mut file = std::fs::File::create(&path)?;
    let started = Instant::now();
    for _ in 0..SYNC_SAMPLES {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
    }
    let elapsed = started.elapsed();
    std::fs::remove_file(path)?;
    Ok(elapsed.as_secs_f64() * 1e6 / f64::from(SYNC_SAMPLES))
}

/// The platform's process, killed when the measurement is over.
struct Platform {
    child: Child,
    address: String,
}

impl Platform {
    fn start(
        options: &Options,
        case: Case,
        database: Option<&Database>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let Case {
            name, connections, ..
        } = case;
        let folder = format!("{name}-{connections}-{}", std::process::id());
        let folder = options.data.join(folder);
        let database = database.filter(|_| case.kept == Kept::Postgres);
        let database = database.map(|database| database.url(&format!("bench_{connections}")));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .arg(name)
            .arg("--data")
            .arg(&folder)
            .args(database.transpose()?.map(|url| format!("--database={url}")))
            .args(
                options
                    .workers
                    .map(|workers| format!("--workers={workers}")),
            )
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the platform has no output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        Ok(Self {
            child,
            address: address.trim().to_owned(),
        })
    }

    /// Processor time so far, in µs.
    fn cpu_us(&self) -> f64 {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        // The name in parentheses may contain blanks; fields are counted behind it.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|t| t.parse::<f64>().ok());
        (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) * 1e6 / TICKS_PER_S
    }

    /// Peak memory, in MB.
    fn peak_mb(&self) -> f64 {
        peak_mb(&self.child.id().to_string())
    }
}

/// Peak memory of a process, in MB, by its number or as `self`.
pub(crate) fn peak_mb(process: &str) -> f64 {
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(path).unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    let kb = line
        .split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Measures one case.
pub(crate) async fn run(
    options: &Options,
    case: Case,
    database: Option<&Database>,
) -> Result<Figures, Box<dyn std::error::Error>> {
    let platform = Platform::start(options, case, database)?;
    let connections = case.connections;
    load::run(
        &platform.address,
        connections,
        Duration::from_secs(WARM_UP_S),
    )
    .await?;
    let cpu_before_us = platform.cpu_us();
    let started = Instant::now();
    let window = Duration::from_secs(options.seconds);
    let Sample { mut latencies_us } = load::run(&platform.address, connections, window).await?;
    let elapsed_s = started.elapsed().as_secs_f64();
    let cpu_us = platform.cpu_us() - cpu_before_us;
    latencies_us.sort_unstable();
    let count = u32::try_from(latencies_us.len()).unwrap_or(u32::MAX);
    let at = |share: usize| {
        let index = latencies_us.len() * share / 100;
        f64::from(latencies_us.get(index).copied().unwrap_or(0)) / 1000.0
    };
    Ok(Figures {
        case,
        per_second: f64::from(count) / elapsed_s,
        p50_ms: at(50),
        p99_ms: Some(at(99)),
        cpu_us: Some(cpu_us / f64::from(count.max(1))),
        peak_mb: Some(platform.peak_mb()),
    })
}
