//! Names of signature readings, read back as the constants that they were.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Dialects name a few readings each; more names than this do not come from this program.
const NAMES_MAX: usize = 256;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The name as a constant. Each different name is kept once for the life of the process, at most
/// [`NAMES_MAX`] of them.
pub(crate) fn constant(name: &str) -> &'static str {
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    if names.len() >= NAMES_MAX {
        return "another reading";
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}
