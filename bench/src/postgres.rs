//! The PostgreSQL that is measured against: the one of `DATABASE_URL`, else a private one beside
//! the other data; and the yardstick, pgbench with the bare statements of a payment.

use std::path::Path;
use std::process::Command;

use heliu_testkit::{Durability, PostgresServer};

/// Clients of pgbench, as the issue of the books in PostgreSQL sets them.
pub(crate) const CLIENTS: usize = 64;
/// Threads of pgbench: the cores that the platform has.
const THREADS: usize = 2;
/// The tables of the yardstick.
const TABLES: &str = include_str!("../payment_tables.sql");
/// Its statements.
const PAYMENT: &str = include_str!("../payment.sql");

/// A server to measure with.
pub(crate) enum Database {
    /// The operator's: its database is emptied by hand.
    Given(String),
    /// A private one, durable as a real one is.
    Private(Box<PostgresServer>),
}

impl Database {
    /// The one that is configured, else a private one; why there is none.
    pub(crate) fn find(data: &Path) -> std::io::Result<Self> {
        match std::env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => Ok(Self::Given(url)),
            _ => {
                let server = PostgresServer::start(data, Durability::Full)?;
                Ok(Self::Private(Box::new(server)))
            }
        }
    }

    fn program(&self, name: &str) -> Command {
        match self {
            Self::Given(_) => Command::new(name),
            Self::Private(server) => server.program(name),
        }
    }

    fn psql(&self, url: &str, sql: &str) -> std::io::Result<()> {
        let mut command = self.program("psql");
        command.args(["--quiet", "--dbname", url, "--command", sql]);
        let done = command
            .env("PGOPTIONS", "-c client_min_messages=error")
            .output()?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr);
        Err(std::io::Error::other(format!("psql: {said}")))
    }

    /// A database for one case: a new one, where the server is ours.
    pub(crate) fn url(&self, name: &str) -> std::io::Result<String> {
        match self {
            Self::Given(url) => Ok(url.clone()),
            Self::Private(server) => {
                let administration = server.url("postgres");
                let name = name.replace('-', "_");
                self.psql(&administration, &format!("DROP DATABASE IF EXISTS {name}"))?;
                self.psql(&administration, &format!("CREATE DATABASE {name}"))?;
                Ok(server.url(&name))
            }
        }
    }

    /// Payments a second that pgbench reaches, and how long each takes it in ms.
    pub(crate) fn pgbench(&self, data: &Path, seconds: u64) -> std::io::Result<(f64, f64)> {
        let url = self.url("bench_yardstick")?;
        self.psql(&url, TABLES)?;
        // Beside the data, which the server's user can read.
        let script = data.canonicalize()?.join("payment.sql");
        std::fs::write(&script, PAYMENT)?;
        let done = self
            .program("pgbench")
            .args(["--no-vacuum", "--protocol", "prepared", "--define", "n=0"])
            .args([
                "--client",
                &CLIENTS.to_string(),
                "--jobs",
                &THREADS.to_string(),
            ])
            .args(["--time", &seconds.to_string(), "--file"])
            .arg(script)
            .arg(url)
            .output()?;
        let said = String::from_utf8_lossy(&done.stdout);
        let figure = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|line| line.split_whitespace().next());
            figure.and_then(|figure| figure.parse::<f64>().ok())
        };
        let figures = figure("tps = ").zip(figure("latency average = "));
        figures.ok_or_else(|| {
            let said = String::from_utf8_lossy(&done.stderr);
            let first = said.lines().next().unwrap_or_default();
            std::io::Error::other(format!("pgbench: {first}"))
        })
    }
}
