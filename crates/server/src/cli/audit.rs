//! `heliu audit`

use clap::{Args, Subcommand};
use heliu_office::paging::Between;
use heliu_trade::followup::audit::{AuditEntry, AuditLink};

use super::arguments::Time;
use super::desk::Desk;
use crate::admin::{AuditQuery, Request};
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Who did what, newest first
    List(Wanted),
    /// Check that no row was altered or taken out; the first one that was is named
    Check,
}

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Only what this person did
    #[arg(long)]
    actor: Option<String>,
    /// Only what was done with this, such as "merchant M1"
    #[arg(long)]
    subject: Option<String>,
    /// Only this act, such as merchants.add
    #[arg(long)]
    action: Option<String>,
    #[command(flatten)]
    time: Time,
    /// Only rows before this one: the next page
    #[arg(long, value_name = "SEQ")]
    before: Option<u64>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    size: u32,
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List(wanted) => {
            let Between { from, until } = wanted.time.between()?;
            let query = AuditQuery {
                since: from,
                until,
                actor: wanted.actor,
                subject: wanted.subject,
                action: wanted.action,
                before_seq: wanted.before,
                limit: wanted.size,
            };
            desk.list::<AuditEntry>(Request::ListAudit(query)).await
        }
        Command::Check => {
            desk.tell(Request::CheckAudit, |end: &AuditLink| match end.seq {
                0 => "the record is empty".to_owned(),
                seq => format!(
                    "the record holds: {seq} rows; the last one's digest is {}\n\
                     written down elsewhere, it shows later whether rows were cut off",
                    end.hash
                ),
            })
            .await
        }
    }
}
