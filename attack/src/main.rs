//! `make attack`: what strangers and careless merchants have done to platforms, done to this one
//! again.
//!
//! Each attack starts `heliu demo` or `heliu serve` in a folder of its own, on free ports of the
//! loopback, does its worst for some seconds, and prints one line: what was measured, and what is
//! allowed. One that goes beyond it makes the exit code 1. Addresses such as 127.0.0.2 play other
//! machines, which Linux lets one do.
//!
//! A further attack is a file in `attacks/` and a line in its list.
#![expect(clippy::print_stdout, reason = "the figures")]

mod attacks;
mod figures;
mod http;
mod platform;
mod till;
mod trouble;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::trouble::Trouble;

/// Attacks the platform, on this machine only.
#[derive(Debug, Parser)]
struct Options {
    /// Only attacks whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// The program; the one beside this one if absent
    #[arg(long)]
    heliu: Option<PathBuf>,
}

fn main() -> Result<ExitCode, Trouble> {
    let options = Options::parse();
    // Some attacks are many connections; where the limit is low they are fewer.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let heliu = match options.heliu {
        Some(heliu) => heliu,
        None => std::env::current_exe()?.with_file_name("heliu"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut is_well = true;
    for attack in attacks::ALL {
        let is_wanted = |only: &String| attack.name.contains(only.as_str());
        if !options.only.as_ref().is_none_or(is_wanted) {
            continue;
        }
        let figures = runtime.block_on((attack.run)(heliu.clone()));
        let line = match figures {
            Ok(figures) => {
                is_well &= figures.are_within();
                figures.to_string()
            }
            Err(trouble) => {
                is_well = false;
                format!("EXCEEDED  it went wrong: {trouble}")
            }
        };
        println!("{:<24}{line}", attack.name);
    }
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
