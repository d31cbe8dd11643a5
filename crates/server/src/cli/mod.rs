//! The command line: nouns first, one file a noun; what is done to the books as a whole also stands
//! by itself. Data goes to standard output, the rest to standard error; exit codes are 0 done, 1
//! failed, 2 misused.

mod adjustments;
mod agents;
mod applications;
mod approvals;
mod arguments;
mod audit;
mod batch_files;
mod batches;
mod books;
mod calendar;
mod cards;
mod channels;
mod clock;
mod config;
mod contracts;
mod day;
mod demo;
mod desk;
mod exchanges;
mod fees;
mod holds;
mod jobs;
mod keys;
mod merchants;
mod moving;
mod notifications;
mod orders;
mod payouts;
mod people;
mod rates;
mod refunds;
mod report;
mod sandbox;
mod serve;
mod settlements;
mod signatures;
mod statements;
mod terms;
mod withdrawals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use arguments::AcceptedLoss;
use desk::Desk;
use heliu_office::sheet::Form;

use crate::config::{Loaded, elsewhere};
use crate::failure::Failure;
use crate::logs;
use crate::terminal::{Output, report};

/// Self-hosted aggregated payment (聚合支付).
#[derive(Debug, Parser)]
#[command(name = "heliu", version)]
struct Cli {
    /// The configuration file; defaults and the environment without it.
    #[arg(long, global = true, env = elsewhere::CONFIG)]
    config: Option<PathBuf>,
    /// The form of lists and of what is shown; data goes to standard output, everything else to
    /// standard error
    #[arg(long, global = true, value_enum, default_value_t)]
    output: OutputForm,
    /// The person of `heliu people list` who does this; it is written down with what changes
    #[arg(
        long = "as",
        value_name = "NAME",
        global = true,
        env = elsewhere::OPERATOR
    )]
    operator: Option<String>,
    #[command(subcommand)]
    command: Command,
}

/// In which form lists and things are shown.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum OutputForm {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For spreadsheets: UTF-8 with a mark, long numbers as text, amounts in yuan
    Csv,
}

impl From<OutputForm> for Form {
    fn from(form: OutputForm) -> Self {
        match form {
            OutputForm::Table => Self::Table,
            OutputForm::Json => Self::Json,
            OutputForm::Csv => Self::Csv,
        }
    }
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
    /// Applications of merchants whom agents bring
    #[command(subcommand)]
    Applications(applications::Command),
    /// Statement files that agents fetch
    #[command(subcommand)]
    Statements(statements::Command),
    /// What one person of finance proposes and another one lets pass
    #[command(subcommand)]
    Approvals(approvals::Command),
    /// How owners are settled: when, from which amount on, at which fee
    #[command(subcommand)]
    Terms(terms::Command),
    /// Cards to which owners are paid
    #[command(subcommand)]
    Cards(cards::Command),
    /// Money that is not paid out
    #[command(subcommand)]
    Holds(holds::Command),
    /// Balances that are put right
    #[command(subcommand)]
    Adjustments(adjustments::Command),
    /// Money that owners ask for
    #[command(subcommand)]
    Withdrawals(withdrawals::Command),
    /// What trade dates owe owners
    #[command(subcommand)]
    Settlements(settlements::Command),
    /// Bills to owners' cards
    #[command(subcommand)]
    Payouts(payouts::Command),
    /// Bills that two people let pass together
    #[command(subcommand)]
    Batches(batches::Command),
    /// The operator's accounts with channels
    #[command(subcommand)]
    Channels(channels::Command),
    /// Root key, fingerprints, and keys that take turns
    #[command(subcommand)]
    Keys(keys::Command),
    /// What merchants are asked for and what agents pay, by versions
    #[command(subcommand)]
    Fees(fees::Command),
    /// Exchange rates
    #[command(subcommand)]
    Rates(rates::Command),
    /// Orders and their stories
    #[command(subcommand)]
    Orders(orders::Command),
    /// Which days are worked: the years that are known, and further ones
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// The clock, which a sandbox can move
    #[command(subcommand)]
    Clock(clock::Command),
    /// The steps that end a business date (账期日)
    #[command(subcommand)]
    Day(day::Command),
    /// Refunds
    #[command(subcommand)]
    Refunds(refunds::Command),
    /// What merchants sent and were answered
    #[command(subcommand)]
    Exchanges(exchanges::Command),
    /// Notifications to merchants
    #[command(subcommand)]
    Notifications(notifications::Command),
    /// What is still to be done
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// What was booked
    #[command(subcommand)]
    Report(report::Command),
    /// People of the office, and what each may do
    #[command(subcommand)]
    People(people::Command),
    /// The record of who did what
    #[command(subcommand)]
    Audit(audit::Command),
    /// The books
    #[command(subcommand)]
    Books(books::Command),
    /// The configuration: whether it holds, and where each value comes from
    #[command(subcommand)]
    Config(config::Command),
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
    let result = runtime.block_on(execute(cli));
    sampling.tell_all();
    match result {
        Ok(output) => {
            output.show();
            ExitCode::SUCCESS
        }
        Err(failure) => report(&failure),
    }
}

