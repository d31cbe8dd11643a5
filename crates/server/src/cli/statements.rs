//! `heliu statements`

use clap::Subcommand;
use heliu_office::statements::{PublishedRow, Publishing, StatementRow, StatementView};

use super::desk::{Desk, Pages, table};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Statement files that agents fetch, newest first
    List {
        #[command(flatten)]
        pages: Pages,
    },
    /// What a file's rows come to, and what happened to it
    Show {
        /// Our number of it
        statement_no: String,
    },
    /// Make files of a closed day; one whose bytes have changed becomes the next version
    Publish {
        /// The day that they tell of, such as 2026-01-02
        date: String,
        /// For this agent's number only
        #[arg(long)]
        agent: Option<String>,
        /// On this protocol only
        #[arg(long)]
        dialect: Option<String>,
        /// This file only: trade, profit, refund_profit or remit
        #[arg(long)]
        kind: Option<String>,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { pages } => {
            let request = Request::ListStatements;
            desk.pages::<StatementRow>(pages, request).await
        }
        Command::Show { statement_no } => {
            let request = Request::ShowStatement { statement_no };
            desk.show(request, text).await
        }
        Command::Publish {
            date,
            agent,
            dialect,
            kind,
        } => {
            let request = Request::PublishStatements(Publishing {
                date,
                agent,
                dialect,
                kind,
            });
            let rows: Vec<PublishedRow> = desk.ask(request).await?;
            desk.rows(&rows)
        }
    }
}

fn text(view: &StatementView) -> String {
    let sums = &view.sums;
    let totals = format!(
        "  {} rows; in {} fen less fees {}; back {} fen less fees {}; net {} fen",
        sums.rows,
        sums.in_fen,
        sums.in_fee_fen,
        sums.out_fen,
        sums.out_fee_fen,
        sums.net_fen()
    );
    let statement = table(std::slice::from_ref(&view.statement));
    [statement, totals, table(&view.timeline)].join("\n")
}
