//! A progress bar on a terminal; nothing where nobody looks.

use heliu_store::moving::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

const TEMPLATE: &str = "{msg:<16} {wide_bar} {human_pos} of {human_len} rows, {eta} left";

/// The bar. It stands on standard error, so that standard output can be the file.
#[derive(Clone)]
pub(super) struct Bar {
    bar: ProgressBar,
    begun_at: Instant,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            bar,
            begun_at: Instant::now(),
        }
    }

    /// Takes it away; how long it took and how fast that was.
    pub(super) fn end(&self, rows: u64) -> String {
        self.bar.finish_and_clear();
        let took_ms = u64::try_from(self.begun_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        let per_second = rows.saturating_mul(1000) / took_ms.max(1);
        let (seconds, tenths) = (took_ms / 1000, took_ms % 1000 / 100);
        format!("{seconds}.{tenths} s, {per_second} rows a second")
    }
}

impl Progress for Bar {
    fn begin(&mut self, rows: u64) {
        self.bar.set_length(rows);
    }

    fn advance(&mut self, table: &str, rows: u64) {
        if self.bar.message() != table {
            self.bar.set_message(table.to_owned());
        }
        self.bar.inc(rows);
    }
}
