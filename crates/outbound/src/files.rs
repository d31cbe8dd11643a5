//! Whether the process is out of files, in which a connection counts (reliability row A9).

use std::fs::File;
use std::io;

/// No more for this process; no more for this machine.
const SHORTAGES: [i32; 2] = [24, 23];

/// An error, in words, if no file can be opened now.
pub(crate) fn check() -> Result<(), String> {
    match File::open("/dev/null") {
        Err(cause) if is_one(&cause) => Err(format!(
            "no file is free for a connection (raise LimitNOFILE, or ulimit -n): {cause}"
        )),
        _ => Ok(()),
    }
}

/// Whether an error is, or comes of, such a shortage.
pub(crate) fn is_shortage(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(is_one) {
            return true;
        }
        next = error.source();
    }
    false
}

fn is_one(error: &io::Error) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| SHORTAGES.contains(&code))
}
