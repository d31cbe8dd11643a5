//! `heliu`: the only place that knows every concrete part and puts them together.

mod admin;
mod cli;
mod config;
mod demo;
mod failure;
mod folder;
mod health;
mod lifecycle;
mod platform;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
