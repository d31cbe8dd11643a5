//! What goes to the terminal: data to standard output, failures to standard error.

use std::io::Write;
use std::process::ExitCode;

use crate::failure::Failure;

/// Shows a command's data. A reader that has seen enough, such as `head`, is no failure.
pub(crate) fn show(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// Shows what a command has to say where its data is standard output.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Shows why a command failed.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {failure}");
    ExitCode::FAILURE
}
