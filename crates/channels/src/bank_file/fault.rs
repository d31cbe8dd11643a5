//! Faults of a file, gathered with their places.

use heliu_ports::channel::FileFault;

/// So many faults are told of one file.
const TOLD_MAX: usize = 20;

/// What is wrong so far.
#[derive(Default)]
pub(super) struct Faults(Vec<FileFault>);

impl Faults {
    /// Adds one, as long as there is room.
    pub(super) fn add(&mut self, line: usize, field: &str, problem: impl Into<String>) {
        if self.0.len() < TOLD_MAX {
            self.0.push(fault(line, field, problem));
        }
    }

    /// Adds it if there is one.
    pub(super) fn take<T>(&mut self, found: Result<T, FileFault>) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err(fault) => {
                self.add(fault.line, &fault.field, fault.problem);
                None
            }
        }
    }

    /// What was made, unless something is wrong.
    pub(super) fn or<T>(self, made: T) -> Result<T, Vec<FileFault>> {
        if self.0.is_empty() {
            Ok(made)
        } else {
            Err(self.0)
        }
    }
}

/// One fault.
pub(super) fn fault(line: usize, field: &str, problem: impl Into<String>) -> FileFault {
    FileFault {
        line,
        field: field.to_owned(),
        problem: problem.into(),
    }
}
