//! Asks again and again, within bounds.

use std::time::Duration;

/// Until `probe` has an answer.
pub(crate) async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    const TRIES: u32 = 1200;
    for _ in 0..TRIES {
        if let Some(found) = probe().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    unreachable!("did not come about within {TRIES} tries: {what}");
}
