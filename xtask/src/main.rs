//! Code upkeep: `cargo xtask tidy` checks the habits of the house that no compiler checks.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks on its outputs"
)]

mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str =
    "usage: cargo xtask tidy [FOLDER]   check the house rules (default: this workspace)";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("tidy") => run_tidy(&arguments.next().map_or_else(workspace, PathBuf::from)),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

fn run_tidy(root: &Path) -> ExitCode {
    let tree = match tidy::Tree::read(root) {
        Ok(tree) => tree,
        Err(problem) => {
            eprintln!("tidy: cannot read {}: {problem}", root.display());
            return ExitCode::from(2);
        }
    };
    let findings = tidy::check(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files, nothing to say", tree.files.len());
        ExitCode::SUCCESS
    } else {
        println!(
            "tidy: {} findings in {} files",
            findings.len(),
            tree.files.len()
        );
        ExitCode::FAILURE
    }
}
