//! `heliu`: the only place that knows every concrete part and puts them together.

mod admin;
mod books_store;
mod cli;
mod config;
mod demo;
mod failure;
mod folder;
mod health;
mod lifecycle;
mod logs;
mod mode;
mod moving;
mod open_files;
mod platform;
mod secret_file;
mod stop;
mod system_user;
mod terminal;

use std::process::ExitCode;

/// Several times less processor time than the system's, and it gives memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Books, keys, exports, the socket: whatever is made, wherever, is nobody else's.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    cli::run()
}
