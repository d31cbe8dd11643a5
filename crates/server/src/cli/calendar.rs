//! `heliu calendar`

use std::path::PathBuf;

use clap::Subcommand;
use heliu_office::calendar::KnownYears;

use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, tell};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The years whose holidays are known, and where they are from
    List,
    /// Put the years of a table in the place of those that stand: a line a year, such as
    /// 2027 off 0101-0103 0501 work 0104
    Import {
        /// The table
        file: PathBuf,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List => {
            let known: KnownYears = desk.ask(Request::ListCalendar).await?;
            if let Some(notice) = &known.notice {
                tell(notice);
            }
            desk.rows(&known.years)
        }
        Command::Import { file } => {
            let table = std::fs::read_to_string(&file).map_err(|cause| {
                Failure::new(format!("{} cannot be read: {cause}", file.display()))
            })?;
            let request = Request::ImportCalendar { table };
            desk.tell(request, |years: &Vec<i16>| imported(years)).await
        }
    }
}

fn imported(years: &[i16]) -> String {
    let years: Vec<String> = years.iter().map(ToString::to_string).collect();
    format!("holidays of {} are imported", years.join(", "))
}
