//! The command line: nouns first, one file a noun; what is done to the books as a whole also stands by itself. Data goes to standard output, the rest to standard
//! error; exit codes are 0 done, 1 failed, 2 misused.

mod agents;
mod arguments;
mod books;
mod channels;
mod demo;
mod exchanges;
mod keys;
mod merchants;
mod moving;
mod notifications;
mod orders;
mod rates;
mod sandbox;
mod serve;
mod signatures;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use arguments::AcceptedLoss;

use crate::config::Config;
use crate::failure::Failure;
use crate::logs;
use crate::terminal::{report, show};

/// Self-hosted aggregated payment (聚合支付).
#[derive(Debug, Parser)]
#[command(name = "heliu", version)]
struct Cli {
    /// The configuration file; defaults and the environment without it.
    #[arg(long, global = true, env = "HELIU_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve merchants, payers and channels; needs a root key
    Serve(AcceptedLoss),
    /// Serve with a sandbox beside it: demo merchants, no real money
    Demo(AcceptedLoss),
    /// Run the sandbox alone, for several demo nodes that share it
    Sandbox,
    /// Merchants and their apps
    #[command(subcommand)]
    Merchants(merchants::Command),
    /// Agents, who sign for the merchants that they brought
    #[command(subcommand)]
    Agents(agents::Command),
    /// The operator's accounts with channels
    #[command(subcommand)]
    Channels(channels::Command),
    /// Root key, fingerprints, and keys that take turns
    #[command(subcommand)]
    Keys(keys::Command),
    /// Exchange rates
    #[command(subcommand)]
    Rates(rates::Command),
    /// Orders and their stories
    #[command(subcommand)]
    Orders(orders::Command),
    /// What merchants sent and were answered
    #[command(subcommand)]
    Exchanges(exchanges::Command),
    /// Notifications to merchants
    #[command(subcommand)]
    Notifications(notifications::Command),
    /// The books
    #[command(subcommand)]
    Books(books::Command),
    #[command(flatten)]
    Moving(moving::Command),
    /// Sign a request as its client would, and show the string to sign
    Sign(signatures::Pasted),
    /// Say which reading of a request's signature holds
    Verify(signatures::Pasted),
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let is_service = matches!(
        cli.command,
        Command::Serve(_) | Command::Demo(_) | Command::Sandbox
    );
    let sampling = logs::init(is_service);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(heliu_gateway::worker_threads())
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => return report(&Failure::from(cause)),
    };
    runtime.spawn(logs::tell_regularly(sampling.clone()));
    let result = Config::load(cli.config.as_ref())
        .and_then(|config| runtime.block_on(execute(config, cli.command)));
    sampling.tell_all();
    match result {
        Ok(text) => {
            show(&text);
            ExitCode::SUCCESS
        }
        Err(failure) => report(&failure),
    }
}

async fn execute(config: Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Serve(accepted) => serve::run(accepted.put_into(config)).await,
        Command::Demo(accepted) => demo::run(accepted.put_into(config)).await,
        Command::Sandbox => sandbox::run(config).await,
        Command::Merchants(command) => merchants::run(&config, command).await,
        Command::Agents(command) => agents::run(&config, command).await,
        Command::Channels(command) => channels::run(&config, command).await,
        Command::Keys(command) => keys::run(&config, command).await,
        Command::Rates(command) => rates::run(&config, command).await,
        Command::Orders(command) => orders::run(&config, command).await,
        Command::Exchanges(command) => exchanges::run(&config, command).await,
        Command::Notifications(command) => notifications::run(&config, command).await,
        Command::Books(command) => books::run(&config, command).await,
        Command::Moving(command) => moving::run(&config, command).await,
        Command::Sign(pasted) => signatures::sign(&config, pasted).await,
        Command::Verify(pasted) => signatures::verify(&config, pasted).await,
    }
}
