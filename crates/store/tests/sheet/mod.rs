//! What an export is written into, and nobody who watches.
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use heliu_store::moving::Progress;

/// What an export is written into.
#[derive(Clone, Default)]
pub(crate) struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    /// What was written.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("whole").clone()
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Does not watch.
pub(crate) struct Unwatched;

impl Progress for Unwatched {
    fn begin(&mut self, _rows: u64) {}

    fn advance(&mut self, _table: &str, _rows: u64) {}
}
