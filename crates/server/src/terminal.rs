//! What goes to the terminal: data to standard output, failures to standard error.

use std::process::ExitCode;

use crate::failure::Failure;

/// Shows a command's data.
#[expect(clippy::print_stdout, reason = "the command's data")]
pub(crate) fn show(text: &str) {
    if !text.is_empty() {
        println!("{text}");
    }
}

/// Shows why a command failed.
#[expect(clippy::print_stderr, reason = "the command's failure")]
pub(crate) fn report(failure: &Failure) -> ExitCode {
    eprintln!("error: {failure}");
    ExitCode::FAILURE
}
