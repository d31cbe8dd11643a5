//! Numbered crash points: places where a test kills the real process.
//!
//! Armed only in sandbox mode, by number; otherwise a point costs one relaxed load. The process
//! aborts, so nothing is flushed, closed or answered, as with `kill -9`.

use std::sync::atomic::{AtomicI64, Ordering};

/// Points left before the crash; 0 or below: not armed.
static LEFT: AtomicI64 = AtomicI64::new(0);

/// Arms the `nth` point from now on, counted from 1.
pub fn arm(nth: i64) {
    LEFT.store(nth, Ordering::SeqCst);
}

/// A point. `name` says where, on standard error, when the process dies here.
#[expect(
    clippy::print_stderr,
    reason = "the last words of a process that is about to abort"
)]
pub fn point(name: &str) {
    if LEFT.load(Ordering::Relaxed) > 0 && LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
        eprintln!("crash point reached: {name}");
        std::process::abort();
    }
}
