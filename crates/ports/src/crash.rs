//! Numbered crash points: places where a test kills the real process.
//!
//! Armed only over a sandbox's books, by number; otherwise a point costs one relaxed load. The
//! process aborts, so nothing is flushed, closed or answered, as with `kill -9`.

use std::sync::Once;
use std::sync::atomic::{AtomicI64, Ordering};

/// Points left before the crash; 0 or below: not armed.
static LEFT: AtomicI64 = AtomicI64::new(0);

/// Whether it was armed.
static ARMED: Once = Once::new();

/// Arms the `nth` point from now on, counted from 1. Once in a process: a command that opens the
/// books several times dies at its `nth` point, not at one of each time.
pub fn arm(nth: i64) {
    ARMED.call_once(|| LEFT.store(nth, Ordering::SeqCst));
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
