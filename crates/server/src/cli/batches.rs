//! `heliu batches`

use clap::Subcommand;
use heliu_office::payouts::{BatchRow, BatchView, BatchesAsked, Sent};
use heliu_trade::money::yuan_text;

use super::batch_files;
use super::desk::{Desk, Pages, table};
use crate::admin::PayoutRequest as Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Batches of bills, newest first
    List {
        /// In this state: drafted, submitted, approved, sending, done, rejected, expired or void
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// One batch: its bills and what happened
    Show {
        /// Our number of it
        batch_no: String,
    },
    /// Propose that a batch is sent; another person lets it pass
    Submit {
        /// Our number of it
        batch_no: String,
    },
    /// Send what another person has let pass by now
    Send,
    #[command(flatten)]
    Files(batch_files::Command),
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { state, pages } => {
            let asked = BatchesAsked { state };
            let request = |part| Request::ListBatches(asked.clone(), part).into();
            desk.pages::<BatchRow>(pages, request).await
        }
        Command::Show { batch_no } => desk.show(Request::ShowBatch { batch_no }, text).await,
        Command::Submit { batch_no } => {
            let request = Request::SubmitBatch { batch_no };
            desk.tell(request, submitted).await
        }
        Command::Send => desk.tell(Request::SendBatches, sent).await,
        Command::Files(command) => batch_files::run(desk, command).await,
    }
}

fn text(view: &BatchView) -> String {
    let BatchView {
        batch,
        lines,
        timeline,
    } = view;
    let hash = format!("  hash {}", batch.hash);
    [
        table(std::slice::from_ref(batch)),
        hash,
        table(lines),
        table(timeline),
    ]
    .join("\n")
}

fn submitted(batch: &BatchRow) -> String {
    let BatchRow {
        batch_no,
        bills,
        sum_fen,
        approval_no,
        ..
    } = batch;
    let sum = yuan_text(*sum_fen);
    let approval_no = approval_no.as_deref().unwrap_or_default();
    format!(
        "batch {batch_no} of {bills} bills, {sum} in all, is submitted; another person lets it \
         pass: heliu approvals approve {approval_no}"
    )
}

fn sent(run: &Sent) -> String {
    let Sent {
        sent,
        waiting,
        failed,
    } = run;
    let mut lines = vec![format!(
        "{sent} bills sent; {waiting} batches wait for another person"
    )];
    lines.extend(
        failed
            .iter()
            .map(|(what, why)| format!("  {}: {}", escaped_line(what), escaped_line(why))),
    );
    lines.join("\n")
}