async fn execute(cli: Cli) -> Result<Output, Failure> {
    let loaded = Loaded::read(cli.config.as_deref(), std::env::vars_os());
    if !matches!(cli.command, Command::Config(_)) {
        loaded.check()?;
    }
    let desk = &Desk {
        config: loaded.config.clone(),
        form: cli.output.into(),
        operator: cli.operator,
    };
    let config = || desk.config.clone();
    match cli.command {
        Command::Serve(accepted) => Ok(serve::run(accepted.put_into(config())).await?.into()),
        Command::Demo(accepted) => Ok(demo::run(accepted.put_into(config())).await?.into()),
        Command::Sandbox => Ok(sandbox::run(config()).await?.into()),
        Command::Merchants(command) => merchants::run(desk, command).await,
        Command::Agents(command) => agents::run(desk, command).await,
        Command::Applications(command) => applications::run(desk, command).await,
        Command::Statements(command) => statements::run(desk, command).await,
        Command::Approvals(command) => approvals::run(desk, command).await,
        Command::Terms(command) => terms::run(desk, command).await,
        Command::Cards(command) => cards::run(desk, command).await,
        Command::Holds(command) => holds::run(desk, command).await,
        Command::Settlements(command) => settlements::run(desk, command).await,
        Command::Payouts(command) => payouts::run(desk, command).await,
        Command::Batches(command) => batches::run(desk, command).await,
        Command::Adjustments(command) => adjustments::run(desk, command).await,
        Command::Withdrawals(command) => withdrawals::run(desk, command).await,
        Command::Channels(command) => channels::run(desk, command).await,
        Command::Calendar(command) => calendar::run(desk, command).await,
        Command::Clock(command) => clock::run(desk, command).await,
        Command::Day(command) => day::run(desk, command).await,
        Command::Keys(command) => keys::run(desk, command).await,
        Command::Fees(command) => fees::run(desk, command).await,
        Command::Rates(command) => rates::run(desk, command).await,
        Command::Orders(command) => orders::run(desk, command).await,
        Command::Exchanges(command) => exchanges::run(desk, command).await,
        Command::Notifications(command) => notifications::run(desk, command).await,
        Command::Refunds(command) => refunds::run(desk, command).await,
        Command::Jobs(command) => jobs::run(desk, command).await,
        Command::Report(command) => report::run(desk, command).await,
        Command::People(command) => people::run(desk, command).await,
        Command::Audit(command) => audit::run(desk, command).await,
        Command::Books(command) => books::run(desk, command).await,
        Command::Config(command) => config::run(desk, &loaded, command),
        Command::Moving(command) => Ok(moving::run(&desk.config, command).await?.into()),
        Command::Sign(pasted) => signatures::sign(desk, pasted).await,
        Command::Verify(pasted) => signatures::verify(desk, pasted).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// The variables that a command and those below it read.
    fn variables(command: &clap::Command) -> Vec<String> {
        let arguments = command.get_arguments().filter_map(clap::Arg::get_env);
        let own = arguments.map(|name| name.to_string_lossy().into_owned());
        own.chain(command.get_subcommands().flat_map(variables))
            .collect()
    }

    #[test]
    fn no_variable_of_the_command_line_is_refused_as_an_unknown_one() {
        let read = variables(&Cli::command());
        assert!(read.contains(&"HELIU_OPERATOR".to_owned()), "{read:?}");
        let is_known = |name: &String| elsewhere::ELSEWHERE.iter().any(|(known, _)| known == name);
        let unknown: Vec<&String> = read.iter().filter(|name| !is_known(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
